package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// A learned vector for each of `count` things: `y[…, :] = weight[x[…], :]`.
///
/// Shapes: x `[…]` of int32 or int64, each from 0 to `count - 1`; weight `[count, width]`; y `[…, width]`. Starts at
/// `N(0, 1)`, unless the [Init] has another scheme.
///
/// @param weight `[count, width]`
public record Embedding(Parameter weight) implements Layer {
    /// @throws ShapeException if the weight is no matrix
    public Embedding {
        if (weight.shape().rank() != 2) {
            throw new ShapeException("Embedding needs a weight [count, width], got " + weight.shape());
        }
    }

    /// Vectors of `width` numbers for `count` things.
    public Embedding(int count, int width, Init init) {
        this(Parameter.of(init.weight(Init.normal(1), width, count, count, width)));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!x.type().isInteger()) {
            throw new ShapeException(this + " needs int32 or int64 indices, got " + x.spec());
        }
        return weight.value().gather(0, x);
    }

    @Override
    public String toString() {
        return "Embedding(" + weight.shape().dim(0) + " x " + weight.shape().dim(1) + ")";
    }
}
