package adjoint.cli;

import adjoint.kernel.DType;
import adjoint.nn.Activation;
import adjoint.nn.AdaptiveAveragePool;
import adjoint.nn.AdaptiveMaxPool;
import adjoint.nn.AveragePool;
import adjoint.nn.BatchNorm;
import adjoint.nn.Bidirectional;
import adjoint.nn.BinaryCrossEntropy;
import adjoint.nn.Conv1d;
import adjoint.nn.Conv2d;
import adjoint.nn.ConvTranspose2d;
import adjoint.nn.CosineEmbedding;
import adjoint.nn.CrossEntropy;
import adjoint.nn.DropPath;
import adjoint.nn.Dropout;
import adjoint.nn.Embedding;
import adjoint.nn.Flatten;
import adjoint.nn.GaussianNll;
import adjoint.nn.GlobalAveragePool;
import adjoint.nn.GlobalMaxPool;
import adjoint.nn.GroupNorm;
import adjoint.nn.Gru;
import adjoint.nn.Init;
import adjoint.nn.Lambda;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.LayerScale;
import adjoint.nn.Linear;
import adjoint.nn.LogSoftmax;
import adjoint.nn.Lora;
import adjoint.nn.Loss;
import adjoint.nn.Lstm;
import adjoint.nn.MaxPool;
import adjoint.nn.MultiClassMargin;
import adjoint.nn.NegativeLogLikelihood;
import adjoint.nn.PRelu;
import adjoint.nn.Pass;
import adjoint.nn.Pointwise;
import adjoint.nn.ReZero;
import adjoint.nn.RecurrentStack;
import adjoint.nn.Residual;
import adjoint.nn.Reversed;
import adjoint.nn.RmsNorm;
import adjoint.nn.Rnn;
import adjoint.nn.ScalarBias;
import adjoint.nn.ScalarScale;
import adjoint.nn.SeparableConv2d;
import adjoint.nn.Sequential;
import adjoint.nn.Softmax;
import adjoint.nn.SqueezeExcite;
import adjoint.nn.TiedHead;
import adjoint.nn.WeightNorm;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A row for each layer and each loss.
final class LayerChecks {
    private static final int[] FLAT = {3, 4};
    private static final int[] DEEP = {2, 3, 4};

    private LayerChecks() {}

    static List<Checks.Row> rows() {
        List<Checks.Row> rows = new ArrayList<>();
        Init init = Init.seeded(5).type(DType.FLOAT64);
        List<Layer> layers =
                new ArrayList<>(
                        List.of(
                                new Linear(4, 3, init.with(Init.normal(1))),
                                Linear.withoutBias(4, 3, init),
                                new PRelu(4, init),
                                new Softmax(-1),
                                new LogSoftmax(0),
                                new Flatten(),
                                new Dropout(0.4),
                                new BatchNorm(4, init.with(Init.normal(1))),
                                new LayerNorm(4, init),
                                new RmsNorm(4, init),
                                new GroupNorm(2, 4, init),
                                new Residual(new Linear(4, 4, init)),
                                new DropPath(0.4),
                                WeightNorm.of(new Linear(4, 3, init.with(Init.normal(1)))),
                                lora(init.with(Init.normal(1))),
                                TiedHead.withBias(new Embedding(5, 4, init), init),
                                new LayerScale(4, 0.3, init),
                                new ReZero(new Linear(4, 4, init), Parameter.of(Tensor.scalar(DType.FLOAT64, 0.7))),
                                new ScalarBias(init),
                                new ScalarScale(init),
                                new Lambda("lambda", x -> x.pow(3)),
                                Sequential.of(
                                        new Linear(4, 5, init),
                                        Activation.TANH,
                                        new Dropout(0.2),
                                        new Linear(5, 2, init))));
        layers.addAll(List.of(Activation.values()));
        for (Layer layer : layers) {
            rows.add(Checks.layer(layer, OpChecks.offKink(1, FLAT), OpChecks.offKink(2, DEEP)));
        }
        convolutions(rows, init.with(Init.normal(1)));
        Init wide = init.with(Init.normal(0.7));
        List<Layer> recurrent =
                List.of(
                        new Lstm(3, 2, wide),
                        new Gru(3, 2, wide),
                        new Rnn(3, 2, wide),
                        new Reversed(new Lstm(3, 2, init).forgetBias(1)),
                        new Bidirectional(new Lstm(3, 2, wide), new Gru(3, 1, wide)),
                        RecurrentStack.lstm(3, 2, 2, 0.3, wide));
        for (Layer layer : recurrent) {
            rows.add(Checks.layer(layer, Checks.normal(4, 2, 4, 3), Checks.normal(5, 1, 1, 3)));
        }
        var labels = Tensor.of(new int[] {2, 0, 3}, 3);
        rows.add(embedding(init, labels));
        losses(rows, labels);
        return rows;
    }

