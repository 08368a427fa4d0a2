package adjoint.text;

import adjoint.nn.Layer;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Tensor;

/// A network that says how likely each token is to come next: ids `[B, T]` to logits `[B, T, V]`, those of step t from the tokens
/// up to t.
public interface LanguageModel extends Layer {
    /// How many tokens it knows, V.
    int vocabulary();

    /// How many tokens it is trained to look back on; [Integer#MAX_VALUE] if nothing limits them.
    int context();

    /// Begins to read a text, step by step: each further token costs only itself.
    ///
    /// @param evaluator computes
    Reading reading(Evaluator evaluator);

    /// A text being read. Inference; one thread at a time.
    interface Reading {
        /// Reads on.
        ///
        /// @param ids `[B, T]` of int32, at least one step; the number of rows stays, but for [#select]
        /// @return the logits of what follows, `[B, V]`, computed
        Tensor read(Tensor ids);

        /// Goes on with these rows of the batch, in this order; a row may be taken several times.
        void select(int... rows);
    }
}
