package adjoint.nn;

import adjoint.tensor.Conv;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// A convolution over images (cross-correlation, LeCun et al. 1989): every output is a weighted sum of the inputs in a window,
/// with the same weights everywhere.
///
/// `y[n, i, j, k] = b[k] + Σ_{r, s, c} x[n, i stride + r dilation - padding, j stride + s dilation - padding, c] · weight[r, s, c, k]`
///
/// Shapes: x `[N, H, W, in]` (channels last), weight `[height, width, in / groups, out]`, bias `[out]`, y `[N, H', W', out]` with
/// `H' = ⌊(H + padding - (height - 1) dilation - 1) / stride⌋ + 1`.
///
/// @param weight `[height, width, in / groups, out]`
/// @param bias `[out]`, if there is one
/// @param conv stride, padding, dilation and groups
public record Conv2d(Parameter weight, Optional<Parameter> bias, Conv conv) implements Layer {
    /// @throws ShapeException if weight and bias do not fit together
    public Conv2d {
        ConvolutionParts.require("Conv2d", weight, bias, 2, weight.shape().dim(-1));
    }

    /// With a square window and a bias that starts at 0: `new Conv2d(3, 16, 3, new Conv().padding(Padding.SAME), init)`.
    public Conv2d(int in, int out, int window, Conv conv, Init init) {
        this(in, out, window, window, conv, init);
    }

    /// With any window and a bias that starts at 0.
    public Conv2d(int in, int out, int height, int width, Conv conv, Init init) {
        this(
                ConvolutionParts.weight("Conv2d", in, out, conv, init, height, width),
                Optional.of(Parameter.of(init.bias(out))),
                conv);
    }

    /// Without a bias: in front of a normalization, which takes it away again.
    public static Conv2d withoutBias(int in, int out, int window, Conv conv, Init init) {
        var weight = ConvolutionParts.weight("Conv2d", in, out, conv, init, window, window);
        return new Conv2d(weight, Optional.empty(), conv);
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
        Tensor y = x.conv(weight.value(), conv); // [N, H, W, in] -> [N, H', W', out]
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    @Override
    public String toString() {
        return ConvolutionParts.text("Conv2d", in(), out(), weight, bias, conv);
    }
}
