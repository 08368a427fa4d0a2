package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.SPECIES;
import static adjoint.kernel.VectorProductTiles.load;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/// The linear maps of Winograd's minimal filtering F(2 x 2, 3 x 3): a tile of 2 x 2 outputs y of a 3 x 3 kernel g over 4 x 4
/// inputs d is
///
/// `y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A`
///
/// with `Bᵀ = [1 0 -1 0; 0 1 1 0; 0 -1 1 0; 0 1 0 -1]`, `G = [1 0 0; ½ ½ ½; ½ -½ ½; 0 0 1]`, `Aᵀ = [1 1 1 0; 0 1 -1 -1]`: 16
/// multiplications in place of 36, and on small integers exact (Lavin, Gray 2016, "Fast Algorithms for Convolutional Neural
/// Networks"). Its adjoints use the same matrices the other way round.
///
/// Each map takes the vectors of channels of one tile. The 16 numbers of each channel in the transformed space lie in 16 planes.
/// All offsets and strides are bytes.
final class WinogradTransforms {
    private static final int BYTES = SPECIES.vectorByteSize();

    private WinogradTransforms() {}

    /// `v = Bᵀ d B`.
    ///
    /// @param row from one row of d to the next
    /// @param pixel from one column of d to the next
    static void input(
            MemorySegment d, long d0, long row, long pixel, MemorySegment v, long v0, long plane, int vectors) {
        long row1 = d0 + row;
        long row2 = row1 + row;
        long row3 = row2 + row;
        for (int i = 0; i < vectors; i++) {
            long c = (long) i * BYTES;
            // Columns first: of each row of d, d B.
            var a = load(d, d0 + c);
            var b = load(d, d0 + c + pixel);
            var e = load(d, d0 + c + 2 * pixel);
            var f = load(d, d0 + c + 3 * pixel);
            var r00 = a.sub(e);
            var r01 = b.add(e);
            var r02 = e.sub(b);
            var r03 = b.sub(f);
            a = load(d, row1 + c);
            b = load(d, row1 + c + pixel);
            e = load(d, row1 + c + 2 * pixel);
            f = load(d, row1 + c + 3 * pixel);
            var r10 = a.sub(e);
            var r11 = b.add(e);
            var r12 = e.sub(b);
            var r13 = b.sub(f);
            a = load(d, row2 + c);
            b = load(d, row2 + c + pixel);
            e = load(d, row2 + c + 2 * pixel);
            f = load(d, row2 + c + 3 * pixel);
            var r20 = a.sub(e);
            var r21 = b.add(e);
            var r22 = e.sub(b);
            var r23 = b.sub(f);
            a = load(d, row3 + c);
            b = load(d, row3 + c + pixel);
            e = load(d, row3 + c + 2 * pixel);
            f = load(d, row3 + c + 3 * pixel);
            long to = v0 + c;
            r00.sub(r20).intoMemorySegment(v, to, ORDER);
            r01.sub(r21).intoMemorySegment(v, to + plane, ORDER);
            r02.sub(r22).intoMemorySegment(v, to + 2 * plane, ORDER);
            r03.sub(r23).intoMemorySegment(v, to + 3 * plane, ORDER);
            r10.add(r20).intoMemorySegment(v, to + 4 * plane, ORDER);
            r11.add(r21).intoMemorySegment(v, to + 5 * plane, ORDER);
            r12.add(r22).intoMemorySegment(v, to + 6 * plane, ORDER);
            r13.add(r23).intoMemorySegment(v, to + 7 * plane, ORDER);
            r20.sub(r10).intoMemorySegment(v, to + 8 * plane, ORDER);
            r21.sub(r11).intoMemorySegment(v, to + 9 * plane, ORDER);
            r22.sub(r12).intoMemorySegment(v, to + 10 * plane, ORDER);
            r23.sub(r13).intoMemorySegment(v, to + 11 * plane, ORDER);
            r10.sub(a.sub(e)).intoMemorySegment(v, to + 12 * plane, ORDER);
            r11.sub(b.add(e)).intoMemorySegment(v, to + 13 * plane, ORDER);
            r12.sub(e.sub(b)).intoMemorySegment(v, to + 14 * plane, ORDER);
            r13.sub(b.sub(f)).intoMemorySegment(v, to + 15 * plane, ORDER);
        }
    }

