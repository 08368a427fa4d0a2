package adjoint.nn;

import adjoint.tensor.Conv;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// A convolution over sequences (cross-correlation, as time-delay networks have it: Waibel et al. 1989).
///
/// `y[n, t, k] = b[k] + Σ_{r, c} x[n, t stride + r dilation - padding, c] · weight[r, c, k]`
///
/// Shapes: x `[N, T, in]` (channels last), weight `[window, in / groups, out]`, bias `[out]`, y `[N, T', out]` with
/// `T' = ⌊(T + padding - (window - 1) dilation - 1) / stride⌋ + 1`. Padding in front only, of `(window - 1) dilation`, makes it causal.
///
/// @param weight `[window, in / groups, out]`
/// @param bias `[out]`, if there is one
/// @param conv stride, padding, dilation and groups
public record Conv1d(Parameter weight, Optional<Parameter> bias, Conv conv) implements Layer {
    /// @throws ShapeException if weight and bias do not fit together
    public Conv1d {
        ConvolutionParts.require("Conv1d", weight, bias, 1, weight.shape().dim(-1));
    }

    /// With a bias that starts at 0.
    public Conv1d(int in, int out, int window, Conv conv, Init init) {
        this(
                ConvolutionParts.weight("Conv1d", in, out, conv, init, window),
                Optional.of(Parameter.of(init.bias(out))),
                conv);
    }

    /// Without a bias: in front of a normalization, which takes it away again.
    public static Conv1d withoutBias(int in, int out, int window, Conv conv, Init init) {
        return new Conv1d(ConvolutionParts.weight("Conv1d", in, out, conv, init, window), Optional.empty(), conv);
    }

    /// The number of input channels.
    public int in() {
        return weight.shape().dim(-2) * conv.groups();
    }

    /// The number of output channels.
    public int out() {
        return weight.shape().dim(-1);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        ConvolutionParts.require(this, weight, x, in());
        Tensor y = x.conv(weight.value(), conv); // [N, T, in] -> [N, T', out]
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    @Override
    public String toString() {
        return ConvolutionParts.text("Conv1d", in(), out(), weight, bias, conv);
    }
}
