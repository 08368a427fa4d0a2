package adjoint.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Scaled dot-product attention: `output[b, t, h, :] = Σ_s softmax_s(score[b, h, t, s]) v[b, s, h / (H / G), :]`, and the
/// logarithm of the softmax's denominator, from which [AttentionBackward] recovers the weights. A query that sees no key has
/// the output 0 and the logarithm -∞.
///
/// All floats of one type. The weights, `[B, H, T, S]`, are never in memory as a whole (Dao et al. 2022).
///
/// @param v `[B, S, G, E]`, any strides
/// @param output `[B, T, H, E]`, dense; null if not wanted
/// @param logSum `[B, H, T]`, dense; null if not wanted
public record AttentionForward(AttentionScores scores, View v, View output, View logSum) implements Step {
    @Override
    public List<View> sources() {
        List<View> sources = new ArrayList<>(scores.sources());
        sources.add(v);
        return sources;
    }

    @Override
    public List<View> targets() {
        return Stream.of(output, logSum).filter(Objects::nonNull).toList();
    }

    @Override
    public long flops() {
        return 2 * scores.pairs() * (scores.width() + (output == null ? 0 : v.dims()[3]));
    }
}
