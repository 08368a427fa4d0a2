package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.SPECIES;
import static adjoint.kernel.VectorProductTiles.load;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/// Products of a matrix and a vector for [VectorProduct]: each element of the matrix is read once, so that packing or
/// tiles
/// would only cost. Offsets and row strides are bytes.
final class VectorProductLines {
    private static final int F = Float.BYTES;
    private static final int BYTES = SPECIES.vectorByteSize();
    private static final int ROWS = 4;
    private static final int VECTORS = 8;

    /// Bytes of working memory.
    static final long WORK_BYTES = (long) ROWS * BYTES;

    private VectorProductLines() {}

    /// `c[i] = Σ_p a[i, p] x[p]` where the rows of `a` and `x` are contiguous.
    static void dots(
            int count,
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            MemorySegment x,
            long x0,
            MemorySegment c,
            long c0,
            MemorySegment work,
            long w0) {
        int whole = depth - depth % LANES;
        for (int i = 0; i < count; i += ROWS) {
            int last = Math.min(ROWS, count - i) - 1;
            long first = a0 + i * rowA;
            fourDots(whole, a, first, rowA, last, x, x0, work, w0);
            for (int r = 0; r <= last; r++) {
                float sum = total(work, w0 + r * BYTES);
                for (int p = whole; p < depth; p++) {
                    sum = Math.fma(a.get(FLOAT, first + r * rowA + (long) p * F), x.get(FLOAT, x0 + (long) p * F), sum);
                }
                c.set(FLOAT, c0 + (long) (i + r) * F, sum);
            }
        }
    }

    private static void fourDots(
            int depth,
            MemorySegment a,
            long a0,
            long rowA,
            int last,
            MemorySegment x,
            long x0,
            MemorySegment c,
            long c0) {
        long a1 = a0 + Math.min(1, last) * rowA;
        long a2 = a0 + Math.min(2, last) * rowA;
        long a3 = a0 + Math.min(3, last) * rowA;
        var zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        for (int p = 0; p < depth; p += LANES) {
            long at = (long) p * F;
            var y = load(x, x0 + at);
            s0 = load(a, a0 + at).fma(y, s0);
            s1 = load(a, a1 + at).fma(y, s1);
            s2 = load(a, a2 + at).fma(y, s2);
            s3 = load(a, a3 + at).fma(y, s3);
        }
        s0.intoMemorySegment(c, c0, ORDER);
        s1.intoMemorySegment(c, c0 + BYTES, ORDER);
        s2.intoMemorySegment(c, c0 + 2 * BYTES, ORDER);
        s3.intoMemorySegment(c, c0 + 3 * BYTES, ORDER);
    }

    /// The sum of a vector's lanes; `reduceLanes` may add them in another order each time.
    static float total(MemorySegment work, long at) {
        float even = 0;
        float odd = 0;
        for (int i = 0; i < LANES; i += 2) {
            even += work.get(FLOAT, at + (long) i * F);
            odd += work.get(FLOAT, at + (long) (i + 1) * F);
        }
        return even + odd;
    }

    /// `c[j] = Σ_p x[p] b[p, j]` where the rows of `b` are contiguous.
    ///
    /// @param stepX elements from one p to the next; `depth * stepX` fits an int, likewise for `stepB`
    static void sums(
            int count,
            int depth,
            MemorySegment x,
            long x0,
            int stepX,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            MemorySegment work,
            long w0) {
        if (count < LANES) {
            fewSums(count, depth, x, x0, stepX, b, b0, stepB, c, c0, work, w0);
            return;
        }
        // The last vectors may overlap those before them: their sums are the same.
        int last = count - LANES;
        int j = 0;
        for (; count - j > VECTORS / 2 * LANES; j += VECTORS * LANES) {
            eightSums(depth, x, x0, stepX, b, b0, stepB, c, c0, j, last);
        }
        for (; j < count; j += VECTORS / 2 * LANES) {
            fourSums(depth, x, x0, stepX, b, b0, stepB, c, c0, j, last);
        }
    }

