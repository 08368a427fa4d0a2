package adjoint.kernel;

import java.util.ArrayList;
import java.util.List;

/// How much each query attends to each key, before the softmax: the part that attention's forward and backward steps share.
///
/// `score[b, h, t, s] = scale Σ_d q[b, t, h, d] k[b, s, h / (H / G), d] + mask[b, h, t, s]`
///
/// with q `[B, T, H, D]` and k `[B, S, G, D]`, any strides; H is a multiple of G.
///
/// @param mask null, or `[B, H, T, S]`: truth values (false: not seen) or floats that are added; strides of 0 repeat
/// @param key null unless there is dropout: INT64 of two elements, seed and stream of [Philox]
/// @param causal whether query t sees only the keys up to t + S - T: the last query sees all
/// @param dropout the probability with which a weight is set to 0 after the softmax; the others are divided by its
///     complement. Weight `[b, h, t, s]` goes by the number at its row-major index: it stays if that is below the complement
public record AttentionScores(View q, View k, View mask, View key, boolean causal, double scale, double dropout) {
    int batch() {
        return q.dims()[0];
    }

    int queries() {
        return q.dims()[1];
    }

    int heads() {
        return q.dims()[2];
    }

    int width() {
        return q.dims()[3];
    }

    int keys() {
        return k.dims()[1];
    }

    int keyHeads() {
        return k.dims()[2];
    }

    /// The heads of queries for each head of keys.
    int group() {
        return keyHeads() == 0 ? 0 : heads() / keyHeads();
    }

    /// How far ahead of its own position a query may look.
    int ahead() {
        return causal ? keys() - queries() : keys();
    }

    /// The number of pairs of query and key that count.
    long pairs() {
        long rows = queries();
        long pairs = rows * keys();
        if (causal) {
            long first = Math.max(0, 1 + (long) keys() - rows);
            long seeing = Math.min(rows, keys());
            pairs = seeing * (first + keys()) / 2;
        }
        return batch() * (long) heads() * pairs;
    }

    List<View> sources() {
        var sources = new ArrayList<View>(List.of(q, k));
        if (mask != null) {
            sources.add(mask);
        }
        if (key != null) {
            sources.add(key);
        }
        return sources;
    }
}
