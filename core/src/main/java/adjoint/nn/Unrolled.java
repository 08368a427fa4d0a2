package adjoint.nn;

import adjoint.tensor.Tensor;

/// What a recurrent layer makes of sequences.
///
/// @param outputs the hidden units `h` after each step, `[B, T, hidden]`; after a sequence's end, those of its end
/// @param state the state at the end, to go on from: `h`, for an [Lstm] with `c` behind it, `[B, hidden]` or
///     `[B, 2 hidden]`
public record Unrolled(Tensor outputs, Tensor state) {}
