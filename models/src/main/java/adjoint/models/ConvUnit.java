package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// A convolution with its norm and activation, of which most image networks are made: `activation(norm(conv(x)))`, or norm
/// and activation first (He et al. 2016b).
///
/// Shapes: `[N, H, W, in]` to `[N, H', W', out]`.
///
/// @param convolution without a bias where a norm follows
/// @param norm if there is one
/// @param activation the identity, if there is none
/// @param first whether norm and activation stand in front of the convolution
public record ConvUnit(Conv2d convolution, Optional<BatchNorm> norm, Activation activation, boolean first)
        implements Layer {

    /// Convolution, norm, activation: with an odd window, an output of `⌈in / stride⌉`.
    public static ConvUnit normed(int in, int out, int window, int stride, Activation activation, Init init) {
        return of(convolution(in, out, window, stride, init), new BatchNorm(out, init), activation, false);
    }

    /// Norm, activation, convolution.
    public static ConvUnit preActivated(int in, int out, int window, int stride, Activation activation, Init init) {
        return of(convolution(in, out, window, stride, init), new BatchNorm(in, init), activation, true);
    }

    /// Each channel for itself (a depthwise convolution), norm, activation.
    public static ConvUnit depthwise(int channels, int window, int stride, Activation activation, Init init) {
        Conv each = padded(window, stride).groups(channels);
        var convolution = Conv2d.withoutBias(channels, channels, window, each, init);
        return of(convolution, new BatchNorm(channels, init), activation, false);
    }

    /// A convolution with a bias, and an activation.
    public static ConvUnit biased(int in, int out, int window, int stride, Activation activation, Init init) {
        var convolution = new Conv2d(in, out, window, padded(window, stride), init);
        return new ConvUnit(convolution, Optional.empty(), activation, false);
    }

    /// A convolution alone, without a bias.
    static ConvUnit bare(int in, int out, int window, int stride, Init init) {
        return new ConvUnit(
                convolution(in, out, window, stride, init), Optional.empty(), Activation.IDENTITY, false);
    }

    private static ConvUnit of(Conv2d convolution, BatchNorm norm, Activation activation, boolean first) {
        return new ConvUnit(convolution, Optional.of(norm), activation, first);
    }

    private static Conv2d convolution(int in, int out, int window, int stride, Init init) {
        return Conv2d.withoutBias(in, out, window, padded(window, stride), init);
    }

    // Padded as PyTorch pads: with a stride, SAME would stand elsewhere.
    private static Conv padded(int window, int stride) {
        return new Conv().stride(stride).padding(window / 2);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return first
                ? convolution.apply(activate(x, pass), pass)
                : activate(convolution.apply(x, pass), pass);
    }

    private Tensor activate(Tensor x, Pass pass) {
        Tensor y = norm.isPresent() ? norm.get().apply(x, pass) : x;
        return activation == Activation.IDENTITY ? y : activation.apply(y, pass);
    }

    @Override
    public String toString() {
        return "ConvUnit(" + convolution.in() + " -> " + convolution.out() + ")";
    }
}
