package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The innermost loops of [VectorProduct]: a tile of a few rows by one to three vectors of the target, summed in
/// registers.
///
/// The number of rows follows the registers: 8 x 3 sums fit 32 of 512 bits, 4 x 3 fit 16 of 256 bits. Written out by
/// hand,
/// because C2 keeps sums in registers only if they are local variables. All operands are read from memory segments
/// through
/// an `int` loop counter: of the forms tried, C2 keeps the sums of this one in registers most reliably (with heap
/// arrays it
/// spills one of them, which halves the speed on 16 registers).
final class VectorProductTiles {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    /// Rows of a tile.
    static final int ROWS = LANES >= 16 ? 8 : 4;

    /// The most vectors in a row of a tile.
    static final int VECTORS = 3;

    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int BYTES = SPECIES.vectorByteSize();

    /// Where sums begin that are not added to anything: at offset 0, for each row.
    ///
    /// Sums begin with what is in memory, be it the target or zeros: were the target added in a branch at the end, C2 would not
    /// inline the loads there if the branch is seldom taken, and vectors would become objects.
    static final MemorySegment ZEROS = Arena.global().allocate(VECTORS * BYTES, BYTES);

    private VectorProductTiles() {}

    /// `c[r, j] (+)= Σ_p a[r, p] b[p, j]` for [#ROWS] rows and `vectors` vectors of columns.
    ///
    /// All offsets and row strides are bytes. Rows after `last` are not touched: their place is taken by row `last`,
    /// which
    /// is then computed several times, with the same outcome.
    ///
    /// @param stepA elements from one p to the next; `depth * stepA` fits an int, likewise for `stepB`
    /// @param last index of the last row, less than [#ROWS]
    /// @param add whether to add to the target's elements rather than set them
    static void tile(
            int vectors,
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            boolean add) {
        tile(ROWS, vectors, depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, add);
    }

    /// The same for a tile of so many rows: [#ROWS] or 4.
    static void tile(
            int rows,
            int vectors,
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            boolean add) {
        MemorySegment z = add ? c : ZEROS;
        long keep = add ? -1 : 0;
        if (rows == 8) {
            switch (vectors) {
                case 3 -> tile8x3(depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, z, keep);
                case 2 -> tile8x2(depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, z, keep);
                default -> tile8x1(depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, z, keep);
            }
        } else {
            switch (vectors) {
                case 3 -> tile4x3(depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, z, keep);
                case 2 -> tile4x2(depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, z, keep);
                default -> tile4x1(depth, a, a0, rowA, stepA, b, b0, stepB, c, c0, rowC, last, z, keep);
            }
        }
    }

    static FloatVector load(MemorySegment memory, long offset) {
        return FloatVector.fromMemorySegment(SPECIES, memory, offset, ORDER);
    }

