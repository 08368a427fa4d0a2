package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// How rows of an image are copied with the zeros around them, so that windows slide over them without asking where the
/// edge is. Channels last, floats.
///
/// @param height of the image
/// @param width of the image
/// @param firstRow of the image that the first window position reads; negative in the padding
/// @param firstColumn likewise
/// @param rowStep rows from one window position to the next
/// @param span rows that the windows at one position read
/// @param paddedWidth columns that are copied
record PaddedPlane(
        int height, int width, int channels, int firstRow, int firstColumn, int rowStep, int span, int paddedWidth) {
    private static final int F = Float.BYTES;

    /// For windows of the given axes, which read an image `[height, width, channels]`.
    static PaddedPlane of(int height, int width, int channels, ConvolutionAxis[] rows, ConvolutionAxis[] columns) {
        int top = ConvolutionAxis.lowest(rows);
        int left = ConvolutionAxis.lowest(columns);
        int right = ConvolutionAxis.highest(columns) + (ConvolutionAxis.longest(columns) - 1) * columns[0].stride();
        int span = ConvolutionAxis.highest(rows) - top + 1;
        return new PaddedPlane(height, width, channels, top, left, rows[0].stride(), span, right - left + 1);
    }

    /// Bytes of one row.
    long rowBytes() {
        return (long) paddedWidth * channels * F;
    }

    /// Bytes of the rows that so many window positions read.
    long bytes(int positions) {
        return ((positions - 1L) * rowStep + span) * rowBytes();
    }

    /// The offset in bytes of an element that window position 0 reads.
    long offset(int row, int column, int channel) {
        return (((long) row - firstRow) * paddedWidth + (column - firstColumn)) * channels * F + (long) channel * F;
    }

    /// Copies the rows that window positions `from … from + positions - 1` read.
    void copy(MemorySegment source, long image, int from, int positions, MemorySegment target, long at) {
        int rows = (positions - 1) * rowStep + span;
        int left = Math.clamp(-(long) firstColumn, 0, paddedWidth);
        int start = Math.max(0, firstColumn);
        int inside = Math.clamp(Math.min(width, (long) firstColumn + paddedWidth) - start, 0, paddedWidth - left);
        long leftBytes = (long) left * channels * F;
        long insideBytes = (long) inside * channels * F;
        for (int i = 0; i < rows; i++) {
            int row = firstRow + from * rowStep + i;
            long to = at + i * rowBytes();
            if (row < 0 || row >= height || inside == 0) {
                zero(target, to, rowBytes());
                continue;
            }
            zero(target, to, leftBytes);
            long here = image + ((long) row * width + start) * channels * F;
            MemorySegment.copy(source, here, target, to + leftBytes, insideBytes);
            zero(target, to + leftBytes + insideBytes, rowBytes() - leftBytes - insideBytes);
        }
    }

    private static void zero(MemorySegment target, long at, long bytes) {
        if (bytes > 0) {
            target.asSlice(at, bytes).fill((byte) 0);
        }
    }
}
