package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `y = x + b` with one learned number b for all of x (Zhang et al. 2019, [Fixup]).
///
/// Shapes: any, unchanged; b `[]`.
///
/// @param bias b
public record ScalarBias(Parameter bias) implements Layer {
    /// @throws ShapeException if b is not one number
    public ScalarBias {
        if (bias.shape().rank() != 0) {
            throw new ShapeException("ScalarBias needs one number [], got " + bias.shape());
        }
    }

    /// Starts at 0.
    public ScalarBias(Init init) {
        this(Parameter.of(init.bias()));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.add(bias.value());
    }

    @Override
    public String toString() {
        return "ScalarBias";
    }
}
