package adjoint.nn;

import adjoint.tensor.Tensor;

/// What a recurrent layer makes of sequences.
///
/// @param outputs the hidden units `h` after each step, `[B, T, hidden]`; after a sequence's end, those of its end
/// @param state the state at the end, to go on from, `[B, stateSize]`: `h`, for an [Lstm] with `c` behind it; of several layers
///     theirs side by side
public record Unrolled(Tensor outputs, Tensor state) {}
