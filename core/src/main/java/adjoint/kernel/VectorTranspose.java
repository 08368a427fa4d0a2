package adjoint.kernel;

import static adjoint.kernel.VectorMath.LANES;
import static adjoint.kernel.VectorMath.ORDER;
import static adjoint.kernel.VectorMath.SPECIES;
import static adjoint.kernel.VectorMath.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

import java.lang.foreign.MemorySegment;

/// Rows become columns, by perfect shuffles: interleaving the first half of the rows of a square with the second rotates the
/// bits of an element's position, so a few rounds swap row and column.
final class VectorTranspose {
    private static final int F = Float.BYTES;
    private static final int ROW = LANES * F;
    private static final int SQUARE = LANES * ROW;

    /// Which elements of two rows the first and the second row interleaved from them have: those of the second row count on.
    private static final FloatVector LOW = interleaved(0);

    private static final FloatVector HIGH = interleaved(LANES / 2);

    /// The same of one row each, where machines with short vectors cannot choose from two.
    private static final VectorShuffle<Float> LOW_HALF = VectorShuffle.fromOp(SPECIES, i -> i / 2);

    private static final VectorShuffle<Float> HIGH_HALF = VectorShuffle.fromOp(SPECIES, i -> (LANES + i) / 2);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAAAAAAAAAL);

    /// Bytes of working memory.
    static final long WORK_BYTES = 2L * SQUARE;

    private VectorTranspose() {}

    private static FloatVector interleaved(int first) {
        float[] index = new float[LANES];
        for (int i = 0; i < LANES; i++) {
            index[i] = first + i / 2 + i % 2 * LANES;
        }
        return FloatVector.fromArray(SPECIES, index, 0);
    }

    /// `goal[j, i] = source[i, j]`, both extents whole vectors; offsets and rows in bytes.
    ///
    /// @param ws where [#WORK_BYTES] at `work` are free
    static void run(
            MemorySegment from,
            long source,
            long sourceRow,
            int rows,
            int columns,
            MemorySegment to,
            long goal,
            long goalRow,
            MemorySegment ws,
            long work) {
        for (int j = 0; j < columns; j += LANES) {
            for (int i = 0; i < rows; i += LANES) {
                long here = work;
                long there = work + SQUARE;
                interleave(from, source + i * sourceRow + (long) j * F, sourceRow, ws, here, ROW);
                for (int size = 4; size < LANES; size *= 2) {
                    interleave(ws, here, ROW, ws, there, ROW);
                    long swap = here;
                    here = there;
                    there = swap;
                }
                interleave(ws, here, ROW, to, goal + j * goalRow + (long) i * F, goalRow);
            }
        }
    }

    private static void interleave(MemorySegment a, long from, long fromRow, MemorySegment b, long to, long toRow) {
        for (int i = 0; i < LANES / 2; i++) {
            FloatVector first = load(a, from + i * fromRow);
            FloatVector second = load(a, from + (i + LANES / 2) * fromRow);
            FloatVector low = LANES > 4 ? LOW.selectFrom(first, second) : blend(first, second, LOW_HALF);
            FloatVector high = LANES > 4 ? HIGH.selectFrom(first, second) : blend(first, second, HIGH_HALF);
            low.intoMemorySegment(b, to + 2 * i * toRow, ORDER);
            high.intoMemorySegment(b, to + (2 * i + 1) * toRow, ORDER);
        }
    }

    private static FloatVector blend(FloatVector first, FloatVector second, VectorShuffle<Float> half) {
        return first.rearrange(half).blend(second.rearrange(half), ODD);
    }
}
