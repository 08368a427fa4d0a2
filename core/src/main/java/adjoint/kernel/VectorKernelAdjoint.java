package adjoint.kernel;

import static adjoint.kernel.VectorConvolutionTiles.ROWS;
import static adjoint.kernel.VectorConvolutionTiles.VECTORS;
import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;

import java.lang.foreign.MemorySegment;

/// The adjoint of a convolution of floats with respect to its kernel, on the Vector API: for each tap and input channel a
/// row of output channels, summed over all pixels. The tiles are those of [VectorConvolution], with the roles of the tables
/// exchanged: rows are taps, terms are pixels.
///
/// The pixels are cut into parts that are summed separately ([PartialSums]); if that is not enough for all threads, the
/// output channels are cut as well.
final class VectorKernelAdjoint implements Kernel {
    private static final int F = Float.BYTES;

    /// Pixels that are added in registers: their part of y stays in the first cache.
    private static final int DEPTH = 256;

    private static final long TASK_FLOPS = 8_000_000;
    private static final int MOST_TASKS = 16;
    private static final long MOST_PARTS_BYTES = 8 << 20;

    private final Step.Convolution step;
    private final ConvolutionShape shape;
    private final Workspaces workspaces;
    private final PaddedPlane plane;
    private final int vectors;
    private final int panels; // of all groups
    private final int rows; // of the output that are taken at once
    private final int bands;
    private final int columnTasks;
    private final PartialSums sums;
    private final int[] from; // for each tap and channel, where its pixel lies
    private final int[] to; // and its weights
    private final int[] steps; // from pixel to pixel

    VectorKernelAdjoint(Step.Convolution step, ConvolutionShape s, Workspaces workspaces) {
        this.step = step;
        this.shape = s;
        this.workspaces = workspaces;
        this.plane = PaddedPlane.of(s.height(), s.width(), s.groups() * s.c(), s.rows(), s.columns());
        this.vectors = Math.ceilDiv(s.k(), LANES);
        this.panels = Math.ceilDiv(vectors, VECTORS) * s.groups();
        int fitting = 1;
        while (fitting < s.outHeight() && plane.bytes(fitting + 1) <= VectorConvolution.BAND_BYTES) {
            fitting++;
        }
        this.bands = Math.ceilDiv(s.outHeight(), fitting);
        this.rows = Math.ceilDiv(s.outHeight(), bands);
        long bytes = Math.max(1, step.w().size() * F);
        long tasks = Math.clamp(step.flops() / TASK_FLOPS, 1, MOST_TASKS);
        long units = (long) s.images() * bands;
        int parts = (int) Math.clamp(Math.min(tasks, MOST_PARTS_BYTES / bytes), 1, units);
        this.columnTasks = Math.clamp(Math.ceilDiv(tasks, parts), 1, Math.max(1, panels));
        this.sums = new PartialSums(step.w(), (int) step.w().size(), parts);
        int taps = s.kernelHeight() * s.kernelWidth();
        this.from = new int[taps * s.c()];
        this.to = new int[from.length];
        for (int i = 0; i < from.length; i++) {
            int tap = i / s.c();
            int row = s.rows()[0].shifts()[tap / s.kernelWidth()];
            int column = s.columns()[0].shifts()[tap % s.kernelWidth()];
            from[i] = (int) plane.offset(row, column, i % s.c());
            to[i] = i * s.groups() * s.k() * F;
        }
        this.steps = new int[rows * s.outWidth()];
        for (int i = 0; i < steps.length; i++) {
            int row = i / s.outWidth() * s.rows()[0].stride();
            int column = i % s.outWidth() * s.columns()[0].stride();
            steps[i] = (row * plane.paddedWidth() + column) * s.groups() * s.c() * F;
        }
    }

