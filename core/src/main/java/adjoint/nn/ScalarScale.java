package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `y = s x` with one learned number s for all of x (Zhang et al. 2019, [Fixup]).
///
/// Shapes: any, unchanged; s `[]`.
///
/// @param scale s
public record ScalarScale(Parameter scale) implements Layer {
    /// @throws ShapeException if s is not one number
    public ScalarScale {
        if (scale.shape().rank() != 0) {
            throw new ShapeException("ScalarScale needs one number [], got " + scale.shape());
        }
    }

    /// Starts at 1.
    public ScalarScale(Init init) {
        this(Parameter.of(init.gain()));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.mul(scale.value());
    }

    @Override
    public String toString() {
        return "ScalarScale";
    }
}
