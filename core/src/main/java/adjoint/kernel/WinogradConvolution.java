package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;
import static adjoint.kernel.WinogradTiles.DEPTH;
import static adjoint.kernel.WinogradTiles.PLANES;
import static adjoint.kernel.WinogradTiles.VECTORS;

import java.lang.foreign.MemorySegment;

/// Convolutions of floats with kernels of 3 x 3 or 5 x 5, and their adjoints with respect to the input, by [WinogradTransforms]: in the
/// transformed space, 36 products of the tiles' input channels with the weights, on the Vector API.
///
/// The kernel is transformed once, into panels of one or two vectors of target channels. A task is a block of tiles, which, but
/// for very many channels, stays in the second cache all the way. What is not finite spoils the whole of the tiles that read it.
final class WinogradConvolution implements Kernel {
    private static final int F = Float.BYTES;

    private final View source;
    private final View kernel;
    private final View target;
    private final boolean adjoint;
    private final WinogradTiles tiles;
    private final Workspaces workspaces;

    WinogradConvolution(Step.Convolution step, Workspaces workspaces) {
        this.adjoint = step.target() == Step.Convolution.Operand.X;
        this.source = adjoint ? step.y() : step.x();
        this.kernel = step.w();
        this.target = step.targets().getFirst();
        this.tiles = adjoint ? WinogradTiles.adjoint(step) : WinogradTiles.forward(step);
        this.workspaces = workspaces;
    }

    @Override
    public long scratchBytes() {
        return PLANES * tiles.weightPlane();
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        long products = PLANES * tiles.plane(tiles.in());
        long room = products + PLANES * tiles.plane(tiles.out());
        long size = room + tiles.roomBytes();
        team.run(tiles.in(), i -> transform(memory, scratch, size, i));
        team.run(
                tiles.blocks(),
                block -> {
                    MemorySegment work = workspaces.take(size);
                    try {
                        tiles.input(memory.slot(source.slot()), source.offset(), block, work, room, 0);
                        multiply(memory.slot(0), scratch, work, products, block);
                        tiles.output(work, products, block, room, memory.slot(target.slot()), target.offset());
                    } finally {
                        workspaces.give(work);
                    }
                });
    }

    // The weights from one source channel to all target channels.
    private void transform(Memory memory, long scratch, long size, int channel) {
        MemorySegment from = memory.slot(kernel.slot());
        MemorySegment to = memory.slot(0);
        for (int vector = 0; vector < tiles.out() / LANES; vector++) {
            int panel = vector / VECTORS;
            int width = Math.min(VECTORS, tiles.out() / LANES - panel * VECTORS);
            long goal =
                    scratch
                            + ((long) panel * VECTORS * tiles.in() + (long) channel * width + vector % VECTORS)
                                    * LANES
                                    * F;
            MemorySegment work = workspaces.take(size);
            int taps = tiles.taps();
            long bytes = LANES * F;
            long half = taps * taps * bytes;
            long plane = tiles.weightPlane();
            if (adjoint) {
                gather(from, kernel.offset() + ((long) vector * LANES * tiles.in() + channel) * F, work);
                WinogradTransforms.kernel(
                        taps, taps, work, half - bytes, -taps * bytes, -bytes, work, half, 6 * bytes, bytes);
            } else {
                long at = kernel.offset() + ((long) channel * tiles.out() + (long) vector * LANES) * F;
                WinogradTransforms.kernel(taps, taps, from, at, taps * plane, plane, work, half, 6 * bytes, bytes);
            }
            WinogradTransforms.kernel(taps, 6, work, half, bytes, 6 * bytes, to, goal, plane, 6 * plane);
            workspaces.give(work);
        }
    }

    // Of w[tap, c, k] all taps and a vector of c, which do not lie side by side.
    private void gather(MemorySegment from, long at, MemorySegment work) {
        for (int tap = 0; tap < tiles.taps() * tiles.taps(); tap++) {
            for (int i = 0; i < LANES; i++) {
                float weight = from.get(FLOAT, at + tap * tiles.weightPlane() + (long) i * tiles.in() * F);
                work.set(FLOAT, (long) (tap * LANES + i) * F, weight);
            }
        }
    }

    private void multiply(MemorySegment weights, long scratch, MemorySegment work, long products, int block) {
        int count = Math.min(tiles.blockSize(), tiles.count() - block * tiles.blockSize());
        int in = tiles.in();
        int vectors = tiles.out() / LANES;
        long rowA = (long) in * F;
        long rowC = (long) tiles.out() * F;
        for (int plane = 0; plane < PLANES; plane++) {
            long a = plane * tiles.plane(in);
            long b = scratch + plane * tiles.weightPlane();
            long c = products + plane * tiles.plane(tiles.out());
            for (int vector = 0; vector < vectors; vector += VECTORS) {
                int width = Math.min(VECTORS, vectors - vector);
                int stepB = width * LANES;
                long panel = b + (long) vector * in * LANES * F;
                for (int start = 0; start < in; start += DEPTH) {
                    int depth = Math.min(DEPTH, in - start);
                    for (int i = 0; i < count; i += ROWS) {
                        VectorProductTiles.tile(
                                width,
                                depth,
                                work,
                                a + i * rowA + (long) start * F,
                                rowA,
                                1,
                                weights,
                                panel + (long) start * stepB * F,
                                stepB,
                                work,
                                c + i * rowC + (long) vector * LANES * F,
                                rowC,
                                Math.min(ROWS, count - i) - 1,
                                start > 0);
                    }
                }
            }
        }
    }
}
