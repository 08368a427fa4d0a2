package adjoint.bench.model;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

/// Attention and a perceptron of one hidden layer, each behind a layer norm and beside a shortcut (Radford et al. 2019).
///
/// Shapes: `[B, T, C]` to `[B, T, C]`.
///
/// @param attentionNorm before the attention
/// @param attention causal
/// @param perceptronNorm before the perceptron
/// @param up `C` to `4 C`
/// @param down `4 C` to `C`
public record TransformerBlock(
        LayerNorm attentionNorm, SelfAttention attention, LayerNorm perceptronNorm, Linear up, Linear down)
        implements Layer {
    /// A block of so many heads.
    public static TransformerBlock of(Init init, int heads, int width) {
        return new TransformerBlock(
                new LayerNorm(width, init),
                SelfAttention.of(init, heads, width),
                new LayerNorm(width, init),
                Linear.withoutBias(width, 4 * width, init),
                Linear.withoutBias(4 * width, width, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = x.add(attention.apply(attentionNorm.apply(x, pass), pass));
        return y.add(perceptron(perceptronNorm.apply(y, pass), pass));
    }

    private Tensor perceptron(Tensor x, Pass pass) {
        return down.apply(up.apply(x, pass).gelu(), pass);
    }
}
