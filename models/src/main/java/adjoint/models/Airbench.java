package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A network that learns CIFAR-10 to 94 % in about ten epochs (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU",
/// airbench94): a first layer that whitens patches and is not trained, then three blocks of two convolutions, which start by
/// handing their input on.
///
/// ```java
/// var model = new Airbench(3, 10, new Airbench.Form(), Init.seeded(1)).whiten(first5000);
/// ```
/// It is made for this recipe:
///
/// - images normalized by mean and deviation of each channel; each flipped in every other epoch; moved by up to 2 pixels, with
///   reflected borders; batches of 1024
/// - cross-entropy with label smoothing 0.2
/// - Nesterov SGD with momentum 0.85, in which a rate of `11.5 / (1 + 1 / (1 - 0.85)) = 1.5` goes with a weight decay of
///   `0.0153 / 11.5`; the biases of norms learn 64 times as fast, with a 64th of the decay; that of the first layer stops
///   after 3 epochs
/// - the rate rises from a fifth of its peak over the first 23 % of 9.9 epochs, and falls to 0.07 of it
/// - lookahead every 5 steps; at the end, logits are averaged over mirrored and moved copies
///
/// ```java
/// optimizer.group(Airbench::isNormBias, rule -> rule.scheduled(rule.rate().times(64)));
/// ```
/// Shapes: `[N, side, side, channels]` to `[N, classes]`, with a side of 25 to 48, usually 32.
///
/// @param whiten 2x2 patches to twice as many channels as they have numbers: untrained weights, a bias
/// @param activation behind each norm
/// @param blocks each halves the side
/// @param pool the largest of 3x3 places
/// @param head without a bias
/// @param scale a factor for the logits
public record Airbench(
        Conv2d whiten, Activation activation, List<Block> blocks, MaxPool pool, Linear head, double scale)
        implements Layer {
    private static final int PATCH = 2;
    private static final double EPSILON = 5e-4; // added to eigenvalues
    private static final double MOMENTUM = 0.4; // of a batch; the author counts what is kept
    private static final int LAST_POOL = 3;

    /// How large it is.
    ///
    /// @param widths channels of the blocks
    /// @param activation GELU in the paper
    /// @param scale a factor for the logits
    public record Form(List<Integer> widths, Activation activation, double scale) {
        /// As in the paper: 64, 256 and 256 channels, GELU, 1/9.
        public Form() {
            this(List.of(64, 256, 256), Activation.GELU, 1.0 / 9);
        }

        /// With so many channels in each block.
        public Form widths(Integer... each) {
            return new Form(List.of(each), activation, scale);
        }

        /// With another activation.
        public Form activation(Activation other) {
            return new Form(widths, other, scale);
        }

        /// With another factor for the logits.
        public Form scale(double factor) {
            return new Form(widths, activation, factor);
        }
    }

    /// Convolution, pooling, norm, activation; convolution, norm, activation. Norms have no γ that is trained.
    ///
    /// @param first 3x3
    /// @param pool 2x2
    /// @param firstNorm behind the pool
    /// @param second 3x3
    /// @param secondNorm behind it
    /// @param activation behind each norm
    public record Block(
            Conv2d first, MaxPool pool, BatchNorm firstNorm, Conv2d second, BatchNorm secondNorm, Activation activation)
            implements Layer {
        private static Block of(int in, int out, Form form, Init init) {
            return new Block(
                    convolution(in, out, init),
                    new MaxPool(2),
                    norm(out, init),
                    convolution(out, out, init),
                    norm(out, init),
                    form.activation);
        }

        private static Conv2d convolution(int in, int out, Init init) {
            return Conv2d.withoutBias(in, out, 3, new Conv().padding(1), init.with(partialIdentity()));
        }

        private static BatchNorm norm(int channels, Init init) {
            var like = new BatchNorm(channels, init);
            return new BatchNorm(
                    Parameter.state(init.gain(channels)),
                    like.bias(),
                    like.mean(),
                    like.variance(),
                    MOMENTUM,
                    like.epsilon()); // the author's 1e-12 would blow up the rounding errors of a channel that is always 0
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = pool.apply(first.apply(x, pass), pass); // [N, H, W, in] -> [N, H / 2, W / 2, out]
            y = activation.apply(firstNorm.apply(y, pass), pass);
            return activation.apply(secondNorm.apply(second.apply(y, pass), pass), pass);
        }

        @Override
        public String toString() {
            return "Block(" + first.in() + " -> " + first.out() + ")";
        }
    }

    /// Copies the list.
    public Airbench {
        blocks = List.copyOf(blocks);
    }

    /// With new weights; the first layer's are random until [#whiten(Tensor)], or until they are read from a file.
    public Airbench(int channels, int classes, Form form, Init init) {
        this(
                first(channels, init),
                form.activation,
                blocks(channels, form, init),
                new MaxPool(LAST_POOL),
                Linear.withoutBias(form.widths.getLast(), classes, init.with(small())),
                form.scale);
    }

    private static Conv2d first(int channels, Init init) {
        int patch = PATCH * PATCH * channels;
        return new Conv2d(
                Parameter.state(init.weight(patch, 2 * patch, PATCH, PATCH, channels, 2 * patch)),
                Optional.of(Parameter.of(init.bias(2 * patch))),
                new Conv());
    }

    private static List<Block> blocks(int channels, Form form, Init init) {
        List<Block> blocks = new ArrayList<>();
        int in = 2 * PATCH * PATCH * channels;
        for (int out : form.widths) {
            blocks.add(Block.of(in, out, form, init));
            in = out;
        }
        return blocks;
    }

    // Uniform within ±1 / √fanIn, PyTorch's usual first weights.
    private static Init.Scheme small() {
        return Init.heUniform(Math.sqrt(1.0 / 3));
    }

    // As many outputs as there are inputs are those; the others are random.
    private static Init.Scheme partialIdentity() {
        return (shape, fanIn, fanOut, key) -> { // [3, 3, in, out]
            double[] values = small().values(shape, fanIn, fanOut, key);
            int in = shape.dim(2);
            int out = shape.dim(3);
            int middle = values.length / (in * out) / 2;
            for (int i = 0; i < values.length; i++) {
                int from = i / out % in;
                int to = i % out;
                if (to < in) {
                    values[i] = from == to && i / (in * out) == middle ? 1 : 0;
                }
            }
            return values;
        };
    }

    /// True for the biases that learn much faster than the rest.
    public static boolean isNormBias(String name) {
        return name.endsWith("Norm.bias");
    }

    /// Sets the first layer's weights to those that whiten such images.
    ///
    /// @param images a sample of what it is trained on, `[N, H, W, channels]`: some thousands
    public Airbench whiten(Tensor images) {
        whiten.weight().set(Whitening.kernels(images, PATCH, EPSILON).to(whiten.weight().type()));
        return this;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = activation.apply(whiten.apply(x, pass), pass); // [N, 32, 32, 3] -> [N, 31, 31, 24]
        for (Block block : blocks) {
            y = block.apply(y, pass); // 31 -> 15 -> 7 -> 3
        }
        y = pool.apply(y, pass);
        return head.apply(y.flatten(1), pass).mul(scale);
    }

    @Override
    public String toString() {
        return "Airbench(" + blocks.stream().map(b -> b.first.out()).toList() + ")";
    }
}
