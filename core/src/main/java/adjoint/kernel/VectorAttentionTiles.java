package adjoint.kernel;

import static adjoint.kernel.VectorMath.LANES;
import static adjoint.kernel.VectorMath.ORDER;
import static adjoint.kernel.VectorMath.SPECIES;
import static adjoint.kernel.VectorMath.load;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// The loops over one tile of attention's scores: [#KEYS] rows of keys by [#QUERIES] columns of queries, so that a vector
/// holds the scores of several queries for one key, and the softmax of each query stays in its lane.
final class VectorAttentionTiles {
    static final int QUERIES = 64;
    static final int KEYS = 64;
    static final int F = Float.BYTES;

    /// Bytes of a row of a tile.
    static final int ROW = QUERIES * F;

    /// Bytes of a tile.
    static final int TILE = KEYS * ROW;

    private static final int VECTOR = SPECIES.vectorByteSize();
    private static final FloatVector INDEX = FloatVector.broadcast(SPECIES, 0).addIndex(1);

    private VectorAttentionTiles() {}

    /// A width rounded up to whole vectors.
    static int padded(int width) {
        return Math.ceilDiv(width, LANES) * LANES;
    }

    /// Which of keys and queries are what in a product, so that what causality hides need not be computed. With the first
    /// seeing query `cut` of a tile's first key, query i sees key j if `cut + j <= i`.
    enum Order {
        /// Rows of keys by columns of queries: what is hidden from whole blocks is left undefined.
        KEYS_BY_QUERIES,
        /// Rows of keys, sums over queries.
        KEYS_OVER_QUERIES,
        /// Rows of queries, sums over keys.
        QUERIES_OVER_KEYS
    }

    /// The `cut` of a tile that hides nothing.
    static final int ALL = -2 * QUERIES;

    /// `c (+)= a b` inside a workspace; offsets and row strides in bytes, `stepA` and `stepB` in elements.
    ///
    /// @param columns whole vectors
    static void product(
            Order order,
            int cut,
            MemorySegment ws,
            int rows,
            int columns,
            int depth,
            long a,
            long rowA,
            int stepA,
            long b,
            int stepB,
            long c,
            long rowC,
            boolean add) {
        int vectors = columns / LANES;
        int width;
        for (int first = 0; first < vectors; first += width) {
            int left = vectors - first;
            width = left == 4 ? 2 : Math.min(3, left);
            int end = (first + width) * LANES;
            long shift = (long) first * VECTOR;
            for (int i = 0; i < rows; i += VectorProductTiles.ROWS) {
                if (order == Order.KEYS_BY_QUERIES && end <= cut + i) {
                    break; // further keys are hidden, too
                }
                int last = Math.min(VectorProductTiles.ROWS, rows - i) - 1;
                int from = order == Order.KEYS_OVER_QUERIES ? Math.clamp(cut + i, 0, depth) : 0;
                int to = order == Order.QUERIES_OVER_KEYS ? Math.clamp(i + last + 1 - cut, 0, depth) : depth;
                VectorProductTiles.tile(
                        width,
                        to - from,
                        ws,
                        a + i * rowA + (long) from * stepA * F,
                        rowA,
                        stepA,
                        ws,
                        b + shift + (long) from * stepB * F,
                        stepB,
                        ws,
                        c + shift + i * rowC,
                        rowC,
                        last,
                        add);
            }
        }
    }

    /// Hides from each query the keys after the one that it may look at: `cut` is the first query that sees the first key of
    /// the tile; each further key is seen from one query later. Keys that no query of a vector sees are left as they are.
    static void hideFuture(MemorySegment ws, long tile, int keys, int cut) {
        var s = ws.asSlice(tile, TILE);
        for (int j = Math.max(0, 1 - cut); j < Math.min(keys, QUERIES - cut); j++) {
            int hidden = cut + j;
            int at = j * ROW + hidden / LANES * LANES * F;
            VectorMask<Float> mask = INDEX.compare(VectorOperators.LT, (float) (hidden % LANES));
            load(s, at).blend(Float.NEGATIVE_INFINITY, mask).intoMemorySegment(s, at, ORDER);
        }
    }

    // How many keys some of the queries `column …` of a vector see.
    private static int seen(int cut, int column, int keys) {
        return Math.clamp((long) column + LANES - cut, 0, keys);
    }

