package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Merges all axes from `from` on into one: `[32, 28, 28, 1]` becomes `[32, 784]`.
///
/// @param from the first axis that is merged
public record Flatten(int from) implements Layer {
    /// All axes but the first, the batch.
    public Flatten() {
        this(1);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() < from) {
            throw new ShapeException(this + " needs at least " + from + " axes, got " + x.shape());
        }
        return x.flatten(from);
    }

    @Override
    public String toString() {
        return "Flatten(" + from + ")";
    }
}
