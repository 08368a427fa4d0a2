package adjoint.bench.model;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

/// Causal self-attention in several heads: `softmax(Q Kᵀ / √D) V`, of places not ahead (Vaswani et al. 2017).
///
/// Shapes: `[B, T, C]` to `[B, T, C]`.
///
/// @param heads a divisor of `C`
/// @param ahead `[T, T]`, true where the column's place comes after the row's
/// @param queryKeyValue `C` to `3 C`
/// @param projection `C` to `C`
public record SelfAttention(int heads, Tensor ahead, Linear queryKeyValue, Linear projection) implements Layer {
    /// Attention over at most `context` places.
    public static SelfAttention of(Init init, int context, int heads, int width) {
        boolean[] ahead = new boolean[context * context];
        for (int i = 0; i < ahead.length; i++) {
            ahead[i] = i % context > i / context;
        }
        return new SelfAttention(
                heads,
                Tensor.of(ahead, context, context),
                Linear.withoutBias(width, 3 * width, init),
                Linear.withoutBias(width, width, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor[] qkv = queryKeyValue.apply(x, pass).chunk(-1, 3);
        Tensor mixed = attend(split(qkv[0]), split(qkv[1]), split(qkv[2]));
        return projection.apply(mixed.transpose(1, 2).reshape(x.shape().dims()), pass);
    }

    // [B, T, C] -> [B, H, T, D]
    private Tensor split(Tensor x) {
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).transpose(1, 2);
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v) {
        int length = q.dim(2);
        Tensor future = ahead.slice(0, 0, length).slice(1, 0, length);
        Tensor scores = q.matmul(k.transpose(2, 3)).mul(1 / Math.sqrt(q.dim(3))); // [B,H,T,D] · [B,H,D,T] -> [B,H,T,T]
        return scores.maskedFill(future, Double.NEGATIVE_INFINITY).softmax(-1).matmul(v);
    }
}
