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

    /// What is half transformed shall leave room in the first cache.
    private static final int RUN_BYTES = 32 << 10;

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

    /// Bytes that [#input], [#output] and [#outputAdjoint] need for themselves: the pixels of a run, and the run half transformed.
    long roomBytes() {
        return 2 * REACH * Math.max(stripBytes(in), stripBytes(out));
    }

    // Bytes of a row of pixels under the longest run.
    private long stripBytes(int channels) {
        return pixels(longest(channels)) * channels * F;
    }

    // Pixels in a row that so many tiles side by side read.
    private long pixels(int count) {
        return (long) count * side + REACH - side;
    }

    // Tiles of the longest run: as many as stay in the first cache half transformed, but not one alone.
    private int longest(int channels) {
        return Math.clamp(RUN_BYTES / ((long) REACH * side * channels * F), 2, Math.max(2, along()));
    }

    // Tiles side by side that are transformed together, from the given one on; top and left are of their outputs.
    private record Run(int count, int image, int top, int left) {}

    private Run run(int tile, int end, int channels) {
        int column = tile % along();
        int count = Math.min(Math.min(longest(channels), end - tile), along() - column);
        return new Run(count, tile / inImage(), tile % inImage() / along() * side, column * side);
    }

    // Of a run's tiles and their vectors of channels, the more numerous go in a transform's own loop (lines), the
    // others around
    // it (times); strides in bytes, of half transformed rows and of planes.
    private record Loops(int lines, int times, long line, long next, long planeLine, long planeNext) {
        static Loops of(int count, int channels, int side) {
            int vectors = channels / LANES;
            long pixel = (long) channels * F;
            return vectors < count
                    ? new Loops(count, vectors, side * pixel, BYTES, pixel, BYTES)
                    : new Loops(vectors, count, BYTES, side * pixel, BYTES, pixel);
        }
    }

    /// Takes the inputs of a block's tiles into the transformed space.
    ///
    /// @param room see [#roomBytes()]
    /// @param to the first plane
    void input(MemorySegment from, long first, int block, MemorySegment work, long room, long to) {
        long pixel = (long) in * F;
        long strip = stripBytes(in);
        long half = room + REACH * strip;
        long plane = plane(in);
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        Run run;
        for (int tile = start; tile < end; tile += run.count) {
            run = run(tile, end, in);
            int top = run.top - beforeDown;
            int left = run.left - beforeAlong;
            int read = (int) pixels(run.count);
            int blank = Math.clamp(-left, 0, read);
            int there = Math.clamp(width - left, blank, read) - blank;
            long row = width * pixel;
            long at = first + ((long) run.image * height + top) * row + (left + blank) * pixel;
            MemorySegment source = from;
            if (top < 0 || top + REACH > height) {
                patch(from, at, row, -top, height - top, REACH, there * pixel, work, room, strip);
                source = work;
                at = room;
                row = strip;
            }
            int vectors = in / LANES;
            WinogradTransforms.input(there * vectors, source, at, BYTES, row, work, half + blank * pixel, BYTES, strip);
            border(work, half, strip, blank * pixel, there * pixel, read * pixel);
            Loops loops = Loops.of(run.count, in, side);
            for (int i = 0; i < REACH; i++) {
                long line = half + i * strip;
                long goal = to + (tile - start) * pixel + i * REACH * plane;
                for (int j = 0; j < loops.times; j++) {
                    WinogradTransforms.input(
                            loops.lines,
                            work,
                            line + j * loops.next,
                            loops.line,
                            pixel,
                            work,
                            goal + j * loops.planeNext,
                            loops.planeLine,
                            plane);
                }
            }
        }
    }

    /// Takes a block's tiles out of the transformed space.
    void output(MemorySegment work, long from, int block, long room, MemorySegment to, long first) {
        long pixel = (long) out * F;
        long strip = stripBytes(out);
        long half = room + REACH * strip;
        long plane = plane(out);
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        Run run;
        for (int tile = start; tile < end; tile += run.count) {
            run = run(tile, end, out);
            Loops loops = Loops.of(run.count, out, side);
            for (int i = 0; i < REACH; i++) {
                long at = from + (tile - start) * pixel + i * REACH * plane;
                long line = half + i * strip;
                for (int j = 0; j < loops.times; j++) {
                    WinogradTransforms.output(
                            side,
                            loops.lines,
                            work,
                            at + j * loops.planeNext,
                            loops.planeLine,
                            plane,
                            work,
                            line + j * loops.next,
                            loops.line,
                            pixel);
                }
            }
            long row = outWidth * pixel;
            long goal = first + ((long) run.image * outHeight + run.top) * row + run.left * pixel;
            int there = Math.min(run.count * side, outWidth - run.left);
            int vectors = there * (out / LANES);
            if (run.top + side <= outHeight) {
                WinogradTransforms.output(side, vectors, work, half, BYTES, strip, to, goal, BYTES, row);
                continue;
            }
            WinogradTransforms.output(side, vectors, work, half, BYTES, strip, work, room, BYTES, strip);
            for (int i = 0; run.top + i < outHeight; i++) {
                MemorySegment.copy(work, room + i * strip, to, goal + i * row, there * pixel);
            }
        }
    }

    /// Takes the outputs of a block's tiles into the transformed space, as [#output]'s adjoint does.
    void outputAdjoint(MemorySegment from, long first, int block, MemorySegment work, long room, long to) {
        long pixel = (long) out * F;
        long strip = stripBytes(out);
        long half = room + REACH * strip;
        long plane = plane(out);
        int start = block * blockSize();
        int end = Math.min(start + blockSize(), count());
        Run run;
        for (int tile = start; tile < end; tile += run.count) {
            run = run(tile, end, out);
            int there = Math.min(run.count * side, outWidth - run.left);
            long row = outWidth * pixel;
            long at = first + ((long) run.image * outHeight + run.top) * row + run.left * pixel;
            MemorySegment source = from;
            if (run.top + side > outHeight) {
                patch(from, at, row, 0, outHeight - run.top, side, there * pixel, work, room, strip);
                source = work;
                at = room;
                row = strip;
            }
            int vectors = there * (out / LANES);
            WinogradTransforms.outputAdjoint(side, vectors, source, at, BYTES, row, work, half, BYTES, strip);
            border(work, half, strip, 0, there * pixel, run.count * side * pixel);
            Loops loops = Loops.of(run.count, out, side);
            for (int i = 0; i < REACH; i++) {
                long line = half + i * strip;
                long goal = to + (tile - start) * pixel + i * REACH * plane;
                for (int j = 0; j < loops.times; j++) {
                    WinogradTransforms.outputAdjoint(
                            side,
                            loops.lines,
                            work,
                            line + j * loops.next,
                            loops.line,
                            pixel,
                            work,
                            goal + j * loops.planeNext,
                            loops.planeLine,
                            plane);
                }
            }
        }
    }

    // Rows of pixels, with zeros for those before `from` and from `end` on.
    private static void patch(
            MemorySegment source,
            long at,
            long row,
            int from,
            int end,
            int rows,
            long bytes,
            MemorySegment work,
            long patch,
            long strip) {
        for (int i = 0; i < rows; i++) {
            if (i >= from && i < end) {
                MemorySegment.copy(source, at + i * row, work, patch + i * strip, bytes);
            } else {
                work.asSlice(patch + i * strip, bytes).fill((byte) 0);
            }
        }
    }

    // Zeros to the left and right of what is there of the half transformed rows.
    private static void border(MemorySegment work, long half, long strip, long before, long there, long end) {
        for (int i = 0; i < REACH && there < end; i++) {
            work.asSlice(half + i * strip, before).fill((byte) 0);
            work.asSlice(half + i * strip + before + there, end - before - there).fill((byte) 0);
        }
    }
}
