package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.Optional;

/// A layer that reads sequences step by step and keeps a state: `[B, T, in] -> [B, T, hidden]`. Deep ones are a
/// [RecurrentStack] of these, bidirectional ones a [Bidirectional] of two.
///
/// ```java
/// Unrolled read = lstm.unroll(text, Optional.empty(), Optional.of(lengths), pass);
/// Tensor logits = head.apply(lstm.last(read), pass); // of h at each sequence's end
/// ```
/// To write your own, implement [#forward(Tensor, Optional, Optional, Pass)] and the sizes; call [#unroll], or [#apply] where
/// all sequences are of one length and the state is not wanted.
public interface RecurrentLayer extends Layer {

    /// What the layer computes. Implement this; call [#unroll(Tensor, Optional, Optional, Pass)].
    Unrolled forward(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass pass);

    /// Runs through all steps, inside a pass: with the layer's path in error messages, and its outputs shown to the pass's
    /// observers.
    ///
    /// @param x `[B, T, in]`, at least one step
    /// @param state where to start, as an earlier call's [Unrolled#state()] has it; zeros if empty
    /// @param lengths `[B]` of int32 or int64, from 0 to `T`: how many steps each sequence has; what comes after does not
    ///     change its state. All have `T` if empty.
    default Unrolled unroll(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass pass) {
        return pass.into(this).unroll(x, state, lengths);
    }

    /// Runs through all steps, in inference.
    default Unrolled unroll(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths) {
        return unroll(x, state, lengths, Pass.inference());
    }

    /// Runs through all steps of sequences of one length, from a state of zeros, in inference.
    default Unrolled unroll(Tensor x) {
        return unroll(x, Optional.empty(), Optional.empty());
    }

    /// The number of inputs of a step.
    int in();

    /// The number of hidden units: of outputs of a step.
    int hidden();

    /// How many numbers a state has.
    int stateSize();

    /// The hidden units when a sequence has been read, `[B, hidden]`: those of its last step, where it is read backwards of
    /// its first.
    default Tensor last(Unrolled read) {
        return last(read.state());
    }

    /// The hidden units in a state `[B, stateSize]`: in front, unless a layer has them elsewhere.
    default Tensor last(Tensor state) {
        return state.slice(-1, 0, hidden());
    }

    /// All hidden units at all steps: [Unrolled#outputs()].
    @Override
    default Tensor forward(Tensor x, Pass pass) {
        return forward(x, Optional.empty(), Optional.empty(), pass).outputs();
    }
}
