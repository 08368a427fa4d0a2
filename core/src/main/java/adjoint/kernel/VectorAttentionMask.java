package adjoint.kernel;

import static adjoint.kernel.VectorAttentionTiles.F;
import static adjoint.kernel.VectorAttentionTiles.QUERIES;
import static adjoint.kernel.VectorAttentionTiles.ROW;
import static adjoint.kernel.VectorAttentionTiles.padded;

import java.lang.foreign.MemorySegment;

/// What keeps queries from seeing keys, and dropout, on one tile of scores.
final class VectorAttentionMask {
    private final AttentionScores scores;

    VectorAttentionMask(AttentionScores scores) {
        this.scores = scores;
    }

    /// Whether tiles need a further tile of working memory.
    boolean isNeeded() {
        return scores.mask() != null || scores.key() != null;
    }

    /// Applies the mask and hides the future.
    ///
    /// @param tile scores of the keys `s …` (rows) for the queries `t …` (columns)
    /// @param work a tile of working memory, if it is needed
    void hide(
            Memory memory, MemorySegment ws, long tile, long work, int b, int h, int t, int s, int queries, int keys) {
        if (scores.mask() != null) {
            bias(memory, ws, work, b, h, t, s, queries, keys);
            VectorAttentionTiles.add(ws, tile, work, keys);
        }
        int cut = cut(t, s);
        if (cut + keys - 1 > 0) {
            VectorAttentionTiles.hideFuture(ws, tile, keys, cut);
        }
    }

    /// Of the queries `t …`, the first that sees key s: query t + i sees key s + j if `s + j <= t + i + ahead`.
    int cut(int t, int s) {
        long cut = (long) s - t - scores.ahead();
        return scores.causal() ? Math.clamp(cut, VectorAttentionTiles.ALL, QUERIES) : VectorAttentionTiles.ALL;
    }

    private void bias(Memory memory, MemorySegment ws, long work, int b, int h, int t, int s, int queries, int keys) {
        View mask = scores.mask();
        long[] strides = mask.strides();
        MemorySegment source = memory.slot(mask.slot());
        long from =
                mask.offset()
                        + (b * strides[0] + h * strides[1] + t * strides[2] + s * strides[3]) * mask.type().bytes();
        long row = strides[3] * mask.type().bytes();
        long column = strides[2] * mask.type().bytes();
        int used = padded(queries);
        for (int j = 0; j < keys; j++) {
            long at = from + j * row;
            long goal = work + (long) j * ROW;
            float same = column == 0 ? bias(source, mask.type(), at) : 0;
            for (int i = 0; i < used; i++) {
                float x = column == 0 ? same : i < queries ? bias(source, mask.type(), at + i * column) : 0;
                ws.set(Elements.FLOAT, goal + i * F, x);
            }
        }
    }

    static float bias(MemorySegment source, DType type, long at) {
        if (type == DType.BOOL) {
            return source.get(Elements.BYTE, at) != 0 ? 0 : Float.NEGATIVE_INFINITY;
        }
        return source.get(Elements.FLOAT, at);
    }

    /// Writes dropout's factors of a tile.
    void factors(Memory memory, MemorySegment ws, long to, int b, int h, int t, int s, int queries, int keys) {
        View key = scores.key();
        MemorySegment source = memory.slot(key.slot());
        long seed = source.get(Elements.LONG, key.offset());
        long stream = source.get(Elements.LONG, key.offset() + key.strides()[0] * Long.BYTES);
        double complement = 1 - scores.dropout();
        float bound = (float) complement;
        float factor = (float) (1 / complement);
        long first = (((long) b * scores.heads() + h) * scores.queries() + t) * scores.keys() + s;
        int used = Math.ceilDiv(queries, VectorPhilox.LANES) * VectorPhilox.LANES;
        for (int j = 0; j < keys; j++) {
            VectorPhilox.bernoulli(
                    seed, stream, first + j, scores.keys(), used, bound, factor, ws, to + (long) j * ROW);
        }
    }
}
