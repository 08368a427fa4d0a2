package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.stream.IntStream;

/// The mean of each channel over all spatial axes (Lin et al. 2014, section 3.2).
///
/// Shapes: x `[N, spatial…, C]`, y `[N, C]`.
public record GlobalAveragePool() implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int rank = x.shape().rank();
        if (rank < 3) {
            throw new ShapeException(this + " needs an input [batch, spatial.., channels], got " + x.shape());
        }
        return x.mean(IntStream.range(1, rank - 1).toArray());
    }

    @Override
    public String toString() {
        return "GlobalAveragePool";
    }
}
