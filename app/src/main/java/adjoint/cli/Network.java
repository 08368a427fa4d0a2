package adjoint.cli;

import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.Standardizer;
import adjoint.models.Airbench;
import adjoint.nn.Activation;
import adjoint.nn.Criterion;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Init;
import adjoint.nn.Layer;
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
import java.util.stream.IntStream;

/// The network of the command line: inputs are scaled, and a network of some kind follows.
///
/// @param scale brings inputs to mean 0 and deviation 1
/// @param body gives a logit for each class, or the number to be predicted
/// @param views what it looks at when it is asked
record Network(Scale scale, Layer body, Views views) implements Layer {
    private static final double GIB = 1 << 30;
    private static final int TRAINED_BYTES = 16; // a weight, its gradient, and two numbers of the optimizer
    private static final int DRAWN_BYTES = 12; // a weight of the largest matrix while it is drawn
    private static final int SAMPLE = 10_000; // examples that the scale of pictures is taken from
    private static final int WHITENED = 5_000; // examples that the first layer of airbench is taken from

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Layer asked = pass.isTraining() ? body : views.of(body);
        return asked.apply(scale.apply(x, pass), pass); // [B, …] -> [B, out]
    }

    /// The same with one look only.
    Network plain() {
        return new Network(scale, body, Views.PLAIN);
    }

    /// `(x - mean) / deviation`, saved with the weights.
    record Scale(Parameter mean, Parameter deviation) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.sub(mean.value()).div(deviation.value());
        }
    }

    /// Why a network cannot be trained on a machine with so much memory, if that is so.
    ///
    /// @param parameters how many it has; more than a long holds, perhaps
    /// @param largest of them in one matrix
    static Optional<String> refusal(double parameters, double largest, long memory, long heap) {
        double needed = Math.max(TRAINED_BYTES * parameters, DRAWN_BYTES * largest);
        boolean fits = needed <= memory && DRAWN_BYTES * largest <= heap && largest < Integer.MAX_VALUE - 8;
        return fits
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                Locale.ROOT,
                                "a network of %,.0f parameters needs about %.1f GiB to be trained, this machine has"
                                        + " %.1f GiB, %.1f GiB of them for Java",
                                parameters,
                                needed / GIB,
                                memory / GIB,
                                heap / GIB));
    }

    /// How a network is made, as `run.json` has it.
    ///
    /// @param input the shape of one example
    /// @param model the name of its architecture
    /// @param hidden the sizes of the hidden layers
    /// @param activation behind them
    /// @param dropout behind that
    /// @param norm whether batch norms stand in front of activations
    /// @param residual whether hidden layers have residual connections
    /// @param init the scheme of the hidden layers' first weights; usually He's
    /// @param width a factor for the number of channels
    /// @param views what it looks at when it is asked
    /// @param outputs how many numbers it gives
    /// @param classes their names; none where a number is predicted
    record Blueprint(
            int[] input,
            String model,
            List<Integer> hidden,
            Activation activation,
            double dropout,
            boolean norm,
            boolean residual,
            Optional<Scheme> init,
            double width,
            Views views,
            int outputs,
            List<String> classes) {
        /// @throws DataException if these are no sizes of a network
        Blueprint {
            model = model == null ? Architecture.MLP : model;
            init = init == null ? Optional.empty() : init;
            views = views == null ? Views.PLAIN : views;
            width = width == 0 ? 1 : width; // of a record from before there was one
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
            sound = sound && width > 0 && width < 1000 && Architecture.refusal(model).isEmpty();
            sound = sound && (model.equals(Architecture.MLP) || input.length == 3);
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
        private List<long[]> sizes() { // of an mlp
            List<long[]> sizes = new ArrayList<>();
            long width = inputs();
            for (int size : hidden) {
                sizes.add(new long[] {width, size});
                width = size;
            }
            sizes.add(new long[] {width, outputs});
            return sizes;
        }

        int inputs() {
            return Arrays.stream(input).reduce(1, (a, b) -> a * b);
        }

        /// Why a network of these sizes cannot be trained on a machine with so much memory, if that is so; known before a
        /// weight is drawn.
        Optional<String> refusal(long memory, long heap) {
            if (!model.equals(Architecture.MLP)) {
                double about = Architecture.weights(model, width);
                return TRAINED_BYTES * about <= memory
                        ? Optional.empty()
                        : Optional.of(
                                String.format(
                                        Locale.ROOT,
                                        "about %,.0f million weights need about %,.1f GiB to be trained, this machine has"
                                                + " %.1f GiB, %.1f GiB of them for Java",
                                        about / 1e6,
                                        TRAINED_BYTES * about / GIB,
                                        memory / GIB,
                                        heap / GIB));
            }
            long largest = sizes().stream().mapToLong(s -> s[0] * s[1]).max().orElse(0);
            return Network.refusal(parameters(), largest, memory, heap);
        }

        boolean classifies() {
            return !classes.isEmpty();
        }

        Criterion criterion() {
            return classifies() ? Loss::crossEntropy : Loss::meanSquaredError;
        }

        /// @param smoothing the share of a label that is given to all classes
        Criterion criterion(double smoothing) {
            return classifies() && smoothing > 0 ? new CrossEntropy().labelSmoothing(smoothing) : criterion();
        }

        Metric metric() {
            return classifies() ? Metric.accuracy() : Metric.r2();
        }

        private boolean pictures() {
            return input.length > 1;
        }

        private boolean coloured() {
            return input.length == 3 && input[2] > 1;
        }

        private int[] scaleShape() {
            return !pictures() ? input : new int[] {coloured() ? input[input.length - 1] : 1};
        }

        /// A network that leaves its inputs as they are.
        Network build(Init init) {
            Layer body = Architecture.build(this, init);
            var scale =
                    new Scale(Parameter.state(Tensor.zeros(scaleShape())), Parameter.state(Tensor.ones(scaleShape())));
            return new Network(scale, body, views);
        }

        /// A network that scales its inputs by these examples.
        Network build(Init init, Dataset examples) {
            Dataset sample = pictures() ? examples.take(SAMPLE) : examples;
            Standardizer s =
                    !pictures()
                            ? Standardizer.perFeature(sample)
                            : coloured() ? Standardizer.perChannel(sample) : Standardizer.overall(sample);
            Network network = build(init);
            network.scale.mean.set(s.mean());
            network.scale.deviation.set(s.deviation());
            if (network.body instanceof Airbench airbench) {
                int[] first = IntStream.range(0, Math.min(WHITENED, examples.size())).toArray();
                airbench.whiten(network.scale.apply(examples.batch(first).x(), Pass.inference()));
            }
            return network;
        }
    }
}