    private static void tile8x3(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            MemorySegment z,
            long keep) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        long a4 = a0 + Math.min(4, last) * rowA;
        long a5 = a0 + Math.min(5, last) * rowA;
        long a6 = a0 + Math.min(6, last) * rowA;
        long a7 = a0 + Math.min(7, last) * rowA;
        long c1 = c0 + Math.min(1, last) * rowC;
        long c2 = c0 + Math.min(2, last) * rowC;
        long c3 = c0 + Math.min(3, last) * rowC;
        long c4 = c0 + Math.min(4, last) * rowC;
        long c5 = c0 + Math.min(5, last) * rowC;
        long c6 = c0 + Math.min(6, last) * rowC;
        long c7 = c0 + Math.min(7, last) * rowC;
        FloatVector s00 = load(z, c0 & keep),
                s01 = load(z, (c0 & keep) + BYTES),
                s02 = load(z, (c0 & keep) + 2 * BYTES);
        FloatVector s10 = load(z, c1 & keep),
                s11 = load(z, (c1 & keep) + BYTES),
                s12 = load(z, (c1 & keep) + 2 * BYTES);
        FloatVector s20 = load(z, c2 & keep),
                s21 = load(z, (c2 & keep) + BYTES),
                s22 = load(z, (c2 & keep) + 2 * BYTES);
        FloatVector s30 = load(z, c3 & keep),
                s31 = load(z, (c3 & keep) + BYTES),
                s32 = load(z, (c3 & keep) + 2 * BYTES);
        FloatVector s40 = load(z, c4 & keep),
                s41 = load(z, (c4 & keep) + BYTES),
                s42 = load(z, (c4 & keep) + 2 * BYTES);
        FloatVector s50 = load(z, c5 & keep),
                s51 = load(z, (c5 & keep) + BYTES),
                s52 = load(z, (c5 & keep) + 2 * BYTES);
        FloatVector s60 = load(z, c6 & keep),
                s61 = load(z, (c6 & keep) + BYTES),
                s62 = load(z, (c6 & keep) + 2 * BYTES);
        FloatVector s70 = load(z, c7 & keep),
                s71 = load(z, (c7 & keep) + BYTES),
                s72 = load(z, (c7 & keep) + 2 * BYTES);
        for (int p = 0; p < depth; p++) {
            long ai = (long) (p * stepA) * Float.BYTES;
            long bi = b0 + (long) (p * stepB) * Float.BYTES;
            var y0 = load(b, bi);
            var y1 = load(b, bi + BYTES);
            var y2 = load(b, bi + 2 * BYTES);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a0 + ai));
            s00 = x0.fma(y0, s00);
            s01 = x0.fma(y1, s01);
            s02 = x0.fma(y2, s02);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a1 + ai));
            s10 = x1.fma(y0, s10);
            s11 = x1.fma(y1, s11);
            s12 = x1.fma(y2, s12);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a2 + ai));
            s20 = x2.fma(y0, s20);
            s21 = x2.fma(y1, s21);
            s22 = x2.fma(y2, s22);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a3 + ai));
            s30 = x3.fma(y0, s30);
            s31 = x3.fma(y1, s31);
            s32 = x3.fma(y2, s32);
            var x4 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a4 + ai));
            s40 = x4.fma(y0, s40);
            s41 = x4.fma(y1, s41);
            s42 = x4.fma(y2, s42);
            var x5 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a5 + ai));
            s50 = x5.fma(y0, s50);
            s51 = x5.fma(y1, s51);
            s52 = x5.fma(y2, s52);
            var x6 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a6 + ai));
            s60 = x6.fma(y0, s60);
            s61 = x6.fma(y1, s61);
            s62 = x6.fma(y2, s62);
            var x7 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a7 + ai));
            s70 = x7.fma(y0, s70);
            s71 = x7.fma(y1, s71);
            s72 = x7.fma(y2, s72);
        }
        s00.intoMemorySegment(c, c0, ORDER);
        s01.intoMemorySegment(c, c0 + BYTES, ORDER);
        s02.intoMemorySegment(c, c0 + 2 * BYTES, ORDER);
        s10.intoMemorySegment(c, c1, ORDER);
        s11.intoMemorySegment(c, c1 + BYTES, ORDER);
        s12.intoMemorySegment(c, c1 + 2 * BYTES, ORDER);
        s20.intoMemorySegment(c, c2, ORDER);
        s21.intoMemorySegment(c, c2 + BYTES, ORDER);
        s22.intoMemorySegment(c, c2 + 2 * BYTES, ORDER);
        s30.intoMemorySegment(c, c3, ORDER);
        s31.intoMemorySegment(c, c3 + BYTES, ORDER);
        s32.intoMemorySegment(c, c3 + 2 * BYTES, ORDER);
        s40.intoMemorySegment(c, c4, ORDER);
        s41.intoMemorySegment(c, c4 + BYTES, ORDER);
        s42.intoMemorySegment(c, c4 + 2 * BYTES, ORDER);
        s50.intoMemorySegment(c, c5, ORDER);
        s51.intoMemorySegment(c, c5 + BYTES, ORDER);
        s52.intoMemorySegment(c, c5 + 2 * BYTES, ORDER);
        s60.intoMemorySegment(c, c6, ORDER);
        s61.intoMemorySegment(c, c6 + BYTES, ORDER);
        s62.intoMemorySegment(c, c6 + 2 * BYTES, ORDER);
        s70.intoMemorySegment(c, c7, ORDER);
        s71.intoMemorySegment(c, c7 + BYTES, ORDER);
        s72.intoMemorySegment(c, c7 + 2 * BYTES, ORDER);
    }

    private static void tile8x2(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            MemorySegment z,
            long keep) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        long a4 = a0 + Math.min(4, last) * rowA;
        long a5 = a0 + Math.min(5, last) * rowA;
        long a6 = a0 + Math.min(6, last) * rowA;
        long a7 = a0 + Math.min(7, last) * rowA;
        long c1 = c0 + Math.min(1, last) * rowC;
        long c2 = c0 + Math.min(2, last) * rowC;
        long c3 = c0 + Math.min(3, last) * rowC;
        long c4 = c0 + Math.min(4, last) * rowC;
        long c5 = c0 + Math.min(5, last) * rowC;
        long c6 = c0 + Math.min(6, last) * rowC;
        long c7 = c0 + Math.min(7, last) * rowC;
        FloatVector s00 = load(z, c0 & keep), s01 = load(z, (c0 & keep) + BYTES);
        FloatVector s10 = load(z, c1 & keep), s11 = load(z, (c1 & keep) + BYTES);
        FloatVector s20 = load(z, c2 & keep), s21 = load(z, (c2 & keep) + BYTES);
        FloatVector s30 = load(z, c3 & keep), s31 = load(z, (c3 & keep) + BYTES);
        FloatVector s40 = load(z, c4 & keep), s41 = load(z, (c4 & keep) + BYTES);
        FloatVector s50 = load(z, c5 & keep), s51 = load(z, (c5 & keep) + BYTES);
        FloatVector s60 = load(z, c6 & keep), s61 = load(z, (c6 & keep) + BYTES);
        FloatVector s70 = load(z, c7 & keep), s71 = load(z, (c7 & keep) + BYTES);
        for (int p = 0; p < depth; p++) {
            long ai = (long) (p * stepA) * Float.BYTES;
            long bi = b0 + (long) (p * stepB) * Float.BYTES;
            var y0 = load(b, bi);
            var y1 = load(b, bi + BYTES);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a0 + ai));
            s00 = x0.fma(y0, s00);
            s01 = x0.fma(y1, s01);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a1 + ai));
            s10 = x1.fma(y0, s10);
            s11 = x1.fma(y1, s11);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a2 + ai));
            s20 = x2.fma(y0, s20);
            s21 = x2.fma(y1, s21);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a3 + ai));
            s30 = x3.fma(y0, s30);
            s31 = x3.fma(y1, s31);
            var x4 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a4 + ai));
            s40 = x4.fma(y0, s40);
            s41 = x4.fma(y1, s41);
            var x5 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a5 + ai));
            s50 = x5.fma(y0, s50);
            s51 = x5.fma(y1, s51);
            var x6 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a6 + ai));
            s60 = x6.fma(y0, s60);
            s61 = x6.fma(y1, s61);
            var x7 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a7 + ai));
            s70 = x7.fma(y0, s70);
            s71 = x7.fma(y1, s71);
        }
        s00.intoMemorySegment(c, c0, ORDER);
        s01.intoMemorySegment(c, c0 + BYTES, ORDER);
        s10.intoMemorySegment(c, c1, ORDER);
        s11.intoMemorySegment(c, c1 + BYTES, ORDER);
        s20.intoMemorySegment(c, c2, ORDER);
        s21.intoMemorySegment(c, c2 + BYTES, ORDER);
        s30.intoMemorySegment(c, c3, ORDER);
        s31.intoMemorySegment(c, c3 + BYTES, ORDER);
        s40.intoMemorySegment(c, c4, ORDER);
        s41.intoMemorySegment(c, c4 + BYTES, ORDER);
        s50.intoMemorySegment(c, c5, ORDER);
        s51.intoMemorySegment(c, c5 + BYTES, ORDER);
        s60.intoMemorySegment(c, c6, ORDER);
        s61.intoMemorySegment(c, c6 + BYTES, ORDER);
        s70.intoMemorySegment(c, c7, ORDER);
        s71.intoMemorySegment(c, c7 + BYTES, ORDER);
    }

    private static void tile8x1(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            MemorySegment z,
            long keep) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        long a4 = a0 + Math.min(4, last) * rowA;
        long a5 = a0 + Math.min(5, last) * rowA;
        long a6 = a0 + Math.min(6, last) * rowA;
        long a7 = a0 + Math.min(7, last) * rowA;
        long c1 = c0 + Math.min(1, last) * rowC;
        long c2 = c0 + Math.min(2, last) * rowC;
        long c3 = c0 + Math.min(3, last) * rowC;
        long c4 = c0 + Math.min(4, last) * rowC;
        long c5 = c0 + Math.min(5, last) * rowC;
        long c6 = c0 + Math.min(6, last) * rowC;
        long c7 = c0 + Math.min(7, last) * rowC;
        FloatVector s00 = load(z, c0 & keep);
        FloatVector s10 = load(z, c1 & keep);
        FloatVector s20 = load(z, c2 & keep);
        FloatVector s30 = load(z, c3 & keep);
        FloatVector s40 = load(z, c4 & keep);
        FloatVector s50 = load(z, c5 & keep);
        FloatVector s60 = load(z, c6 & keep);
        FloatVector s70 = load(z, c7 & keep);
        for (int p = 0; p < depth; p++) {
            long ai = (long) (p * stepA) * Float.BYTES;
            long bi = b0 + (long) (p * stepB) * Float.BYTES;
            var y0 = load(b, bi);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a0 + ai));
            s00 = x0.fma(y0, s00);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a1 + ai));
            s10 = x1.fma(y0, s10);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a2 + ai));
            s20 = x2.fma(y0, s20);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a3 + ai));
            s30 = x3.fma(y0, s30);
            var x4 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a4 + ai));
            s40 = x4.fma(y0, s40);
            var x5 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a5 + ai));
            s50 = x5.fma(y0, s50);
            var x6 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a6 + ai));
            s60 = x6.fma(y0, s60);
            var x7 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a7 + ai));
            s70 = x7.fma(y0, s70);
        }
        s00.intoMemorySegment(c, c0, ORDER);
        s10.intoMemorySegment(c, c1, ORDER);
        s20.intoMemorySegment(c, c2, ORDER);
        s30.intoMemorySegment(c, c3, ORDER);
        s40.intoMemorySegment(c, c4, ORDER);
        s50.intoMemorySegment(c, c5, ORDER);
        s60.intoMemorySegment(c, c6, ORDER);
        s70.intoMemorySegment(c, c7, ORDER);
    }

    private static void tile4x3(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            MemorySegment z,
            long keep) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        long c1 = c0 + Math.min(1, last) * rowC;
        long c2 = c0 + Math.min(2, last) * rowC;
        long c3 = c0 + Math.min(3, last) * rowC;
        FloatVector s00 = load(z, c0 & keep),
                s01 = load(z, (c0 & keep) + BYTES),
                s02 = load(z, (c0 & keep) + 2 * BYTES);
        FloatVector s10 = load(z, c1 & keep),
                s11 = load(z, (c1 & keep) + BYTES),
                s12 = load(z, (c1 & keep) + 2 * BYTES);
        FloatVector s20 = load(z, c2 & keep),
                s21 = load(z, (c2 & keep) + BYTES),
                s22 = load(z, (c2 & keep) + 2 * BYTES);
        FloatVector s30 = load(z, c3 & keep),
                s31 = load(z, (c3 & keep) + BYTES),
                s32 = load(z, (c3 & keep) + 2 * BYTES);
        for (int p = 0; p < depth; p++) {
            long ai = (long) (p * stepA) * Float.BYTES;
            long bi = b0 + (long) (p * stepB) * Float.BYTES;
            var y0 = load(b, bi);
            var y1 = load(b, bi + BYTES);
            var y2 = load(b, bi + 2 * BYTES);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a0 + ai));
            s00 = x0.fma(y0, s00);
            s01 = x0.fma(y1, s01);
            s02 = x0.fma(y2, s02);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a1 + ai));
            s10 = x1.fma(y0, s10);
            s11 = x1.fma(y1, s11);
            s12 = x1.fma(y2, s12);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a2 + ai));
            s20 = x2.fma(y0, s20);
            s21 = x2.fma(y1, s21);
            s22 = x2.fma(y2, s22);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a3 + ai));
            s30 = x3.fma(y0, s30);
            s31 = x3.fma(y1, s31);
            s32 = x3.fma(y2, s32);
        }
        s00.intoMemorySegment(c, c0, ORDER);
        s01.intoMemorySegment(c, c0 + BYTES, ORDER);
        s02.intoMemorySegment(c, c0 + 2 * BYTES, ORDER);
        s10.intoMemorySegment(c, c1, ORDER);
        s11.intoMemorySegment(c, c1 + BYTES, ORDER);
        s12.intoMemorySegment(c, c1 + 2 * BYTES, ORDER);
        s20.intoMemorySegment(c, c2, ORDER);
        s21.intoMemorySegment(c, c2 + BYTES, ORDER);
        s22.intoMemorySegment(c, c2 + 2 * BYTES, ORDER);
        s30.intoMemorySegment(c, c3, ORDER);
        s31.intoMemorySegment(c, c3 + BYTES, ORDER);
        s32.intoMemorySegment(c, c3 + 2 * BYTES, ORDER);
    }

    private static void tile4x2(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            MemorySegment z,
            long keep) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        long c1 = c0 + Math.min(1, last) * rowC;
        long c2 = c0 + Math.min(2, last) * rowC;
        long c3 = c0 + Math.min(3, last) * rowC;
        FloatVector s00 = load(z, c0 & keep), s01 = load(z, (c0 & keep) + BYTES);
        FloatVector s10 = load(z, c1 & keep), s11 = load(z, (c1 & keep) + BYTES);
        FloatVector s20 = load(z, c2 & keep), s21 = load(z, (c2 & keep) + BYTES);
        FloatVector s30 = load(z, c3 & keep), s31 = load(z, (c3 & keep) + BYTES);
        for (int p = 0; p < depth; p++) {
            long ai = (long) (p * stepA) * Float.BYTES;
            long bi = b0 + (long) (p * stepB) * Float.BYTES;
            var y0 = load(b, bi);
            var y1 = load(b, bi + BYTES);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a0 + ai));
            s00 = x0.fma(y0, s00);
            s01 = x0.fma(y1, s01);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a1 + ai));
            s10 = x1.fma(y0, s10);
            s11 = x1.fma(y1, s11);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a2 + ai));
            s20 = x2.fma(y0, s20);
            s21 = x2.fma(y1, s21);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a3 + ai));
            s30 = x3.fma(y0, s30);
            s31 = x3.fma(y1, s31);
        }
        s00.intoMemorySegment(c, c0, ORDER);
        s01.intoMemorySegment(c, c0 + BYTES, ORDER);
        s10.intoMemorySegment(c, c1, ORDER);
        s11.intoMemorySegment(c, c1 + BYTES, ORDER);
        s20.intoMemorySegment(c, c2, ORDER);
        s21.intoMemorySegment(c, c2 + BYTES, ORDER);
        s30.intoMemorySegment(c, c3, ORDER);
        s31.intoMemorySegment(c, c3 + BYTES, ORDER);
    }

    private static void tile4x1(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int stepA,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            long rowC,
            int last,
            MemorySegment z,
            long keep) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        long c1 = c0 + Math.min(1, last) * rowC;
        long c2 = c0 + Math.min(2, last) * rowC;
        long c3 = c0 + Math.min(3, last) * rowC;
        FloatVector s00 = load(z, c0 & keep);
        FloatVector s10 = load(z, c1 & keep);
        FloatVector s20 = load(z, c2 & keep);
        FloatVector s30 = load(z, c3 & keep);
        for (int p = 0; p < depth; p++) {
            long ai = (long) (p * stepA) * Float.BYTES;
            long bi = b0 + (long) (p * stepB) * Float.BYTES;
            var y0 = load(b, bi);
            var x0 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a0 + ai));
            s00 = x0.fma(y0, s00);
            var x1 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a1 + ai));
            s10 = x1.fma(y0, s10);
            var x2 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a2 + ai));
            s20 = x2.fma(y0, s20);
            var x3 = FloatVector.broadcast(SPECIES, a.get(FLOAT, a3 + ai));
            s30 = x3.fma(y0, s30);
        }
        s00.intoMemorySegment(c, c0, ORDER);
        s10.intoMemorySegment(c, c1, ORDER);
        s20.intoMemorySegment(c, c2, ORDER);
        s30.intoMemorySegment(c, c3, ORDER);
    }
}