    /// `y = Aᵀ m A`.
    static void output(
            MemorySegment m, long m0, long plane, MemorySegment y, long y0, long row, long pixel, int vectors) {
        for (int i = 0; i < vectors; i++) {
            long c = (long) i * BYTES;
            long at = m0 + c;
            // Of each row of m, m A; the rows are added up as Aᵀ says on the way.
            var b = load(m, at + plane);
            var e = load(m, at + 2 * plane);
            var y00 = load(m, at).add(b).add(e);
            var y01 = b.sub(e).sub(load(m, at + 3 * plane));
            b = load(m, at + 5 * plane);
            e = load(m, at + 6 * plane);
            var left = load(m, at + 4 * plane).add(b).add(e);
            var right = b.sub(e).sub(load(m, at + 7 * plane));
            b = load(m, at + 9 * plane);
            e = load(m, at + 10 * plane);
            var nextLeft = load(m, at + 8 * plane).add(b).add(e);
            var nextRight = b.sub(e).sub(load(m, at + 11 * plane));
            b = load(m, at + 13 * plane);
            e = load(m, at + 14 * plane);
            var lastLeft = load(m, at + 12 * plane).add(b).add(e);
            var lastRight = b.sub(e).sub(load(m, at + 15 * plane));
            long to = y0 + c;
            y00.add(left).add(nextLeft).intoMemorySegment(y, to, ORDER);
            y01.add(right).add(nextRight).intoMemorySegment(y, to + pixel, ORDER);
            left.sub(nextLeft).sub(lastLeft).intoMemorySegment(y, to + row, ORDER);
            right.sub(nextRight).sub(lastRight).intoMemorySegment(y, to + row + pixel, ORDER);
        }
    }

    /// `m = A y Aᵀ`, the adjoint of [#output].
    static void outputAdjoint(
            MemorySegment y, long y0, long row, long pixel, MemorySegment m, long m0, long plane, int vectors) {
        for (int i = 0; i < vectors; i++) {
            long c = (long) i * BYTES;
            var y00 = load(y, y0 + c);
            var y01 = load(y, y0 + c + pixel);
            var y10 = load(y, y0 + c + row);
            var y11 = load(y, y0 + c + row + pixel);
            long to = m0 + c;
            y00.intoMemorySegment(m, to, ORDER);
            y00.add(y01).intoMemorySegment(m, to + plane, ORDER);
            y00.sub(y01).intoMemorySegment(m, to + 2 * plane, ORDER);
            y01.neg().intoMemorySegment(m, to + 3 * plane, ORDER);
            var left = y00.add(y10);
            var right = y01.add(y11);
            left.intoMemorySegment(m, to + 4 * plane, ORDER);
            left.add(right).intoMemorySegment(m, to + 5 * plane, ORDER);
            left.sub(right).intoMemorySegment(m, to + 6 * plane, ORDER);
            right.neg().intoMemorySegment(m, to + 7 * plane, ORDER);
            left = y00.sub(y10);
            right = y01.sub(y11);
            left.intoMemorySegment(m, to + 8 * plane, ORDER);
            left.add(right).intoMemorySegment(m, to + 9 * plane, ORDER);
            left.sub(right).intoMemorySegment(m, to + 10 * plane, ORDER);
            right.neg().intoMemorySegment(m, to + 11 * plane, ORDER);
            y10.neg().intoMemorySegment(m, to + 12 * plane, ORDER);
            y10.add(y11).neg().intoMemorySegment(m, to + 13 * plane, ORDER);
            y11.sub(y10).intoMemorySegment(m, to + 14 * plane, ORDER);
            y11.intoMemorySegment(m, to + 15 * plane, ORDER);
        }
    }

