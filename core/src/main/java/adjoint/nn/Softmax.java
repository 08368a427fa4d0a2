package adjoint.nn;

import adjoint.tensor.Tensor;

/// `eˣ / Σ eˣ` along an axis: positive numbers that add up to 1. Not before [CrossEntropy], which takes the logits.
///
/// @param axis along which they add up to 1
public record Softmax(int axis) implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.softmax(axis);
    }

    @Override
    public String toString() {
        return "Softmax(" + axis + ")";
    }
}
