package adjoint.nn;

import adjoint.tensor.Conv;
import adjoint.tensor.Ints;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// A transposed convolution over images, also called fractionally strided (Zeiler et al. 2010): the adjoint of a convolution,
/// with which it shares its geometry, so that a stride makes images larger.
///
/// Shapes: x `[N, H, W, in]` (channels last), weight `[height, width, out / groups, in]`, bias `[out]`, y `[N, H', W', out]` with
/// `H' = (H - 1) stride + (height - 1) dilation + 1 - padding + outputPadding`, or `H · stride` with padding `SAME`.
///
/// @param weight `[height, width, out / groups, in]`
/// @param bias `[out]`, if there is one
/// @param conv stride, padding, dilation and groups of the convolution whose adjoint this is
/// @param outputPadding how much further the output goes on, less than the stride; a single number holds for both axes
public record ConvTranspose2d(Parameter weight, Optional<Parameter> bias, Conv conv, Ints outputPadding)
        implements Layer {
    /// @throws ShapeException if weight and bias do not fit together
    public ConvTranspose2d {
        int groups = conv.groups();
        ConvolutionParts.require("ConvTranspose2d", weight, bias, 2, weight.shape().dim(-2) * groups);
    }

    /// With a square window and a bias that starts at 0.
    public ConvTranspose2d(int in, int out, int window, Conv conv, Init init) {
        this(
                ConvolutionParts.transposed("ConvTranspose2d", in, out, conv, init, window, window),
                Optional.of(Parameter.of(init.bias(out))),
                conv,
                Ints.of(0));
    }

    /// Without a bias: in front of a normalization, which takes it away again.
    public static ConvTranspose2d withoutBias(int in, int out, int window, Conv conv, Init init) {
        var weight = ConvolutionParts.transposed("ConvTranspose2d", in, out, conv, init, window, window);
        return new ConvTranspose2d(weight, Optional.empty(), conv, Ints.of(0));
    }

    /// This with an output so much larger; the parameters are shared.
    public ConvTranspose2d outputPadding(int... each) {
        return new ConvTranspose2d(weight, bias, conv, Ints.of(each));
    }

    /// The number of input channels.
    public int in() {
        return weight.shape().dim(-1);
    }

    /// The number of output channels.
    public int out() {
        return weight.shape().dim(-2) * conv.groups();
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        ConvolutionParts.require(this, weight, x, in());
        Tensor y = x.convTranspose(weight.value(), conv, outputPadding.toArray()); // [N, H, W, in] -> [N, H', W', out]
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    @Override
    public String toString() {
        return ConvolutionParts.text("ConvTranspose2d", in(), out(), weight, bias, conv);
    }
}