    private static void convolutions(List<Checks.Row> rows, Init init) {
        Conv half = new Conv().stride(2).padding(Padding.SAME);
        Tensor image = Checks.normal(21, 2, 5, 4, 4);
        rows.add(Checks.layer(new Conv1d(4, 3, 3, half, init), Checks.normal(22, 3, 7, 4)));
        rows.add(Checks.layer(new Conv2d(4, 3, 3, half, init), image));
        rows.add(Checks.layer(new ConvTranspose2d(4, 3, 3, half, init), image));
        rows.add(Checks.layer(new MaxPool(Window.of(2).stride(1)), OpChecks.apart(2, 5, 4, 4)));
        rows.add(Checks.layer(new AveragePool(Window.of(3).stride(2).padding(1)), image));
        rows.add(Checks.layer(new GlobalAveragePool(), image));
        rows.add(Checks.layer(new GlobalMaxPool(), OpChecks.apart(2, 5, 4, 4)));
        rows.add(Checks.layer(new AdaptiveAveragePool(3, 2), image));
        rows.add(Checks.layer(new AdaptiveMaxPool(3, 2), OpChecks.apart(2, 5, 4, 4)));
        rows.add(Checks.layer(new SqueezeExcite(4, 2, init), image));
        rows.add(Checks.layer(SeparableConv2d.multiplied(2, 4, 3, 3, half, init), image));
        rows.add(Checks.layer(WeightNorm.of(new Conv2d(4, 6, 3, half.groups(2), init)), image));
        rows.add(Checks.layer(Residual.projected(new Conv2d(4, 3, 3, half, init), 4, 3, 2, init), image));
    }

    // Both of its matrices as they are in training: B starts at 0, where A has no influence.
    private static Lora lora(Init init) {
        return new Lora(
                Parameter.of(init.weight(4, 3, 4, 3)),
                Optional.empty(),
                Parameter.of(init.weight(4, 2, 4, 2)),
                Parameter.of(init.weight(2, 3, 2, 3)),
                3);
    }

    // Its input has no derivative: what is checked are its parameters, through a layer with one unused input.
    private static Checks.Row embedding(Init init, Tensor labels) {
        record Looked(Embedding table, Tensor index) implements Layer {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return table.apply(index, pass).square().mul(x);
            }

            @Override
            public String toString() {
                return "embedding";
            }
        }
        return Checks.layer(new Looked(new Embedding(4, 4, init), labels), Checks.normal(3, FLAT));
    }

    private static void losses(List<Checks.Row> rows, Tensor labels) {
        Tensor x = Checks.normal(11, FLAT);
        Tensor target = Checks.normal(12, FLAT);
        Tensor far = Checks.settled(target.add(OpChecks.offKink(13, FLAT).mul(3)));
        Tensor probabilities = Checks.settled(Checks.normal(14, FLAT).softmax(-1));
        Tensor ones = Checks.settled(Checks.normal(15, FLAT).sign());
        Tensor zeroOne = Checks.settled(Checks.normal(16, FLAT).sigmoid());
        rows.add(Checks.loss("cross-entropy", Loss::crossEntropy, x, labels));
        rows.add(Checks.loss("cross-entropy, weights", new CrossEntropy().weights(1, 2, 3, 4), x, labels));
        rows.add(Checks.loss("cross-entropy, smoothed", new CrossEntropy().labelSmoothing(0.1), x, labels));
        rows.add(Checks.loss("cross-entropy, ignoring", new CrossEntropy().ignoreLabel(0), x, labels));
        rows.add(Checks.loss("cross-entropy, shares", Loss::crossEntropy, x, probabilities));
        rows.add(Checks.loss("binary cross-entropy", Loss::binaryCrossEntropy, x, zeroOne));
        rows.add(Checks.loss("binary, weighted", new BinaryCrossEntropy().positiveWeight(1, 2, 3, 4), x, zeroOne));
        rows.add(Checks.loss("neg. log likelihood", new NegativeLogLikelihood(), x, labels));
        rows.add(Checks.loss("multi-class margin", new MultiClassMargin(), x, labels));
        rows.add(Checks.loss("squared error", Loss::meanSquaredError, x, target));
        rows.add(Checks.loss("absolute error", Loss::meanAbsoluteError, far, target));
        rows.add(Checks.loss("huber", Pointwise.huber(0.6), far, target));
        rows.add(Checks.loss("smooth L1", Pointwise.smoothL1(0.6), far, target));
        rows.add(Checks.loss("KL divergence", Loss::klDivergence, x, probabilities));
        rows.add(Checks.loss("hinge", Loss::hinge, x, ones));
        rows.add(Checks.loss("poisson", Loss::poisson, x, probabilities));
        rows.add(Checks.loss("cosine distance", Loss::cosineDistance, x, target));
        Tensor signs = Tensor.of(new double[] {1, -1, 1}, 3);
        rows.add(
                Checks.of(
                        "loss",
                        "cosine embedding",
                        in -> new CosineEmbedding().of(in.get(0), in.get(1), signs),
                        List.of(List.of(x, target))));
        rows.add(
                Checks.of(
                        "loss",
                        "gaussian likelihood",
                        in -> new GaussianNll().of(in.get(0), target, in.get(1)),
                        List.of(List.of(x, Checks.settled(zeroOne.add(0.5))))));
    }
}
