package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.SPECIES;
import static adjoint.kernel.VectorProductTiles.ZEROS;
import static adjoint.kernel.VectorProductTiles.load;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/// The innermost loops of convolutions: a product in which the elements of the left matrix are looked up through tables,
/// `c[to[i], j] (+)= Σ_p a[from[i] + steps[p]] b[p, j]`, so that no window is ever copied out (Dukhan 2019, "The Indirect
/// Convolution Algorithm").
///
/// A tile is a few rows by one or two vectors, summed in registers; see [VectorProductTiles] for why it is written out.
final class VectorConvolutionTiles {
    /// Rows of a tile.
    static final int ROWS = LANES >= 16 ? 8 : 4;

    /// The most vectors in a row of a tile.
    static final int VECTORS = 2;

    private static final int BYTES = SPECIES.vectorByteSize();

    private VectorConvolutionTiles() {}

    /// Sets, or adds to, rows `first … min(last, first + ROWS - 1)` of the target. All offsets are bytes.
    ///
    /// @param stepB bytes from one row of b to the next
    static void tile(
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
            int first,
            int last,
            boolean add) {
        MemorySegment z = add ? c : ZEROS;
        long keep = add ? -1 : 0;
        if (ROWS == 8) {
            if (vectors == 2) {
                tile8x2(depth, a, a0, from, steps, firstStep, b, b0, stepB, c, c0, to, first, last, z, keep);
            } else {
                tile8x1(depth, a, a0, from, steps, firstStep, b, b0, stepB, c, c0, to, first, last, z, keep);
            }
        } else if (vectors == 2) {
            tile4x2(depth, a, a0, from, steps, firstStep, b, b0, stepB, c, c0, to, first, last, z, keep);
        } else {
            tile4x1(depth, a, a0, from, steps, firstStep, b, b0, stepB, c, c0, to, first, last, z, keep);
        }
    }

