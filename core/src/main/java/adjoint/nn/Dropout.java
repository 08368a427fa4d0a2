package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

/// In training, sets each element to 0 with probability `p`, independently, and divides the others by `1 - p`, so that
/// the expected value stays; otherwise does nothing (Srivastava et al. 2014, in its inverted form).
///
/// Shapes: any, unchanged.
///
/// @param p the probability of dropping, in [0, 1)
public record Dropout(double p) implements Layer {
    /// @throws AdjointException if p is not in [0, 1)
    public Dropout {
        if (!(p >= 0 && p < 1)) {
            throw new AdjointException("Dropout needs a probability in [0, 1), got " + p);
        }
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!pass.isTraining() || p == 0) {
            return x;
        }
        Tensor keep = Tensor.bernoulli(pass.key(), 1 - p, x.shape().dims());
        return Tensor.where(keep, x.mul(1 / (1 - p)), x.zerosLike());
    }

    @Override
    public String toString() {
        return "Dropout(" + p + ")";
    }
}
