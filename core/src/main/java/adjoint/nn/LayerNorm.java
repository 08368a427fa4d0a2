package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Layer normalization (Ba et al. 2016): `y = γ (x - mean) / √(variance + ε) + β`, mean and variance over the last axis of
/// each example.
///
/// Shapes: x and y `[…, C]`.
///
/// @param weight γ `[C]`
/// @param bias β `[C]`
/// @param epsilon ε, positive
public record LayerNorm(Parameter weight, Parameter bias, double epsilon) implements Norm {
    private static final double EPSILON = 1e-5;

    /// @throws AdjointException if ε is not positive, a [ShapeException] if the parameters do not fit together
    public LayerNorm {
        NormParameters.require("LayerNorm", epsilon, weight, bias);
    }

    /// With γ = 1, β = 0 and ε = 1e-5.
    public LayerNorm(int channels, Init init) {
        this(Parameter.of(init.gain(channels)), Parameter.of(init.bias(channels)), EPSILON);
    }

    /// The number of channels.
    public int channels() {
        return weight.shape().dim(0);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() == 0 || x.dim(-1) != channels()) {
            throw new ShapeException(this + " needs a last dimension of " + channels() + ", got " + x.shape());
        }
        return x.normalize(epsilon, -1).mul(weight.value()).add(bias.value());
    }

    @Override
    public String toString() {
        return "LayerNorm(" + channels() + ")";
    }
}