    private static void tile8x2(
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
            int first,
            int last,
            MemorySegment z,
            long keep) {
        long r0 = a0 + from[first];
        long r1 = a0 + from[Math.min(first + 1, last)];
        long r2 = a0 + from[Math.min(first + 2, last)];
        long r3 = a0 + from[Math.min(first + 3, last)];
        long r4 = a0 + from[Math.min(first + 4, last)];
        long r5 = a0 + from[Math.min(first + 5, last)];
        long r6 = a0 + from[Math.min(first + 6, last)];
        long r7 = a0 + from[Math.min(first + 7, last)];
        long c1 = c0 + to[Math.min(first + 0, last)];
        long c2 = c0 + to[Math.min(first + 1, last)];
        long c3 = c0 + to[Math.min(first + 2, last)];
        long c4 = c0 + to[Math.min(first + 3, last)];
        long c5 = c0 + to[Math.min(first + 4, last)];
        long c6 = c0 + to[Math.min(first + 5, last)];
        long c7 = c0 + to[Math.min(first + 6, last)];
        long c8 = c0 + to[Math.min(first + 7, last)];
        FloatVector s00 = load(z, c1 & keep), s01 = load(z, (c1 & keep) + BYTES);
        FloatVector s10 = load(z, c2 & keep), s11 = load(z, (c2 & keep) + BYTES);
        FloatVector s20 = load(z, c3 & keep), s21 = load(z, (c3 & keep) + BYTES);
        FloatVector s30 = load(z, c4 & keep), s31 = load(z, (c4 & keep) + BYTES);
        FloatVector s40 = load(z, c5 & keep), s41 = load(z, (c5 & keep) + BYTES);
        FloatVector s50 = load(z, c6 & keep), s51 = load(z, (c6 & keep) + BYTES);
        FloatVector s60 = load(z, c7 & keep), s61 = load(z, (c7 & keep) + BYTES);
        FloatVector s70 = load(z, c8 & keep), s71 = load(z, (c8 & keep) + BYTES);
        for (int p = 0; p < depth; p++) {
            long step = steps[firstStep + p];
            long bi = b0 + (long) p * stepB;
            var y0 = load(b, bi);
            var y1 = load(b, bi + BYTES);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r0 + step));
            s00 = x0.fma(y0, s00);
            s01 = x0.fma(y1, s01);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r1 + step));
            s10 = x1.fma(y0, s10);
            s11 = x1.fma(y1, s11);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r2 + step));
            s20 = x2.fma(y0, s20);
            s21 = x2.fma(y1, s21);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r3 + step));
            s30 = x3.fma(y0, s30);
            s31 = x3.fma(y1, s31);
            var x4 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r4 + step));
            s40 = x4.fma(y0, s40);
            s41 = x4.fma(y1, s41);
            var x5 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r5 + step));
            s50 = x5.fma(y0, s50);
            s51 = x5.fma(y1, s51);
            var x6 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r6 + step));
            s60 = x6.fma(y0, s60);
            s61 = x6.fma(y1, s61);
            var x7 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r7 + step));
            s70 = x7.fma(y0, s70);
            s71 = x7.fma(y1, s71);
        }
        s00.intoMemorySegment(c, c1, ORDER);
        s01.intoMemorySegment(c, c1 + BYTES, ORDER);
        s10.intoMemorySegment(c, c2, ORDER);
        s11.intoMemorySegment(c, c2 + BYTES, ORDER);
        s20.intoMemorySegment(c, c3, ORDER);
        s21.intoMemorySegment(c, c3 + BYTES, ORDER);
        s30.intoMemorySegment(c, c4, ORDER);
        s31.intoMemorySegment(c, c4 + BYTES, ORDER);
        s40.intoMemorySegment(c, c5, ORDER);
        s41.intoMemorySegment(c, c5 + BYTES, ORDER);
        s50.intoMemorySegment(c, c6, ORDER);
        s51.intoMemorySegment(c, c6 + BYTES, ORDER);
        s60.intoMemorySegment(c, c7, ORDER);
        s61.intoMemorySegment(c, c7 + BYTES, ORDER);
        s70.intoMemorySegment(c, c8, ORDER);
        s71.intoMemorySegment(c, c8 + BYTES, ORDER);
    }

    private static void tile8x1(
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
            int first,
            int last,
            MemorySegment z,
            long keep) {
        long r0 = a0 + from[first];
        long r1 = a0 + from[Math.min(first + 1, last)];
        long r2 = a0 + from[Math.min(first + 2, last)];
        long r3 = a0 + from[Math.min(first + 3, last)];
        long r4 = a0 + from[Math.min(first + 4, last)];
        long r5 = a0 + from[Math.min(first + 5, last)];
        long r6 = a0 + from[Math.min(first + 6, last)];
        long r7 = a0 + from[Math.min(first + 7, last)];
        long c1 = c0 + to[Math.min(first + 0, last)];
        long c2 = c0 + to[Math.min(first + 1, last)];
        long c3 = c0 + to[Math.min(first + 2, last)];
        long c4 = c0 + to[Math.min(first + 3, last)];
        long c5 = c0 + to[Math.min(first + 4, last)];
        long c6 = c0 + to[Math.min(first + 5, last)];
        long c7 = c0 + to[Math.min(first + 6, last)];
        long c8 = c0 + to[Math.min(first + 7, last)];
        FloatVector s00 = load(z, c1 & keep);
        FloatVector s10 = load(z, c2 & keep);
        FloatVector s20 = load(z, c3 & keep);
        FloatVector s30 = load(z, c4 & keep);
        FloatVector s40 = load(z, c5 & keep);
        FloatVector s50 = load(z, c6 & keep);
        FloatVector s60 = load(z, c7 & keep);
        FloatVector s70 = load(z, c8 & keep);
        for (int p = 0; p < depth; p++) {
            long step = steps[firstStep + p];
            long bi = b0 + (long) p * stepB;
            var y0 = load(b, bi);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r0 + step));
            s00 = x0.fma(y0, s00);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r1 + step));
            s10 = x1.fma(y0, s10);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r2 + step));
            s20 = x2.fma(y0, s20);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r3 + step));
            s30 = x3.fma(y0, s30);
            var x4 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r4 + step));
            s40 = x4.fma(y0, s40);
            var x5 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r5 + step));
            s50 = x5.fma(y0, s50);
            var x6 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r6 + step));
            s60 = x6.fma(y0, s60);
            var x7 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r7 + step));
            s70 = x7.fma(y0, s70);
        }
        s00.intoMemorySegment(c, c1, ORDER);
        s10.intoMemorySegment(c, c2, ORDER);
        s20.intoMemorySegment(c, c3, ORDER);
        s30.intoMemorySegment(c, c4, ORDER);
        s40.intoMemorySegment(c, c5, ORDER);
        s50.intoMemorySegment(c, c6, ORDER);
        s60.intoMemorySegment(c, c7, ORDER);
        s70.intoMemorySegment(c, c8, ORDER);
    }

    private static void tile4x2(
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
            int first,
            int last,
            MemorySegment z,
            long keep) {
        long r0 = a0 + from[first];
        long r1 = a0 + from[Math.min(first + 1, last)];
        long r2 = a0 + from[Math.min(first + 2, last)];
        long r3 = a0 + from[Math.min(first + 3, last)];
        long c1 = c0 + to[Math.min(first + 0, last)];
        long c2 = c0 + to[Math.min(first + 1, last)];
        long c3 = c0 + to[Math.min(first + 2, last)];
        long c4 = c0 + to[Math.min(first + 3, last)];
        FloatVector s00 = load(z, c1 & keep), s01 = load(z, (c1 & keep) + BYTES);
        FloatVector s10 = load(z, c2 & keep), s11 = load(z, (c2 & keep) + BYTES);
        FloatVector s20 = load(z, c3 & keep), s21 = load(z, (c3 & keep) + BYTES);
        FloatVector s30 = load(z, c4 & keep), s31 = load(z, (c4 & keep) + BYTES);
        for (int p = 0; p < depth; p++) {
            long step = steps[firstStep + p];
            long bi = b0 + (long) p * stepB;
            var y0 = load(b, bi);
            var y1 = load(b, bi + BYTES);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r0 + step));
            s00 = x0.fma(y0, s00);
            s01 = x0.fma(y1, s01);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r1 + step));
            s10 = x1.fma(y0, s10);
            s11 = x1.fma(y1, s11);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r2 + step));
            s20 = x2.fma(y0, s20);
            s21 = x2.fma(y1, s21);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r3 + step));
            s30 = x3.fma(y0, s30);
            s31 = x3.fma(y1, s31);
        }
        s00.intoMemorySegment(c, c1, ORDER);
        s01.intoMemorySegment(c, c1 + BYTES, ORDER);
        s10.intoMemorySegment(c, c2, ORDER);
        s11.intoMemorySegment(c, c2 + BYTES, ORDER);
        s20.intoMemorySegment(c, c3, ORDER);
        s21.intoMemorySegment(c, c3 + BYTES, ORDER);
        s30.intoMemorySegment(c, c4, ORDER);
        s31.intoMemorySegment(c, c4 + BYTES, ORDER);
    }

    private static void tile4x1(
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
            int first,
            int last,
            MemorySegment z,
            long keep) {
        long r0 = a0 + from[first];
        long r1 = a0 + from[Math.min(first + 1, last)];
        long r2 = a0 + from[Math.min(first + 2, last)];
        long r3 = a0 + from[Math.min(first + 3, last)];
        long c1 = c0 + to[Math.min(first + 0, last)];
        long c2 = c0 + to[Math.min(first + 1, last)];
        long c3 = c0 + to[Math.min(first + 2, last)];
        long c4 = c0 + to[Math.min(first + 3, last)];
        FloatVector s00 = load(z, c1 & keep);
        FloatVector s10 = load(z, c2 & keep);
        FloatVector s20 = load(z, c3 & keep);
        FloatVector s30 = load(z, c4 & keep);
        for (int p = 0; p < depth; p++) {
            long step = steps[firstStep + p];
            long bi = b0 + (long) p * stepB;
            var y0 = load(b, bi);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r0 + step));
            s00 = x0.fma(y0, s00);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r1 + step));
            s10 = x1.fma(y0, s10);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r2 + step));
            s20 = x2.fma(y0, s20);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, r3 + step));
            s30 = x3.fma(y0, s30);
        }
        s00.intoMemorySegment(c, c1, ORDER);
        s10.intoMemorySegment(c, c2, ORDER);
        s20.intoMemorySegment(c, c3, ORDER);
        s30.intoMemorySegment(c, c4, ORDER);
    }
}