    /// `u = G g Gᵀ` of one vector of channels.
    ///
    /// @param tap from one tap of g to the next; negative turns the kernel around
    static void kernel(MemorySegment g, long g0, long tap, MemorySegment u, long u0, long plane) {
        // A row of u: G times a column of g, for each of the three columns, then times Gᵀ.
        var a = load(g, g0);
        var b = load(g, g0 + tap);
        var c = load(g, g0 + 2 * tap);
        var d = load(g, g0 + 3 * tap);
        var e = load(g, g0 + 4 * tap);
        var f = load(g, g0 + 5 * tap);
        var h = load(g, g0 + 6 * tap);
        var i = load(g, g0 + 7 * tap);
        var j = load(g, g0 + 8 * tap);
        row(a, b, c, u, u0, plane);
        var s = a.add(h);
        var t = b.add(i);
        var v = c.add(j);
        row(s.add(d).mul(0.5f), t.add(e).mul(0.5f), v.add(f).mul(0.5f), u, u0 + 4 * plane, plane);
        row(s.sub(d).mul(0.5f), t.sub(e).mul(0.5f), v.sub(f).mul(0.5f), u, u0 + 8 * plane, plane);
        row(h, i, j, u, u0 + 12 * plane, plane);
    }

    private static void row(FloatVector a, FloatVector b, FloatVector c, MemorySegment u, long at, long plane) {
        var s = a.add(c);
        a.intoMemorySegment(u, at, ORDER);
        s.add(b).mul(0.5f).intoMemorySegment(u, at + plane, ORDER);
        s.sub(b).mul(0.5f).intoMemorySegment(u, at + 2 * plane, ORDER);
        c.intoMemorySegment(u, at + 3 * plane, ORDER);
    }

    /// `g = Gᵀ u G` of one vector of channels, the adjoint of [#kernel].
    static void kernelAdjoint(MemorySegment u, long u0, long plane, MemorySegment g, long g0, long tap) {
        // Rows of Gᵀ u are sums of rows of u, of which each becomes a row of g.
        for (int row = 0; row < 3; row++) {
            var a = column(u, u0, plane, row);
            var b = column(u, u0 + plane, plane, row);
            var c = column(u, u0 + 2 * plane, plane, row);
            var d = column(u, u0 + 3 * plane, plane, row);
            var half = b.add(c).mul(0.5f);
            long to = g0 + 3 * row * tap;
            a.add(half).intoMemorySegment(g, to, ORDER);
            b.sub(c).mul(0.5f).intoMemorySegment(g, to + tap, ORDER);
            half.add(d).intoMemorySegment(g, to + 2 * tap, ORDER);
        }
    }

    private static FloatVector column(MemorySegment u, long at, long plane, int row) {
        var b = load(u, at + 4 * plane);
        var c = load(u, at + 8 * plane);
        return switch (row) {
            case 0 -> b.add(c).mul(0.5f).add(load(u, at));
            case 1 -> b.sub(c).mul(0.5f);
            default -> b.add(c).mul(0.5f).add(load(u, at + 12 * plane));
        };
    }

    /// Adds `count` vectors of a to b.
    static void add(MemorySegment memory, long a, long b, int count) {
        for (int i = 0; i < count; i++) {
            long c = (long) i * BYTES;
            load(memory, b + c).add(load(memory, a + c)).intoMemorySegment(memory, b + c, ORDER);
        }
    }

    /// Copies one pixel's vectors of channels, or clears them.
    static void pixel(MemorySegment from, long at, boolean inside, MemorySegment to, long goal, int vectors) {
        if (inside) {
            for (int i = 0; i < vectors; i++) {
                load(from, at + (long) i * BYTES).intoMemorySegment(to, goal + (long) i * BYTES, ORDER);
            }
        } else {
            var zero = FloatVector.zero(SPECIES);
            for (int i = 0; i < vectors; i++) {
                zero.intoMemorySegment(to, goal + (long) i * BYTES, ORDER);
            }
        }
    }
}