    private static void clear(MemorySegment s, int fromKey, int keys) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = fromKey; j < keys; j++) {
            zero.intoMemorySegment(s, j * ROW, ORDER);
        }
    }

    /// `tile += other`, over whole rows.
    static void add(MemorySegment ws, long tile, long other, int keys) {
        var s = ws.asSlice(tile, TILE);
        var o = ws.asSlice(other, TILE);
        for (int i = 0; i < keys * ROW; i += VECTOR) {
            load(s, i).add(load(o, i)).intoMemorySegment(s, i, ORDER);
        }
    }

    /// `tile *= other`, over whole rows.
    static void multiply(MemorySegment ws, long tile, long other, int keys) {
        var s = ws.asSlice(tile, TILE);
        var o = ws.asSlice(other, TILE);
        for (int i = 0; i < keys * ROW; i += VECTOR) {
            load(s, i).mul(load(o, i)).intoMemorySegment(s, i, ORDER);
        }
    }

    /// Goes on with the softmax of the queries `column …` by a tile of scores, which become weights.
    ///
    /// @param cut as in [#hideFuture]
    /// @param state three rows: the largest scores so far, the sums so far, and (out) what former sums and outputs must be
    ///     multiplied by
    static void soften(MemorySegment ws, long tile, int keys, int cut, long state, int column) {
        int seen = seen(cut, column, keys);
        var s = ws.asSlice(tile + (long) column * F, TILE - column * F);
        var m = ws.asSlice(state + (long) column * F, 3 * ROW - column * F);
        FloatVector top0 = load(m, 0);
        FloatVector top = top0;
        for (int j = 0; j < seen; j++) {
            FloatVector x = load(s, j * ROW);
            top = top.blend(x, x.compare(VectorOperators.GT, top));
        }
        // Where all is hidden so far, 0 stands for -∞, so that weights become exp(-∞) = 0.
        FloatVector base = top.blend(0f, top.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
        FloatVector sum = FloatVector.broadcast(SPECIES, 0);
        for (int j = 0; j < seen; j++) {
            FloatVector e = VectorMath.exp(load(s, j * ROW).sub(base));
            sum = sum.add(e);
            e.intoMemorySegment(s, j * ROW, ORDER);
        }
        clear(s, seen, keys);
        FloatVector shrink = VectorMath.exp(top0.sub(base));
        top.intoMemorySegment(m, 0, ORDER);
        load(m, ROW).fma(shrink, sum).intoMemorySegment(m, ROW, ORDER);
        shrink.intoMemorySegment(m, 2 * ROW, ORDER);
    }

    /// Scores become weights: `exp(score - logSum)`.
    ///
    /// @param logSum a row; +∞ for a query that sees nothing
    static void weights(MemorySegment ws, long tile, int keys, int cut, long logSum, int column) {
        int seen = seen(cut, column, keys);
        var s = ws.asSlice(tile + (long) column * F, TILE - column * F);
        FloatVector l = load(ws, logSum + (long) column * F);
        for (int j = 0; j < seen; j++) {
            VectorMath.exp(load(s, j * ROW).sub(l)).intoMemorySegment(s, j * ROW, ORDER);
        }
        clear(s, seen, keys);
    }

    /// Cotangents of weights become cotangents of scores: `p (w - delta)`.
    static void unsoften(MemorySegment ws, long tile, long weights, int keys, int cut, long delta, int column) {
        int seen = seen(cut, column, keys);
        var w = ws.asSlice(tile + (long) column * F, TILE - column * F);
        var p = ws.asSlice(weights + (long) column * F, TILE - column * F);
        FloatVector d = load(ws, delta + (long) column * F);
        for (int j = 0; j < seen; j++) {
            load(p, j * ROW).mul(load(w, j * ROW).sub(d)).intoMemorySegment(w, j * ROW, ORDER);
        }
        clear(w, seen, keys);
    }

    /// `logSum = top + log(sum)` for all queries of a tile, from and to the rows of a softmax's state.
    static void logSums(MemorySegment ws, long state, long logSum) {
        for (int i = 0; i < ROW; i += VECTOR) {
            load(ws, state + i).add(VectorMath.log(load(ws, state + ROW + i))).intoMemorySegment(ws, logSum + i, ORDER);
        }
    }

    /// Multiplies rows of `width` (whole vectors) by one factor each.
    static void scaleRows(MemorySegment ws, long rows, int count, int width, long factors) {
        for (int i = 0; i < count; i++) {
            float factor = ws.get(Elements.FLOAT, factors + i * F);
            if (factor != 1) {
                scale(ws.asSlice(rows + (long) i * width * F, (long) width * F), width * F, factor);
            }
        }
    }

    private static void scale(MemorySegment row, int bytes, float factor) {
        for (int i = 0; i < bytes; i += VECTOR) {
            load(row, i).mul(factor).intoMemorySegment(row, i, ORDER);
        }
    }

    /// The sums of the products of two groups of rows of `width` (whole vectors), one for each row.
    ///
    /// @param work offset of a vector's working memory
    static void dots(MemorySegment ws, long a, long b, int count, int width, long target, long work) {
        var lanes = ws.asSlice(work, VECTOR);
        for (int i = 0; i < count; i++) {
            long at = (long) i * width * F;
            dot(ws.asSlice(a + at, (long) width * F), ws.asSlice(b + at, (long) width * F), width * F, lanes);
            float sum = 0;
            for (int lane = 0; lane < LANES; lane++) { // reduceLanes has no fixed order: it differs once compiled
                sum += lanes.get(Elements.FLOAT, (long) lane * F);
            }
            ws.set(Elements.FLOAT, target + i * F, sum);
        }
    }

    private static void dot(MemorySegment a, MemorySegment b, int bytes, MemorySegment lanes) {
        FloatVector sum = FloatVector.broadcast(SPECIES, 0);
        for (int i = 0; i < bytes; i += VECTOR) {
            sum = load(a, i).fma(load(b, i), sum);
        }
        sum.intoMemorySegment(lanes, 0, ORDER);
    }

    /// Copies rows into the workspace, times a factor and padded with zeros to whole vectors; source strides in bytes.
    static void pack(
            MemorySegment source,
            long from,
            long row,
            long step,
            int rows,
            int width,
            MemorySegment ws,
            long to,
            int wide,
            float factor) {
        if (step == F) {
            copy(source, from, row, rows, width, ws, to, (long) wide * F, wide, factor);
            return;
        }
        for (int i = 0; i < rows; i++) {
            long goal = to + (long) i * wide * F;
            for (int d = 0; d < wide; d++) {
                float x = d < width ? source.get(Elements.FLOAT, from + i * row + d * step) : 0;
                ws.set(Elements.FLOAT, goal + d * F, factor * x);
            }
        }
    }

    /// Copies rows out of the workspace, to a target whose last axis is contiguous, times a factor.
    static void store(
            MemorySegment ws,
            long from,
            int wide,
            int rows,
            int width,
            float factor,
            MemorySegment target,
            long to,
            long row) {
        copy(ws, from, (long) wide * F, rows, width, target, to, row, width, factor);
    }

    // Column by column of vectors: rows lie far apart, but at one distance, which the processor foresees.
    private static void copy(
            MemorySegment s,
            long from,
            long row,
            int rows,
            int width,
            MemorySegment t,
            long to,
            long goal,
            int wide,
            float factor) {
        for (int d = 0; d < width; d += LANES) {
            if (d + LANES <= width) {
                copy(s, from + (long) d * F, row, rows, t, to + (long) d * F, goal, factor);
            } else {
                copyLast(s, from + (long) d * F, row, rows, width - d, t, to + (long) d * F, goal, wide - d, factor);
            }
        }
    }

    private static void copy(
            MemorySegment s, long from, long row, int rows, MemorySegment t, long to, long goal, float factor) {
        for (int i = 0; i < rows; i++) {
            load(s, from + i * row).mul(factor).intoMemorySegment(t, to + i * goal, ORDER);
        }
    }

    private static void copyLast(
            MemorySegment s,
            long from,
            long row,
            int rows,
            int width,
            MemorySegment t,
            long to,
            long goal,
            int wide,
            float factor) {
        VectorMask<Float> read = SPECIES.indexInRange(0, width);
        VectorMask<Float> written = SPECIES.indexInRange(0, wide);
        for (int i = 0; i < rows; i++) {
            FloatVector.fromMemorySegment(SPECIES, s, from + i * row, ORDER, read)
                    .mul(factor)
                    .intoMemorySegment(t, to + i * goal, ORDER, written);
        }
    }
}
