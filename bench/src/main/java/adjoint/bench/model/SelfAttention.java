package adjoint.bench.model;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.AttentionOptions;
import adjoint.tensor.Tensor;

/// Causal self-attention in several heads: `softmax(Q Kᵀ / √D) V`, of places not ahead (Vaswani et al. 2017).
///
/// Shapes: `[B, T, C]` to `[B, T, C]`.
///
/// @param heads a divisor of `C`
/// @param queryKeyValue `C` to `3 C`
/// @param projection `C` to `C`
public record SelfAttention(int heads, Linear queryKeyValue, Linear projection) implements Layer {
    /// With new weights.
    public static SelfAttention of(Init init, int heads, int width) {
        return new SelfAttention(
                heads, Linear.withoutBias(width, 3 * width, init), Linear.withoutBias(width, width, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor[] qkv = queryKeyValue.apply(x, pass).chunk(-1, 3);
        Tensor mixed =
                split(qkv[0])
                        .attention(split(qkv[1]), split(qkv[2]), AttentionOptions.standard().causal()); // [B, H, T, D]
        return projection.apply(mixed.transpose(1, 2).reshape(x.shape().dims()), pass);
    }

    // [B, T, C] -> [B, H, T, D]
    private Tensor split(Tensor x) {
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).transpose(1, 2);
    }
}
