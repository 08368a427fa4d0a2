package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `y = λ x` with a learned factor for each channel that starts small (Touvron et al. 2021, CaiT): last in the branch of a
/// [Residual], it makes a deep network start near the identity.
///
/// Shapes: x and y `[…, C]`, λ `[C]`.
///
/// @param scale λ `[C]`
public record LayerScale(Parameter scale) implements Layer {
    /// @throws ShapeException if the factors are no vector
    public LayerScale {
        if (scale.shape().rank() != 1) {
            throw new ShapeException("LayerScale needs factors [channels], got " + scale.shape());
        }
    }

    /// @param first what all factors start at; in the paper 0.1 up to a depth of 18, 1e-5 up to 24, 1e-6 beyond
    public LayerScale(int channels, double first, Init init) {
        this(Parameter.of(init.make(Init.constant(first), 1, 1, channels)));
    }

    /// The number of channels.
    public int channels() {
        return scale.shape().dim(0);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() == 0 || x.dim(-1) != channels()) {
            throw new ShapeException(this + " needs a last dimension of " + channels() + ", got " + x.shape());
        }
        return x.mul(scale.value());
    }

    @Override
    public String toString() {
        return "LayerScale(" + channels() + ")";
    }
}
