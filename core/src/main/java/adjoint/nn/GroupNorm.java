package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Group normalization (Wu & He 2018): `y = γ (x - mean) / √(variance + ε) + β`, mean and variance of each example over its
/// positions and a group of channels. One group: layer normalization of whole pictures; as many as channels: instance
/// normalization.
///
/// Shapes: x and y `[N, …, C]`, channels last.
///
/// @param weight γ `[C]`
/// @param bias β `[C]`
/// @param groups how many groups the channels form; a divisor of C
/// @param epsilon ε, positive
public record GroupNorm(Parameter weight, Parameter bias, int groups, double epsilon) implements Norm {
    private static final double EPSILON = 1e-5;

    /// @throws AdjointException if ε is not positive, a [ShapeException] if the parameters do not fit together or the groups do not
    ///     divide the channels
    public GroupNorm {
        NormParameters.require("GroupNorm", epsilon, weight, bias);
        int channels = weight.shape().dim(0);
        if (groups < 1 || channels % groups != 0) {
            throw new ShapeException(
                    "GroupNorm needs a number of groups that divides the " + channels + " channels, got " + groups);
        }
    }

    /// With γ = 1, β = 0 and ε = 1e-5.
    public GroupNorm(int groups, int channels, Init init) {
        this(Parameter.of(init.gain(channels)), Parameter.of(init.bias(channels)), groups, EPSILON);
    }

    /// The number of channels.
    public int channels() {
        return weight.shape().dim(0);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int rank = x.shape().rank();
        if (rank < 2 || x.dim(-1) != channels()) {
            throw new ShapeException(this + " needs [N, .., " + channels() + "] with channels last, got " + x.shape());
        }
        Tensor split = x.reshape(x.dim(0), -1, groups, channels() / groups); // [N, positions, G, C/G]
        Tensor y = split.normalize(epsilon, 1, 3).reshape(x.shape().dims());
        return y.mul(weight.value()).add(bias.value());
    }

    @Override
    public String toString() {
        return "GroupNorm(" + groups + " groups of " + channels() + ")";
    }
}
