package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.List;
import java.util.Optional;

/// LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition") as it is used today: two
/// convolutions of 5x5, each with pooling, and a perceptron. ReLU and the largest of four instead of tanh and sums, and every
/// channel sees all before it.
///
/// ```java
/// var paper = new LeNet(28, 1, 10, new LeNet.Form(), Init.seeded(1)); // 61,706 parameters
/// var wide = new LeNet.Form().channels(32, 64).hidden(512).norm(true).dropout(0.4);
/// ```
/// Shapes: `[N, side, side, channels]` to `[N, classes]`. Images smaller than 32x32 are padded to that, as in the paper.
///
/// @param first convolution, activation and pooling
/// @param second likewise
/// @param classifier two hidden layers and a head
public record LeNet(Stage first, Stage second, Mlp classifier) implements Layer {
    private static final int WINDOW = 5;
    private static final int SIDE = 32; // of the paper's images

    /// How wide it is and what stands between its convolutions.
    ///
    /// @param first channels behind the first convolution
    /// @param second channels behind the second
    /// @param hidden sizes of the perceptron's hidden layers
    /// @param same whether convolutions keep the size of the image, instead of losing a border of 2
    /// @param activation after each layer
    /// @param norm whether a batch norm stands in front of it
    /// @param dropout the share of the hidden layers' outputs dropped in training
    public record Form(
            int first,
            int second,
            List<Integer> hidden,
            boolean same,
            Activation activation,
            boolean norm,
            double dropout) {
        /// As wide as in the paper, with ReLU.
        public Form() {
            this(6, 16, List.of(120, 84), false, Activation.RELU, false, 0);
        }

        /// With so many channels behind the convolutions.
        public Form channels(int one, int two) {
            return new Form(one, two, hidden, same, activation, norm, dropout);
        }

        /// With hidden layers of these sizes.
        public Form hidden(Integer... sizes) {
            return new Form(first, second, List.of(sizes), same, activation, norm, dropout);
        }

        /// With convolutions that keep the image's size, or not.
        public Form same(boolean yes) {
            return new Form(first, second, hidden, yes, activation, norm, dropout);
        }

        /// With another activation.
        public Form activation(Activation other) {
            return new Form(first, second, hidden, same, other, norm, dropout);
        }

        /// With or without batch norm.
        public Form norm(boolean yes) {
            return new Form(first, second, hidden, same, activation, yes, dropout);
        }

        /// With dropout.
        public Form dropout(double share) {
            return new Form(first, second, hidden, same, activation, norm, share);
        }
    }

    /// A convolution with its activation, and pooling.
    ///
    /// @param unit the convolution
    /// @param pool halves the side
    public record Stage(ConvUnit unit, Layer pool) implements Layer {
        private static Stage of(int in, int out, int padding, Form form, Init init) {
            Conv conv = new Conv().padding(padding);
            var convolution =
                    form.norm
                            ? Conv2d.withoutBias(in, out, WINDOW, conv, init)
                            : new Conv2d(in, out, WINDOW, conv, init);
            Optional<BatchNorm> norm = form.norm ? Optional.of(new BatchNorm(out, init)) : Optional.empty();
            return new Stage(new ConvUnit(convolution, norm, form.activation, false), new MaxPool(2));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return pool.apply(unit.apply(x, pass), pass);
        }
    }

    /// For square images.
    ///
    /// @throws ShapeException if the images are too small for two stages
    public LeNet(int side, int channels, int classes, Form form, Init init) {
        this(
                Stage.of(channels, form.first, padding(side, form), form, init),
                Stage.of(form.first, form.second, form.same ? WINDOW / 2 : 0, form, init),
                classifier(left(side, form), classes, form, init));
    }

    private static int padding(int side, Form form) {
        return form.same ? WINDOW / 2 : Math.max(0, (SIDE - side + 1) / 2);
    }

    // The side of what the two stages leave.
    private static int left(int side, Form form) {
        int lost = form.same ? 0 : WINDOW - 1;
        int padded = form.same ? side : side + 2 * padding(side, form);
        int left = ((padded - lost) / 2 - lost) / 2;
        if (side < 1 || left < 1) {
            throw new ShapeException("LeNet needs images of 4x4 at least, got " + side + "x" + side);
        }
        return left;
    }

    private static Mlp classifier(int left, int classes, Form form, Init init) {
        var hidden = new Mlp.Form().activation(form.activation).norm(form.norm).dropout(form.dropout);
        return new Mlp(left * left * form.second, form.hidden, classes, hidden, init);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = second.apply(first.apply(x, pass), pass); // [N, 28, 28, 1] -> [N, 14, 14, 6] -> [N, 5, 5, 16]
        return classifier.apply(y, pass);
    }
}