    // A vector holds what is behind a row too, which is left out; where there is no memory for that, or rows do not
    // follow each other, terms are added one by one.
    private static void fewSums(
            int count,
            int depth,
            MemorySegment x,
            long x0,
            int stepX,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            MemorySegment work,
            long w0) {
        long room = b.byteSize() - b0 - BYTES;
        int whole = room < 0 || stepB <= 0 ? 0 : (int) Math.min(depth, room / ((long) stepB * F) + 1);
        var sum = FloatVector.zero(SPECIES);
        for (int p = 0; p < whole; p++) {
            var y = FloatVector.broadcast(SPECIES, x.get(FLOAT, x0 + (long) (p * stepX) * F));
            sum = load(b, b0 + (long) (p * stepB) * F).fma(y, sum);
        }
        sum.intoMemorySegment(work, w0, ORDER);
        for (int j = 0; j < count; j++) {
            float s = work.get(FLOAT, w0 + (long) j * F);
            for (int p = whole; p < depth; p++) {
                float factor = x.get(FLOAT, x0 + (long) (p * stepX) * F);
                s = Math.fma(b.get(FLOAT, b0 + (long) j * F + (long) (p * stepB) * F), factor, s);
            }
            c.set(FLOAT, c0 + (long) j * F, s);
        }
    }

    // Of so few columns, eight sums would take up to half as long again (120 terms, AVX-512: 617 ns instead of 402).
    private static void fourSums(
            int depth,
            MemorySegment x,
            long x0,
            int stepX,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            int column,
            int last) {
        long o0 = offset(column, 0, last);
        long o1 = offset(column, 1, last);
        long o2 = offset(column, 2, last);
        long o3 = offset(column, 3, last);
        var zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        for (int p = 0; p < depth; p++) {
            var y = FloatVector.broadcast(SPECIES, x.get(FLOAT, x0 + (long) (p * stepX) * F));
            long at = b0 + (long) (p * stepB) * F;
            s0 = load(b, at + o0).fma(y, s0);
            s1 = load(b, at + o1).fma(y, s1);
            s2 = load(b, at + o2).fma(y, s2);
            s3 = load(b, at + o3).fma(y, s3);
        }
        s0.intoMemorySegment(c, c0 + o0, ORDER);
        s1.intoMemorySegment(c, c0 + o1, ORDER);
        s2.intoMemorySegment(c, c0 + o2, ORDER);
        s3.intoMemorySegment(c, c0 + o3, ORDER);
    }

    private static long offset(int column, int vector, int last) {
        return Math.min(column + (long) vector * LANES, last) * F;
    }

    private static void eightSums(
            int depth,
            MemorySegment x,
            long x0,
            int stepX,
            MemorySegment b,
            long b0,
            int stepB,
            MemorySegment c,
            long c0,
            int column,
            int last) {
        long o0 = offset(column, 0, last);
        long o1 = offset(column, 1, last);
        long o2 = offset(column, 2, last);
        long o3 = offset(column, 3, last);
        long o4 = offset(column, 4, last);
        long o5 = offset(column, 5, last);
        long o6 = offset(column, 6, last);
        long o7 = offset(column, 7, last);
        var zero = FloatVector.zero(SPECIES);
        FloatVector s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        FloatVector s4 = zero, s5 = zero, s6 = zero, s7 = zero;
        for (int p = 0; p < depth; p++) {
            var y = FloatVector.broadcast(SPECIES, x.get(FLOAT, x0 + (long) (p * stepX) * F));
            long at = b0 + (long) (p * stepB) * F;
            s0 = load(b, at + o0).fma(y, s0);
            s1 = load(b, at + o1).fma(y, s1);
            s2 = load(b, at + o2).fma(y, s2);
            s3 = load(b, at + o3).fma(y, s3);
            s4 = load(b, at + o4).fma(y, s4);
            s5 = load(b, at + o5).fma(y, s5);
            s6 = load(b, at + o6).fma(y, s6);
            s7 = load(b, at + o7).fma(y, s7);
        }
        s0.intoMemorySegment(c, c0 + o0, ORDER);
        s1.intoMemorySegment(c, c0 + o1, ORDER);
        s2.intoMemorySegment(c, c0 + o2, ORDER);
        s3.intoMemorySegment(c, c0 + o3, ORDER);
        s4.intoMemorySegment(c, c0 + o4, ORDER);
        s5.intoMemorySegment(c, c0 + o5, ORDER);
        s6.intoMemorySegment(c, c0 + o6, ORDER);
        s7.intoMemorySegment(c, c0 + o7, ORDER);
    }
}