    @Override
    public long scratchBytes() {
        return sums.bytes();
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        if (step.w().size() == 0) {
            return;
        }
        long packed = (plane.bytes(rows) + 63) & -64;
        long tile = packed + (long) DEPTH * VECTORS * LANES * F;
        team.run(
                sums.parts() * columnTasks,
                task -> {
                    var workspace = workspaces.take(tile + (long) ROWS * VECTORS * LANES * F);
                    try {
                        int column = task % columnTasks;
                        int part = task / columnTasks;
                        part(
                                memory,
                                sums.offset(scratch, part),
                                new Work(workspace, packed, tile),
                                part,
                                part(panels, column, columnTasks),
                                part(panels, column + 1, columnTasks));
                    } finally {
                        workspaces.give(workspace);
                    }
                });
        sums.add(memory, scratch, team);
    }

    /// Copied rows of x at 0, a block of y, a tile.
    private record Work(MemorySegment memory, long packed, long tile) {}

    private static int part(int count, int index, int parts) {
        return (int) ((long) count * index / parts);
    }

    private void part(Memory memory, long sum, Work work, int part, int fromPanel, int toPanel) {
        int units = shape.images() * bands;
        int firstUnit = part(units, part, sums.parts());
        int lastUnit = part(units, part + 1, sums.parts());
        long image = (long) shape.height() * shape.width() * shape.groups() * shape.c() * F;
        for (int unit = firstUnit; unit < lastUnit; unit++) {
            int first = unit % bands * rows;
            int count = Math.min(rows, shape.outHeight() - first);
            long x = step.x().offset() + unit / bands * image;
            plane.copy(memory.slot(step.x().slot()), x, first, count, work.memory, 0);
            int pixels = count * shape.outWidth();
            long pixel = ((long) unit / bands * shape.outHeight() + first) * shape.outWidth();
            int blocks = Math.ceilDiv(pixels, DEPTH);
            for (int block = 0; block < blocks; block++) {
                int start = part(pixels, block, blocks);
                int depth = part(pixels, block + 1, blocks) - start;
                for (int panel = fromPanel; panel < toPanel; panel++) {
                    panel(memory, sum, work, panel, pixel + start, start, depth, unit > firstUnit || block > 0);
                }
            }
        }
    }

    private void panel(Memory memory, long sum, Work work, int panel, long pixel, int start, int depth, boolean add) {
        int each = panels / shape.groups();
        int group = panel / each;
        int firstVector = panel % each * VECTORS;
        int width = Math.min(VECTORS, vectors - firstVector);
        int valid = Math.min(width * LANES, shape.k() - firstVector * LANES);
        int channels = shape.groups() * shape.k();
        int channel = group * shape.k() + firstVector * LANES;
        long y = step.y().offset() + (pixel * channels + channel) * F;
        long a = (long) group * shape.c() * F;
        long goal = sum + (long) channel * F;
        MemorySegment target = sums.memory(memory);
        MemorySegment from = memory.slot(step.y().slot());
        if (valid == width * LANES) {
            for (int i = 0; i < this.from.length; i += ROWS) {
                int last = Math.min(i + ROWS, this.from.length) - 1;
                VectorConvolutionTiles.tile(
                        width,
                        depth,
                        work.memory,
                        a,
                        this.from,
                        steps,
                        start,
                        from,
                        y,
                        channels * F,
                        target,
                        goal,
                        to,
                        i,
                        last,
                        add);
            }
        } else {
            int stepB = width * LANES * F;
            for (int p = 0; p < depth; p++) {
                for (int j = 0; j < width * LANES; j++) {
                    float value = j < valid ? from.get(FLOAT, y + ((long) p * channels + j) * F) : 0;
                    work.memory.set(FLOAT, work.packed + (long) p * stepB + (long) j * F, value);
                }
            }
            VectorTail.tiles(
                    width,
                    depth,
                    work.memory,
                    a,
                    this.from,
                    steps,
                    start,
                    work.memory,
                    work.packed,
                    stepB,
                    target,
                    goal,
                    to,
                    this.from.length,
                    valid,
                    add,
                    work.memory,
                    work.tile);
        }
    }
}
