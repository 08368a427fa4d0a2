package adjoint.cli;

import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.Standardizer;
import adjoint.nn.Activation;
import adjoint.nn.Criterion;
import adjoint.nn.Dropout;
import adjoint.nn.Flatten;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;
import adjoint.train.Metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The network of the command line: hidden layers one after the other, and a head.
///
/// @param scale brings inputs to mean 0 and deviation 1
/// @param hidden the hidden layers
/// @param activation after each of them
/// @param dropout after that
/// @param head gives a logit for each class, or the number to be predicted
record Network(Scale scale, Flatten flatten, List<Linear> hidden, Activation activation, Dropout dropout, Linear head)
        implements Layer {
    private static final double GIB = 1 << 30;
    private static final int SAMPLE = 10_000; // examples that the scale of pictures is taken from

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor h = flatten.apply(scale.apply(x, pass), pass); // [B, …] -> [B, in]
        for (Linear layer : hidden) {
            h = dropout.apply(activation.apply(layer.apply(h, pass), pass), pass);
        }
        return head.apply(h, pass); // [B, out]
    }

    /// `(x - mean) / deviation`, saved with the weights.
    record Scale(Parameter mean, Parameter deviation) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.sub(mean.value()).div(deviation.value());
        }
    }

    /// How a network is made, as `run.json` has it.
    ///
    /// @param input the shape of one example
    /// @param hidden the sizes of the hidden layers
    /// @param outputs how many numbers it gives
    /// @param classes their names; none where a number is predicted
    record Blueprint(
            int[] input,
            List<Integer> hidden,
            Activation activation,
            double dropout,
            int outputs,
            List<String> classes) {
        private static final int TRAINED_BYTES = 16; // a weight, its gradient, and two numbers of the optimizer
        private static final int DRAWN_BYTES = 12; // a weight of the largest layer while it is drawn

        /// @throws DataException if these are no sizes of a network
        Blueprint {
            boolean sound =
                    input != null && input.length > 0 && hidden != null && activation != null && classes != null;
            sound =
                    sound
                            && outputs >= 1
                            && (classes.isEmpty() || classes.size() == outputs)
                            && dropout >= 0
                            && dropout < 1;
            sound =
                    sound
                            && Arrays.stream(input).allMatch(d -> d >= 1)
                            && hidden.stream().allMatch(d -> d != null && d >= 1);
            if (!sound) {
                throw new DataException("it does not say what network it was");
            }
            input = input.clone();
            hidden = List.copyOf(hidden);
            classes = List.copyOf(classes);
            try {
                Math.toIntExact(Arrays.stream(input).asLongStream().reduce(1, Math::multiplyExact));
            } catch (ArithmeticException e) {
                throw new DataException("an input of " + Arrays.toString(input) + " is larger than can be", e);
            }
        }

        /// How many numbers are trained.
        long parameters() {
            return sizes().stream().mapToLong(s -> (s[0] + 1) * s[1]).sum();
        }

        // Inputs and outputs of the layers.
        private List<long[]> sizes() {
            List<long[]> sizes = new ArrayList<>();
            long width = width();
            for (int size : hidden) {
                sizes.add(new long[] {width, size});
                width = size;
            }
            sizes.add(new long[] {width, outputs});
            return sizes;
        }

        private int width() {
            return Arrays.stream(input).reduce(1, (a, b) -> a * b);
        }

        /// Why a network of these sizes cannot be trained on a machine with so much memory, if that is so; known before a
        /// weight is drawn.
        Optional<String> refusal(long memory, long heap) {
            long largest = sizes().stream().mapToLong(s -> s[0] * s[1]).max().orElse(0);
            long needed = Math.max(TRAINED_BYTES * parameters(), DRAWN_BYTES * largest);
            boolean fits = needed <= memory && DRAWN_BYTES * largest <= heap && largest < Integer.MAX_VALUE - 8;
            return fits
                    ? Optional.empty()
                    : Optional.of(
                            String.format(
                                    Locale.ROOT,
                                    "a network of %,d parameters needs about %.1f GiB to be trained, this machine has"
                                            + " %.1f GiB, %.1f GiB of them for Java",
                                    parameters(),
                                    needed / GIB,
                                    memory / GIB,
                                    heap / GIB));
        }

        boolean classifies() {
            return !classes.isEmpty();
        }

        Criterion criterion() {
            return classifies() ? Loss::crossEntropy : Loss::meanSquaredError;
        }

        Metric metric() {
            return classifies() ? Metric.accuracy() : Metric.r2();
        }

        private boolean pictures() {
            return input.length > 1;
        }

        private int[] scaleShape() {
            return pictures() ? new int[] {1} : input;
        }

        /// A network that leaves its inputs as they are.
        Network build(long seed) {
            int width = width();
            var init = Init.seeded(seed);
            List<Linear> layers = new ArrayList<>();
            for (int size : hidden) {
                layers.add(new Linear(width, size, init.with(Init.heNormal(activation.gain()))));
                width = size;
            }
            var scale =
                    new Scale(Parameter.state(Tensor.zeros(scaleShape())), Parameter.state(Tensor.ones(scaleShape())));
            var head = new Linear(width, outputs, init.with(Init.lecunNormal()));
            return new Network(scale, new Flatten(), layers, activation, new Dropout(dropout), head);
        }

        /// A network that scales its inputs by these examples.
        Network build(long seed, Dataset examples) {
            Standardizer s =
                    pictures() ? Standardizer.overall(examples.take(SAMPLE)) : Standardizer.perFeature(examples);
            Network network = build(seed);
            network.scale.mean.set(s.mean());
            network.scale.deviation.set(s.deviation());
            return network;
        }
    }
}
