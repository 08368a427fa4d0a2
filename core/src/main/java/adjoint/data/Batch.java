package adjoint.data;

import adjoint.tensor.Tensor;

/// Some examples, side by side along the first axis.
///
/// @param x the inputs, float32 `[B, …]`, or tokens, int32 `[B, T]`
/// @param y what is wanted: labels, int32 `[B]`, or one for each token, `[B, T]`; or targets, float32 `[B, k]`
public record Batch(Tensor x, Tensor y) {
    /// @throws DataException if inputs and targets differ in number
    public Batch {
        if (x.shape().rank() == 0 || y.shape().rank() == 0 || x.dim(0) != y.dim(0)) {
            throw new DataException("a batch needs as many targets as inputs, got " + x.shape() + " and " + y.shape());
        }
    }

    /// The number of examples.
    public int size() {
        return x.dim(0);
    }
}
