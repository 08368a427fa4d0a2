package adjoint.nn;

import adjoint.tensor.Tensor;

/// `x - log Σ eˣ` along an axis: the logarithms of [Softmax], exact where those are near 0.
///
/// @param axis along which the exponentials add up to 1
public record LogSoftmax(int axis) implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.logSoftmax(axis);
    }

    @Override
    public String toString() {
        return "LogSoftmax(" + axis + ")";
    }
}
