package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;
import static adjoint.kernel.WinogradTiles.PLANES;
import static adjoint.kernel.WinogradTiles.VECTORS;

import java.lang.foreign.MemorySegment;

/// The adjoint of a convolution with kernels of 3 x 3 or 5 x 5 with respect to the kernel, by [WinogradTransforms]:
/// `g = Gᵀ [Σ (Bᵀ d B) ⊙ (A y Aᵀ)] G`, in the transformed space 36 products summed over all tiles.
///
/// The blocks of tiles are cut into parts that are summed separately and then added in order; how many there are depends on the
/// shape and the length of vectors, never on the team, and so do the bits. A power of two, which small teams share evenly.
final class WinogradKernelAdjoint implements Kernel {
    private static final int F = Float.BYTES;
    private static final long TASK_FLOPS = 50_000_000;
    private static final int MOST_PARTS = 16;
    private static final long MOST_PARTS_BYTES = 64 << 20;

    private final View x;
    private final View w;
    private final View y;
    private final WinogradTiles tiles;
    private final Workspaces workspaces;
    private final int parts;

    WinogradKernelAdjoint(Step.Convolution step, Workspaces workspaces) {
        this.x = step.x();
        this.w = step.w();
        this.y = step.y();
        WinogradTiles cut = WinogradTiles.forward(step);
        this.workspaces = workspaces;
        long worth = Math.clamp(step.flops() / TASK_FLOPS, 1, MOST_PARTS);
        long fitting = MOST_PARTS_BYTES / (PLANES * cut.weightPlane());
        int most = (int) Math.max(1, Long.highestOneBit(Math.min(worth, fitting)));
        // Large blocks: all sums pass through the core with each.
        int block = Math.clamp(Math.ceilDiv(cut.count(), most), WinogradTiles.FEWEST, WinogradTiles.MOST);
        this.tiles = cut.inBlocks(block);
        this.parts = Math.min(most, tiles.blocks());
    }

    private long sumBytes() {
        return PLANES * tiles.weightPlane();
    }

    @Override
    public long scratchBytes() {
        return parts * sumBytes();
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        long outputs = PLANES * tiles.plane(tiles.in());
        long room = outputs + PLANES * tiles.plane(tiles.out());
        long size = room + tiles.roomBytes();
        team.run(
                parts,
                part -> {
                    MemorySegment work = workspaces.take(size);
                    try {
                        int first = (int) ((long) tiles.blocks() * part / parts);
                        int end = (int) ((long) tiles.blocks() * (part + 1) / parts);
                        for (int block = first; block < end; block++) {
                            tiles.input(memory.slot(x.slot()), x.offset(), block, work, room, 0);
                            tiles.outputAdjoint(memory.slot(y.slot()), y.offset(), block, work, room, outputs);
                            multiply(work, outputs, memory.slot(0), scratch + part * sumBytes(), block, block > first);
                        }
                    } finally {
                        workspaces.give(work);
                    }
                });
        team.run(tiles.in(), channel -> weights(memory, scratch, channel, size));
    }

    private void multiply(MemorySegment work, long outputs, MemorySegment to, long sum, int block, boolean add) {
        int count = Math.min(tiles.blockSize(), tiles.count() - block * tiles.blockSize());
        int in = tiles.in();
        int vectors = tiles.out() / LANES;
        long rowC = (long) tiles.out() * F;
        for (int plane = 0; plane < PLANES; plane++) {
            long a = plane * tiles.plane(in);
            long b = outputs + plane * tiles.plane(tiles.out());
            long c = sum + plane * tiles.weightPlane();
            for (int vector = 0; vector < vectors; vector += VECTORS) {
                int width = Math.min(VECTORS, vectors - vector);
                long column = (long) vector * LANES * F;
                for (int i = 0; i < in; i += ROWS) {
                    VectorProductTiles.tile(
                            width,
                            count,
                            work,
                            a + (long) i * F,
                            F,
                            in,
                            work,
                            b + column,
                            tiles.out(),
                            to,
                            c + i * rowC + column,
                            rowC,
                            Math.min(ROWS, in - i) - 1,
                            add);
                }
            }
        }
    }

    // Adds up the parts of one input channel, and takes them out of the transformed space.
    private void weights(Memory memory, long scratch, int channel, long size) {
        MemorySegment sums = memory.slot(0);
        int vectors = tiles.out() / LANES;
        long row = scratch + (long) channel * tiles.out() * F;
        for (int part = 1; part < parts; part++) {
            for (int plane = 0; plane < PLANES; plane++) {
                long at = row + plane * tiles.weightPlane();
                WinogradTransforms.add(sums, at + part * sumBytes(), at, vectors);
            }
        }
        long goal = w.offset() + (long) channel * tiles.out() * F;
        long plane = tiles.weightPlane();
        long bytes = LANES * F;
        int taps = tiles.taps();
        MemorySegment work = workspaces.take(size);
        for (int vector = 0; vector < vectors; vector++) {
            long column = vector * bytes;
            WinogradTransforms.kernelAdjoint(taps, 6, sums, row + column, plane, 6 * plane, work, 0, bytes, 6 * bytes);
            WinogradTransforms.kernelAdjoint(
                    taps, taps, work, 0, 6 * bytes, bytes, memory.slot(w.slot()), goal + column, taps * plane, plane);
        }
        workspaces.give(work);
    }
}
