package adjoint.kernel;

import static adjoint.kernel.VectorConvolutionTiles.ROWS;
import static adjoint.kernel.VectorConvolutionTiles.VECTORS;
import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;

import java.lang.foreign.MemorySegment;

/// Tiles whose last vector reaches beyond the target: computed beside it, and copied as far as they are valid.
final class VectorTail {
    private static final int F = Float.BYTES;
    private static final int[] BESIDE = beside();

    private VectorTail() {}

    private static int[] beside() {
        int[] offsets = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            offsets[i] = i * VECTORS * LANES * F;
        }
        return offsets;
    }

    /// As [VectorConvolutionTiles#tile] for rows `0 … rows - 1`, `valid` elements of each.
    ///
    /// @param beside room for a tile
    static void tiles(
            int vectors,
            int depth,
            MemorySegment a,
            long a0,
            int[] from,
            int[] steps,
            int firstStep,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            int[] to,
            int rows,
            int valid,
            boolean add,
            MemorySegment workspace,
            long beside) {
        int[] here = new int[ROWS];
        for (int i = 0; i < rows; i += ROWS) {
            int count = Math.min(ROWS, rows - i);
            System.arraycopy(from, i, here, 0, count);
            VectorConvolutionTiles.tile(
                    vectors, depth, a, a0, here, steps, firstStep, b, b0, stepB, workspace, beside, BESIDE, 0,
                    count - 1, false);
            for (int r = 0; r < count; r++) {
                for (int j = 0; j < valid; j++) {
                    float sum = workspace.get(FLOAT, beside + BESIDE[r] + (long) j * F);
                    long at = c0 + to[i + r] + (long) j * F;
                    c.set(FLOAT, at, add ? c.get(FLOAT, at) + sum : sum);
                }
            }
        }
    }
}
