package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Root mean square normalization (Zhang & Sennrich 2019): `y = γ x / √(mean(x²) + ε)` over the last axis.
///
/// Shapes: x and y `[…, C]`.
///
/// @param weight γ `[C]`
/// @param epsilon ε, positive
public record RmsNorm(Parameter weight, double epsilon) implements Norm {
    private static final double EPSILON = 1e-6;

    /// @throws AdjointException if ε is not positive, a [ShapeException] if the parameters do not fit together
    public RmsNorm {
        NormParameters.require("RmsNorm", epsilon, weight);
    }

    /// With γ = 1 and ε = 1e-6.
    public RmsNorm(int channels, Init init) {
        this(Parameter.of(init.gain(channels)), EPSILON);
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
        Tensor meanSquare = x.square().mean(-1).unsqueeze(-1); // [.., 1]
        return x.mul(meanSquare.add(Tensor.scalar(x.type(), epsilon)).rsqrt()).mul(weight.value());
    }

    @Override
    public String toString() {
        return "RmsNorm(" + channels() + ")";
    }
}
