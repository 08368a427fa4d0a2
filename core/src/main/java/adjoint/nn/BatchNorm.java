package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Moments;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.stream.IntStream;

/// Batch normalization (Ioffe & Szegedy 2015): `y = γ (x - mean) / √(variance + ε) + β` for each channel.
///
/// In training, mean and variance are those of the batch, over all axes but the last; running averages of them (the
/// unbiased variance, as in PyTorch) are updated with the step. Otherwise the running averages are used, and behind a
/// convolution or product the planner folds the norm into its kernel.
///
/// Shapes: x and y `[…, C]`, channels last, any rank from 2.
///
/// @param weight γ `[C]`
/// @param bias β `[C]`
/// @param mean the running mean `[C]`
/// @param variance the running variance `[C]`
/// @param momentum the share of the batch in the running averages, in (0, 1]
/// @param epsilon ε, positive
public record BatchNorm(
        Parameter weight, Parameter bias, Parameter mean, Parameter variance, double momentum, double epsilon)
        implements Norm {
    private static final double MOMENTUM = 0.1;
    private static final double EPSILON = 1e-5;

    /// @throws AdjointException if momentum or ε is out of range, a [ShapeException] if the parameters do not fit together
    public BatchNorm {
        NormParameters.require("BatchNorm", epsilon, weight, bias, mean, variance);
        if (!(momentum > 0 && momentum <= 1)) {
            throw new AdjointException("BatchNorm needs a momentum in (0, 1], got " + momentum);
        }
    }

    /// With γ = 1, β = 0, momentum 0.1 and ε = 1e-5.
    public BatchNorm(int channels, Init init) {
        this(
                Parameter.of(init.gain(channels)),
                Parameter.of(init.bias(channels)),
                Parameter.state(init.bias(channels)),
                Parameter.state(init.gain(channels)),
                MOMENTUM,
                EPSILON);
    }

    /// The same layer with another share of the batch in the running averages.
    public BatchNorm momentum(double share) {
        return new BatchNorm(weight, bias, mean, variance, share, epsilon);
    }

    /// The number of channels.
    public int channels() {
        return weight.shape().dim(0);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int rank = x.shape().rank();
        if (rank < 2 || x.dim(-1) != channels()) {
            throw new ShapeException(this + " needs [.., " + channels() + "] with channels last, got " + x.shape());
        }
        if (!pass.isTraining()) {
            Tensor scale = weight.value().mul(variance.value().add(Tensor.scalar(x.type(), epsilon)).rsqrt());
            // not x · scale + shift, which loses the digits of a deviation much smaller than the mean
            return x.sub(mean.value()).mul(scale).add(bias.value());
        }
        long n = x.shape().size() / channels();
        if (n < 2) {
            throw new ShapeException(
                    this
                            + " needs at least two values of each channel to train on, got "
                            + x.shape()
                            + ": use larger batches, or LayerNorm or GroupNorm");
        }
        int[] axes = IntStream.range(0, rank - 1).toArray();
        Moments m = x.moments(axes);
        follow(pass, mean, m.mean(), 1);
        follow(pass, variance, m.variance(), (double) n / (n - 1));
        return x.normalize(epsilon, axes).mul(weight.value()).add(bias.value());
    }

    // average ← average + momentum (now - average)
    private void follow(Pass pass, Parameter average, Tensor now, double factor) {
        Tensor value = now.stopGradient().reshape(channels()).mul(Tensor.scalar(now.type(), factor * momentum));
        Tensor kept = average.value().mul(Tensor.scalar(now.type(), 1 - momentum));
        pass.record(new Evaluator.Update(average, kept.add(value)));
    }

    @Override
    public String toString() {
        return "BatchNorm(" + channels() + ")";
    }
}
