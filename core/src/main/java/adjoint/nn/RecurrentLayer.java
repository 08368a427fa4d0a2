package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.Optional;

/// A layer that reads sequences step by step and keeps a state: `[B, T, in] -> [B, T, hidden]`. Deep ones are a
/// [Sequential] of these, bidirectional ones the [Tensor#concat] of one and of a [Reversed].
///
/// ```java
/// Unrolled read = lstm.unroll(text, Optional.empty(), Optional.of(lengths));
/// Tensor logits = head.apply(read.state().slice(-1, 0, lstm.hidden()), pass); // h at each sequence's end
/// ```
public interface RecurrentLayer extends Layer {

    /// Runs through all steps.
    ///
    /// @param x `[B, T, in]`, at least one step
    /// @param state where to start, as an earlier call's [Unrolled#state()] has it; zeros if empty
    /// @param lengths `[B]` of int32 or int64, from 0 to `T`: how many steps each sequence has; what comes after does not
    ///     change its state. All have `T` if empty.
    Unrolled unroll(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths);

    /// Runs through all steps of sequences of one length, from a state of zeros.
    default Unrolled unroll(Tensor x) {
        return unroll(x, Optional.empty(), Optional.empty());
    }

    /// The number of inputs of a step.
    int in();

    /// The number of hidden units.
    int hidden();

    /// All hidden units at all steps: [Unrolled#outputs()].
    @Override
    default Tensor forward(Tensor x, Pass pass) {
        return unroll(x).outputs();
    }
}
