package adjoint.bench.model;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Lstm;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

/// A class for each step of a sequence, by an LSTM and a linear layer.
///
/// Shapes: `[B, T, in]` to `[B, T, classes]`.
///
/// @param lstm reads the sequence
/// @param head logits
public record LstmTagger(Lstm lstm, Linear head) implements Layer {
    /// With new weights.
    public static LstmTagger of(Init init, int in, int hidden, int classes) {
        return new LstmTagger(new Lstm(in, hidden, init), new Linear(hidden, classes, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return head.apply(lstm.apply(x, pass), pass);
    }
}
