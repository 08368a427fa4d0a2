package adjoint.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// The adjoint of [AttentionForward]. With weights `P = exp(score - logSum)`, dropout's factors `Z` and the cotangent `g`:
///
/// `dv = (P Z)ᵀ g`, `dS = P (Z g vᵀ - Σ_e g output)`, `dq = scale dS k`, `dk = scale dSᵀ q`
///
/// with sums over the heads that share a key. The weights are computed anew, tile by tile (Dao et al. 2022, algorithm 4).
///
/// @param v as in the forward step
/// @param output what the forward step made, any strides
/// @param logSum likewise
/// @param cotangent of the output's shape, any strides
/// @param dq `[B, T, H, D]`, rows without gaps, else any strides; null if not wanted
/// @param dk `[B, S, G, D]`, likewise
/// @param dv `[B, S, G, E]`, likewise
public record AttentionBackward(
        AttentionScores scores, View v, View output, View logSum, View cotangent, View dq, View dk, View dv)
        implements Step {
    @Override
    public List<View> sources() {
        List<View> sources = new ArrayList<>(scores.sources());
        sources.addAll(List.of(v, output, logSum, cotangent));
        return sources;
    }

    @Override
    public List<View> targets() {
        return Stream.of(dq, dk, dv).filter(Objects::nonNull).toList();
    }

    @Override
    public long flops() {
        long width = scores.width();
        long valueWidth = v.dims()[3];
        long each = width + (dv == null ? 0 : valueWidth);
        if (dq != null || dk != null) {
            each += valueWidth + (dq == null ? 0 : width) + (dk == null ? 0 : width);
        }
        return 2 * scores.pairs() * each;
    }
}
