package adjoint.nn;

import adjoint.tensor.Conv;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// A depthwise separable convolution (Chollet 2017; MobileNet, Howard et al. 2017): a window over each channel alone, then
/// a 1x1 convolution that mixes the channels. About `height · width` times less work than [Conv2d].
///
/// Shapes: x `[N, H, W, in]`, y `[N, H', W', out]`, as those of [Conv2d]; depthwise weight `[height, width, 1, in · multiplier]`,
/// pointwise weight `[1, 1, in · multiplier, out]`.
///
/// MobileNet puts a normalization and an activation between the two: `layer.between(Sequential.of(norm, Activation.RELU))`.
///
/// @param depthwise a convolution in as many groups as it has input channels
/// @param between what is applied to its output
/// @param pointwise a convolution with a window of 1
public record SeparableConv2d(Conv2d depthwise, Layer between, Conv2d pointwise) implements Layer {
    /// @throws ShapeException if the first is not depthwise or does not fit the second
    public SeparableConv2d {
        if (depthwise.conv().groups() != depthwise.in() || depthwise.out() != pointwise.in()) {
            throw new ShapeException(
                    "SeparableConv2d needs a convolution in as many groups as input channels, and one that takes its"
                            + " output, got "
                            + depthwise
                            + " and "
                            + pointwise);
        }
    }

    /// One window for each channel, and a bias of the output that starts at 0.
    ///
    /// @param conv stride, padding and dilation of the windows
    public SeparableConv2d(int in, int out, int window, Conv conv, Init init) {
        this(windows(in, 1, window, conv, init), Activation.IDENTITY, new Conv2d(in, out, 1, new Conv(), init));
    }

    /// Without a bias: in front of a normalization, which takes it away again.
    public static SeparableConv2d withoutBias(int in, int out, int window, Conv conv, Init init) {
        return new SeparableConv2d(
                windows(in, 1, window, conv, init),
                Activation.IDENTITY,
                Conv2d.withoutBias(in, out, 1, new Conv(), init));
    }

    /// With several windows for each channel.
    public static SeparableConv2d multiplied(int multiplier, int in, int out, int window, Conv conv, Init init) {
        return new SeparableConv2d(
                windows(in, multiplier, window, conv, init),
                Activation.IDENTITY,
                new Conv2d(in * multiplier, out, 1, new Conv(), init));
    }

    /// This with something between the two convolutions; the parameters are shared.
    public SeparableConv2d between(Layer layer) {
        return new SeparableConv2d(depthwise, layer, pointwise);
    }

    private static Conv2d windows(int in, int multiplier, int window, Conv conv, Init init) {
        if (conv.groups() != 1 || multiplier < 1) {
            throw new ShapeException(
                    "SeparableConv2d groups the channels itself and needs a multiplier of 1 or more, got "
                            + conv.groups()
                            + " groups and a multiplier of "
                            + multiplier);
        }
        return Conv2d.withoutBias(in, in * multiplier, window, conv.groups(in), init);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = depthwise.apply(x, pass); // [N, H, W, in] -> [N, H', W', in · multiplier]
        boolean nothing = between == Activation.IDENTITY && !pass.exchanges("between");
        Tensor z = nothing ? y : between.apply(y, pass);
        return pointwise.apply(z, pass);
    }

    @Override
    public String toString() {
        return "SeparableConv2d(" + depthwise.in() + " -> " + pointwise.out() + ")";
    }
}
