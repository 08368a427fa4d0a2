package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;

import java.lang.foreign.MemorySegment;

/// How a convolution with kernels of 3 x 3 is cut into tiles of 2 x 2 outputs, and blocks of tiles: in rows, image after image.
///
/// @param images in the batch
/// @param height of what is read
/// @param width of what is read
/// @param beforeDown zeros above it
/// @param beforeAlong zeros to its left
/// @param outHeight of what the windows make of it
/// @param outWidth of what the windows make of it
/// @param in channels that are read
/// @param out channels that are made
record WinogradTiles(
        int images,
        int height,
        int width,
        int beforeDown,
        int beforeAlong,
        int outHeight,
        int outWidth,
        int in,
        int out) {
    private static final int F = Float.BYTES;

    /// Numbers of a tile in the transformed space, for each channel.
    static final int PLANES = 16;

    /// The most vectors that a tile of a product takes: with two, loads already keep up with multiply-adds.
    static final int VECTORS = 2;

    /// The most terms of a sum that are added in registers.
    static final int DEPTH = 256;

    /// What a block has in the transformed space shall stay in the second cache.
    private static final int BLOCK_BYTES = 256 << 10;

    private static final int FEWEST = 32;
    private static final int MOST = 128;

    /// Channels from which the multiplications saved are worth the transforms: with 32 there is little in it, with 16 the direct
    /// way is faster.
    private static final int CHANNELS = 64;

    /// Tiles from which the kernel's own transform hardly counts.
    private static final int TILES = 512;

    /// Weights in the transformed space shall not be much for the third cache.
    private static final long KERNEL_BYTES = 8 << 20;

    /// Whether the step is a convolution for which tiles are worth their transforms: 3 x 3, one after the other, of many channels
    /// that fill vectors.
    static boolean take(Step.Convolution s) {
        if (s.x().type() != DType.FLOAT32 || s.stride().length != 2 || s.groups() != 1) {
            return false;
        }
        int[] w = s.w().dims();
        int[] y = s.y().dims();
        int[] x = s.x().dims();
        int[] goal = s.target() == Step.Convolution.Operand.X ? x : y;
        return w[0] == 3
                && w[1] == 3
                && s.stride()[0] == 1
                && s.stride()[1] == 1
                && s.dilation()[0] == 1
                && s.dilation()[1] == 1
                && Math.min(w[2], w[3]) >= CHANNELS
                && w[2] % LANES == 0
                && w[3] % LANES == 0
                && (long) w[2] * w[3] * PLANES * F <= KERNEL_BYTES
                && (long) goal[0] * (goal[1] / 2) * (goal[2] / 2) >= TILES
                && (long) goal[0] * goal[1] * goal[2] < Integer.MAX_VALUE;
    }

    /// Of the convolution from x to y.
    static WinogradTiles forward(Step.Convolution s) {
        return of(s.x(), s.y(), s.before()[0], s.before()[1]);
    }

    /// Of its adjoint with respect to x: a convolution of y with the kernel turned around.
    static WinogradTiles adjoint(Step.Convolution s) {
        return of(s.y(), s.x(), 2 - s.before()[0], 2 - s.before()[1]);
    }

    private static WinogradTiles of(View from, View to, int beforeDown, int beforeAlong) {
        int[] x = from.dims();
        int[] y = to.dims();
        return new WinogradTiles(x[0], x[1], x[2], beforeDown, beforeAlong, y[1], y[2], x[3], y[3]);
    }

    int along() {
        return Math.ceilDiv(outWidth, 2);
    }

    int inImage() {
        return Math.ceilDiv(outHeight, 2) * along();
    }

    int count() {
        return images * inImage();
    }

    /// Tiles in a block.
    int blockSize() {
        int fitting = BLOCK_BYTES / (PLANES * F * (in + out)) / ROWS * ROWS;
        return Math.clamp(fitting, FEWEST, MOST);
    }

    int blocks() {
        return Math.ceilDiv(count(), blockSize());
    }

    /// Bytes from one plane of a block to the next; not a power of two, which would crowd a few sets of the caches.
    long plane(int channels) {
        return (long) blockSize() * channels * F + 64;
    }

    /// Takes the inputs of a block's tiles into the transformed space.
    ///
    /// @param patch room for 16 pixels
    /// @param to the first plane
    void input(MemorySegment from, long first, int block, MemorySegment work, long patch, long to) {
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        long pixel = (long) in * F;
        long row = width * pixel;
        int vectors = in / LANES;
        for (int tile = start; tile < end; tile++) {
            int inImage = tile % inImage();
            int top = inImage / along() * 2 - beforeDown;
            int left = inImage % along() * 2 - beforeAlong;
            long at = first + ((long) (tile / inImage()) * height + top) * row + left * pixel;
            long goal = to + (tile - start) * pixel;
            if (top >= 0 && top + 4 <= height && left >= 0 && left + 4 <= width) {
                WinogradTransforms.input(from, at, row, pixel, work, goal, plane(in), vectors);
            } else {
                patch(from, at, top, left, height, width, 4, in, work, patch);
                WinogradTransforms.input(work, patch, 4 * pixel, pixel, work, goal, plane(in), vectors);
            }
        }
    }

    /// Takes a block's tiles out of the transformed space.
    void output(MemorySegment work, long from, int block, long patch, MemorySegment to, long first) {
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        long pixel = (long) out * F;
        long row = outWidth * pixel;
        int vectors = out / LANES;
        for (int tile = start; tile < end; tile++) {
            int inImage = tile % inImage();
            int top = inImage / along() * 2;
            int left = inImage % along() * 2;
            long goal = first + ((long) (tile / inImage()) * outHeight + top) * row + left * pixel;
            long at = from + (tile - start) * pixel;
            if (top + 2 <= outHeight && left + 2 <= outWidth) {
                WinogradTransforms.output(work, at, plane(out), to, goal, row, pixel, vectors);
                continue;
            }
            WinogradTransforms.output(work, at, plane(out), work, patch, 2 * pixel, pixel, vectors);
            for (int i = 0; i < 4; i++) {
                if (top + i / 2 < outHeight && left + i % 2 < outWidth) {
                    WinogradTransforms.pixel(
                            work, patch + i * pixel, true, to, goal + i / 2 * row + i % 2 * pixel, vectors);
                }
            }
        }
    }

    /// Takes the outputs of a block's tiles into the transformed space, as [#output]'s adjoint does.
    void outputAdjoint(MemorySegment from, long first, int block, MemorySegment work, long patch, long to) {
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        long pixel = (long) out * F;
        long row = outWidth * pixel;
        int vectors = out / LANES;
        for (int tile = start; tile < end; tile++) {
            int inImage = tile % inImage();
            int top = inImage / along() * 2;
            int left = inImage % along() * 2;
            long at = first + ((long) (tile / inImage()) * outHeight + top) * row + left * pixel;
            long goal = to + (tile - start) * pixel;
            if (top + 2 <= outHeight && left + 2 <= outWidth) {
                WinogradTransforms.outputAdjoint(from, at, row, pixel, work, goal, plane(out), vectors);
            } else {
                patch(from, at, top, left, outHeight, outWidth, 2, out, work, patch);
                WinogradTransforms.outputAdjoint(work, patch, 2 * pixel, pixel, work, goal, plane(out), vectors);
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
