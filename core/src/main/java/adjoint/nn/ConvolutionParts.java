package adjoint.nn;

import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the convolutional layers have in common.
final class ConvolutionParts {
    private ConvolutionParts() {}

    /// First weights `[window…, in / groups, out]`.
    static Parameter weight(String name, int in, int out, Conv conv, Init init, int... window) {
        int points = require(name, in, out, conv, window);
        int[] dims = dims(in / conv.groups(), out, window);
        return Parameter.of(init.weight(in / conv.groups() * points, out / conv.groups() * points, dims));
    }

    /// First weights `[window…, out / groups, in]` of a transposed convolution. With a stride, only one in so many of the
    /// window's elements meets an input, so that fewer are added up.
    static Parameter transposed(String name, int in, int out, Conv conv, Init init, int... window) {
        int points = require(name, in, out, conv, window);
        int strides = 1;
        for (int i = 0; i < window.length; i++) {
            strides *= conv.stride().at(conv.stride().length() == 1 ? 0 : i);
        }
        int met = Math.max(1, points / strides);
        int[] dims = dims(out / conv.groups(), in, window);
        return Parameter.of(init.weight(in / conv.groups() * met, out / conv.groups() * points, dims));
    }

    private static int require(String name, int in, int out, Conv conv, int... window) {
        if (in < 1 || out < 1 || Arrays.stream(window).anyMatch(s -> s < 1)) {
            throw new ShapeException(
                    name
                            + " needs sizes of 1 or more, got "
                            + in
                            + " -> "
                            + out
                            + " channels and a window "
                            + Arrays.toString(window));
        }
        if (in % conv.groups() != 0 || out % conv.groups() != 0) {
            throw new ShapeException(
                    name
                            + " in "
                            + conv.groups()
                            + " groups needs channels in a multiple of "
                            + conv.groups()
                            + ", got "
                            + in
                            + " -> "
                            + out);
        }
        return Math.toIntExact(Shape.of(window).size());
    }

    private static int[] dims(int channels, int last, int... window) {
        int[] dims = Arrays.copyOf(window, window.length + 2);
        dims[window.length] = channels;
        dims[window.length + 1] = last;
        return dims;
    }

    /// Refuses weights and biases that do not fit together.
    static void require(String name, Parameter weight, Optional<Parameter> bias, int axes, int out) {
        if (weight.shape().rank() != axes + 2) {
            throw new ShapeException(name + " needs a weight of " + (axes + 2) + " axes, got " + weight.shape());
        }
        bias.ifPresent(b -> {
            if (!b.shape().equals(Shape.of(out))) {
                throw new ShapeException(
                        name + " with a weight " + weight.shape() + " needs a bias [" + out + "], got " + b.shape());
            }
        });
    }

    /// Refuses an input that does not fit the layer.
    static void require(Layer layer, Parameter weight, Tensor x, int channels) {
        int rank = weight.shape().rank();
        if (x.shape().rank() != rank || x.dim(-1) != channels) {
            String axes = rank == 3 ? "[batch, length, " : "[batch, height, width, ";
            throw new ShapeException(layer + " needs an input " + axes + channels + "], got " + x.shape());
        }
        if (x.type() != weight.type()) {
            throw new ShapeException(
                    layer + " has weights of " + weight.type() + ", got " + x.spec() + ": use to(DType)");
        }
    }

    /// `Conv2d(3 -> 16, 3x3, stride 2, padding SAME)`: what is not the usual is named.
    static String text(String name, int in, int out, Parameter weight, Optional<Parameter> bias, Conv conv) {
        var usual = new Conv();
        String window =
                Arrays.stream(weight.shape().dims())
                        .limit(weight.shape().rank() - 2)
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining("x"));
        var text = new StringBuilder(name + "(" + in + " -> " + out + ", " + window);
        if (!conv.stride().equals(usual.stride())) {
            text.append(", stride ").append(numbers(conv.stride().toArray()));
        }
        if (!conv.padding().equals(Padding.VALID)) {
            text.append(", padding ").append(conv.padding());
        }
        if (!conv.dilation().equals(usual.dilation())) {
            text.append(", dilation ").append(numbers(conv.dilation().toArray()));
        }
        if (conv.groups() > 1) {
            text.append(", groups ").append(conv.groups());
        }
        return text.append(bias.isPresent() ? ")" : ", no bias)").toString();
    }

    static String numbers(int... each) {
        return Arrays.stream(each).mapToObj(String::valueOf).collect(Collectors.joining("x"));
    }
}
