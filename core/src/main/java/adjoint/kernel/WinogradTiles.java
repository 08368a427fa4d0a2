package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;

import java.lang.foreign.MemorySegment;

/// How a convolution with kernels of 3 x 3 or 5 x 5 is cut into tiles of 4 x 4 or 2 x 2 outputs, which read 6 x 6 inputs, and
/// blocks of tiles: in rows, image after image.
///
/// @param side outputs of a tile along each axis
/// @param images in the batch
/// @param height of what is read
/// @param width of what is read
/// @param beforeDown zeros above it
/// @param beforeAlong zeros to its left
/// @param outHeight of what the windows make of it
/// @param outWidth of what the windows make of it
/// @param in channels that are read
/// @param out channels that are made
/// @param blockSize tiles in a block
record WinogradTiles(
        int side,
        int images,
        int height,
        int width,
        int beforeDown,
        int beforeAlong,
        int outHeight,
        int outWidth,
        int in,
        int out,
        int blockSize) {
    private static final int F = Float.BYTES;

    /// Inputs of a tile along each axis, and numbers in the transformed space.
    static final int REACH = 6;

    /// Numbers of a tile in the transformed space, for each channel.
    static final int PLANES = REACH * REACH;

    /// The most vectors that a tile of a product takes: with two, loads already keep up with multiply-adds.
    static final int VECTORS = 2;

    /// The most terms of a sum that are added in registers.
    static final int DEPTH = 256;

    private static final int BYTES = LANES * F;

    /// What a block has in the transformed space shall stay in the second cache, if that is not too few tiles for a product
    /// (for the kernel's adjoint see there).
    private static final int BLOCK_BYTES = 256 << 10;

    static final int FEWEST = 16;
    static final int MOST = 64;

    /// Channels from which the multiplications saved are worth the transforms.
    private static final int CHANNELS = 32;

    /// Tiles from which the kernel's own transform hardly counts.
    private static final int TILES = 128;

    /// How many times the outputs there are, at most, tiles may cover.
    private static final double MOST_WASTE = 1.6;

    /// Weights in the transformed space shall not be much for the third cache.
    private static final long KERNEL_BYTES = 16 << 20;

    /// Whether the step is a convolution for which tiles are worth their transforms: 3 x 3 or 5 x 5, one after the other, of many
    /// channels that fill vectors.
    static boolean take(Step.Convolution s) {
        if (s.x().type() != DType.FLOAT32 || s.stride().length != 2 || s.groups() != 1) {
            return false;
        }
        int[] w = s.w().dims();
        if (w[0] != w[1] || w[0] != 3 && w[0] != 5) {
            return false;
        }
        int side = side(s);
        int[] y = s.y().dims();
        int[] x = s.x().dims();
        int[] goal = s.target() == Step.Convolution.Operand.X ? x : y;
        long pixels = (long) goal[0] * goal[1] * goal[2];
        long tiles = (long) goal[0] * Math.ceilDiv(goal[1], side) * Math.ceilDiv(goal[2], side);
        return s.stride()[0] == 1
                && s.stride()[1] == 1
                && s.dilation()[0] == 1
                && s.dilation()[1] == 1
                && hasFullWindows(s, 0)
                && hasFullWindows(s, 1)
                && Math.min(w[2], w[3]) >= CHANNELS
                && w[2] % LANES == 0
                && w[3] % LANES == 0
                && (long) w[2] * w[3] * PLANES * F <= KERNEL_BYTES
                && tiles >= TILES
                && tiles * side * side <= MOST_WASTE * pixels
                && pixels < Integer.MAX_VALUE
                && s.x().size() > 0
                && s.y().size() > 0;
    }

    private static int side(Step.Convolution s) {
        return REACH + 1 - s.w().dims()[0];
    }

    // No window lies in zeros alone, be it of x or, turned around, of y: there a tile's roundings would be seen.
    private static boolean hasFullWindows(Step.Convolution s, int axis) {
        int before = s.before()[axis];
        int most = s.w().dims()[axis] - 1;
        int x = s.x().dims()[axis + 1];
        int y = s.y().dims()[axis + 1];
        boolean back = s.target() == Step.Convolution.Operand.X;
        return before >= 0 && before <= most && y <= x + before && (!back || x <= y + most - before);
    }

    /// Of the convolution from x to y.
    static WinogradTiles forward(Step.Convolution s) {
        return of(side(s), s.x(), s.y(), s.before()[0], s.before()[1]);
    }

    /// Of its adjoint with respect to x: a convolution of y with the kernel turned around.
    static WinogradTiles adjoint(Step.Convolution s) {
        int most = REACH - side(s);
        return of(side(s), s.y(), s.x(), most - s.before()[0], most - s.before()[1]);
    }

    private static WinogradTiles of(int side, View from, View to, int beforeDown, int beforeAlong) {
        int[] x = from.dims();
        int[] y = to.dims();
        int fitting = BLOCK_BYTES / (PLANES * F * (x[3] + y[3])) / ROWS * ROWS;
        int block = Math.clamp(fitting, FEWEST, MOST);
        return new WinogradTiles(side, x[0], x[1], x[2], beforeDown, beforeAlong, y[1], y[2], x[3], y[3], block);
    }

    /// The same in blocks of so many tiles.
    WinogradTiles inBlocks(int size) {
        return new WinogradTiles(
                side, images, height, width, beforeDown, beforeAlong, outHeight, outWidth, in, out, size);
    }

    /// Bytes of the weights of one plane.
    long weightPlane() {
        return (long) in * out * F;
    }

    /// Elements of the kernel along each axis.
    int taps() {
        return REACH + 1 - side;
    }

    int along() {
        return Math.ceilDiv(outWidth, side);
    }

    int inImage() {
        return Math.ceilDiv(outHeight, side) * along();
    }

    int count() {
        return images * inImage();
    }

    int blocks() {
        return Math.ceilDiv(count(), blockSize());
    }

    /// Bytes from one plane of a block to the next; not a power of two, which would crowd a few sets of the caches.
    long plane(int channels) {
        return (long) blockSize() * channels * F + 64;
    }

    /// Bytes that [#input], [#output] and [#outputAdjoint] need for themselves: a patch of pixels, and a tile half transformed.
    long roomBytes() {
        return (long) PLANES * Math.max(in, out) * F + (long) PLANES * BYTES;
    }

    /// Takes the inputs of a block's tiles into the transformed space.
    ///
    /// @param room see [#roomBytes()]
    /// @param to the first plane
    void input(MemorySegment from, long first, int block, MemorySegment work, long room, long to) {
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        long pixel = (long) in * F;
        long half = room + PLANES * pixel;
        long plane = plane(in);
        for (int tile = start; tile < end; tile++) {
            int inImage = tile % inImage();
            int top = inImage / along() * side - beforeDown;
            int left = inImage % along() * side - beforeAlong;
            long row = width * pixel;
            long at = first + ((long) (tile / inImage()) * height + top) * row + left * pixel;
            MemorySegment source = from;
            if (top < 0 || top + REACH > height || left < 0 || left + REACH > width) {
                patch(from, at, top, left, height, width, REACH, in, work, room);
                source = work;
                at = room;
                row = REACH * pixel;
            }
            long goal = to + (tile - start) * pixel;
            for (long c = 0; c < pixel; c += BYTES) {
                WinogradTransforms.input(REACH, source, at + c, row, pixel, work, half, REACH * BYTES, BYTES);
                WinogradTransforms.input(REACH, work, half, BYTES, REACH * BYTES, work, goal + c, plane, REACH * plane);
            }
        }
    }

    /// Takes a block's tiles out of the transformed space.
    void output(MemorySegment work, long from, int block, long room, MemorySegment to, long first) {
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        long pixel = (long) out * F;
        long half = room + PLANES * pixel;
        long plane = plane(out);
        for (int tile = start; tile < end; tile++) {
            int inImage = tile % inImage();
            int top = inImage / along() * side;
            int left = inImage % along() * side;
            long row = outWidth * pixel;
            long goal = first + ((long) (tile / inImage()) * outHeight + top) * row + left * pixel;
            boolean whole = top + side <= outHeight && left + side <= outWidth;
            MemorySegment target = whole ? to : work;
            long targetRow = whole ? row : side * pixel;
            long at = from + (tile - start) * pixel;
            for (long c = 0; c < pixel; c += BYTES) {
                WinogradTransforms.output(
                        side, REACH, work, at + c, plane, REACH * plane, work, half, BYTES, REACH * BYTES);
                WinogradTransforms.output(
                        side,
                        side,
                        work,
                        half,
                        REACH * BYTES,
                        BYTES,
                        target,
                        (whole ? goal : room) + c,
                        targetRow,
                        pixel);
            }
            for (int i = 0; !whole && i < side * side; i++) {
                if (top + i / side < outHeight && left + i % side < outWidth) {
                    long place = goal + i / side * row + i % side * pixel;
                    WinogradTransforms.pixel(work, room + i * pixel, true, to, place, out / LANES);
                }
            }
        }
    }

    /// Takes the outputs of a block's tiles into the transformed space, as [#output]'s adjoint does.
    void outputAdjoint(MemorySegment from, long first, int block, MemorySegment work, long room, long to) {
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        long pixel = (long) out * F;
        long half = room + PLANES * pixel;
        long plane = plane(out);
        for (int tile = start; tile < end; tile++) {
            int inImage = tile % inImage();
            int top = inImage / along() * side;
            int left = inImage % along() * side;
            long row = outWidth * pixel;
            long at = first + ((long) (tile / inImage()) * outHeight + top) * row + left * pixel;
            MemorySegment source = from;
            if (top + side > outHeight || left + side > outWidth) {
                patch(from, at, top, left, outHeight, outWidth, side, out, work, room);
                source = work;
                at = room;
                row = side * pixel;
            }
            long goal = to + (tile - start) * pixel;
            for (long c = 0; c < pixel; c += BYTES) {
                WinogradTransforms.outputAdjoint(
                        side, side, source, at + c, row, pixel, work, half, REACH * BYTES, BYTES);
                WinogradTransforms.outputAdjoint(
                        side, REACH, work, half, BYTES, REACH * BYTES, work, goal + c, plane, REACH * plane);
            }
        }
    }

    // A square of pixels with zeros where the image ends.
    private static void patch(
            MemorySegment from,
            long at,
            int top,
            int left,
            int height,
            int width,
            int side,
            int channels,
            MemorySegment work,
            long patch) {
        long pixel = (long) channels * F;
        for (int i = 0; i < side; i++) {
            boolean row = top + i >= 0 && top + i < height;
            for (int j = 0; j < side; j++) {
                boolean inside = row && left + j >= 0 && left + j < width;
                long source = at + ((long) i * width + j) * pixel;
                WinogradTransforms.pixel(from, source, inside, work, patch + (i * side + j) * pixel, channels / LANES);
            }
        }
    }
}
