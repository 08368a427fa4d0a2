package adjoint.bench.model;

import adjoint.nn.Embedding;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.TransformerBlock;
import adjoint.tensor.Tensor;

import java.util.List;

/// A language model of characters as nanoGPT trains it on a CPU: pre-norm transformer blocks, learned positions, no biases
/// but in the layer norms, no dropout (Radford et al. 2019).
///
/// Shapes: characters `[B, T]`, logits `[B, T, V]`.
///
/// @param characters a vector for each character
/// @param positions a vector for each place
/// @param blocks one after the other
/// @param norm before the head
/// @param head logits
public record CharGpt(
        Embedding characters, Embedding positions, List<TransformerBlock> blocks, LayerNorm norm, Linear head)
        implements Layer {
    /// A model of so many characters, with a context of so many.
    public static CharGpt of(Init init, int vocabulary, int context, int layers, int heads, int width) {
        return new CharGpt(
                new Embedding(vocabulary, width, init),
                new Embedding(context, width, init),
                TransformerBlock.several(layers, width, new TransformerBlock.Form(heads).causal().withoutBias(), init),
                new LayerNorm(width, init),
                Linear.withoutBias(width, vocabulary, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor places = positions.weight().value().slice(0, 0, x.dim(1)); // [T, C]
        Tensor y = characters.apply(x, pass).add(places); // [B, T, C]
        for (TransformerBlock block : blocks) {
            y = block.apply(y, pass);
        }
        return head.apply(norm.apply(y, pass), pass);
    }
}
