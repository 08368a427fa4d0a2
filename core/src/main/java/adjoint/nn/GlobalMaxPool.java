package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.stream.IntStream;

/// The largest element of each channel over all spatial axes; equal ones share the gradient.
///
/// Shapes: x `[N, spatial…, C]`, y `[N, C]`.
public record GlobalMaxPool() implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int rank = x.shape().rank();
        if (rank < 3) {
            throw new ShapeException(this + " needs an input [batch, spatial.., channels], got " + x.shape());
        }
        return x.max(IntStream.range(1, rank - 1).toArray());
    }

    @Override
    public String toString() {
        return "GlobalMaxPool";
    }
}
