package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// Rows of floats somewhere in memory; all in bytes.
///
/// @param row from one row to the next
/// @param step from one element of a row to the next
record Rows(int slot, long offset, long row, long step) {
    /// The rows `view[a, b…, c, :]`.
    static Rows of(View view, int a, int b, int c) {
        long[] s = view.strides();
        return new Rows(
                view.slot(),
                view.offset() + (a * s[0] + b * s[1] + c * s[2]) * Float.BYTES,
                s[1] * Float.BYTES,
                s[3] * Float.BYTES);
    }

    /// The numbers `view[a, b, c…]` as one row.
    static Rows ofNumbers(View view, int a, int b, int c) {
        long[] s = view.strides();
        long offset = view.offset() + (a * s[0] + b * s[1] + c * s[2]) * Float.BYTES;
        return new Rows(view.slot(), offset, 0, s[2] * Float.BYTES);
    }

    /// Copies rows into a workspace, times a factor and padded with zeros to `wide` elements.
    void pack(Memory memory, MemorySegment ws, int rows, int width, long to, int wide, float factor) {
        VectorAttentionTiles.pack(memory.slot(slot), offset, row, step, rows, width, ws, to, wide, factor);
    }

    /// Copies rows of `wide` elements out of a workspace, times a factor; rows here are contiguous.
    void store(Memory memory, MemorySegment ws, long from, int wide, int rows, int width, float factor) {
        VectorAttentionTiles.store(ws, from, wide, rows, width, factor, memory.slot(slot), offset, row);
    }
}
