package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// Every layer and loss against finite differences, in float64, first and second order.
class GradientTest {
    private static final double LIMIT = 1e-7;
    private static final double HUBER_DELTA = 0.6;
    private static final RandomKey KEY = RandomKey.of(11);

    private static Tensor random(long stream, int... dims) {
        return Tensor.of(Tensor.random(Distribution.NORMAL, KEY.fold(stream), DType.FLOAT64, dims).toDoubles(), dims);
    }

    private static Tensor doubles(double... values) {
        return Tensor.of(values, values.length);
    }

    @TestFactory
    Stream<DynamicTest> layers() {
        Init init = Init.seeded(5).type(DType.FLOAT64);
        var layers =
                new ArrayList<Layer>(
                        List.of(
                                new Linear(4, 3, init.with(Init.normal(1))),
                                Linear.withoutBias(4, 3, init),
                                new PRelu(4, init),
                                new PRelu(1, init),
                                new Softmax(-1),
                                new LogSoftmax(0),
                                new Flatten(),
                                new Dropout(0.4),
                                new BatchNorm(4, init.with(Init.normal(1))),
                                new LayerNorm(4, init),
                                new RmsNorm(4, init),
                                new GroupNorm(2, 4, init),
                                new Residual(new Linear(4, 4, init)),
                                new Residual(new Linear(4, 3, init), Linear.withoutBias(4, 3, init)),
                                new DropPath(0.4),
                                WeightNorm.of(new Linear(4, 3, init.with(Init.normal(1)))),
                                new LayerScale(4, 0.3, init),
                                new ReZero(new Linear(4, 4, init), Parameter.of(Tensor.scalar(DType.FLOAT64, 0.7))),
                                new ScalarBias(init),
                                new ScalarScale(init),
                                new Lambda("cube", x -> x.pow(3)),
                                Sequential.of(
                                        new Linear(4, 5, init),
                                        Activation.TANH,
                                        new Dropout(0.2),
                                        new Linear(5, 2, init))));
        layers.addAll(List.of(Activation.values()));
        return layers.stream()
                .map(layer ->
                        DynamicTest.dynamicTest(
                                layer.toString(),
                                () -> {
                                    Tensor x = random(1, 3, 2, 4); // no element near a kink: |x| > 0.02
                                    Tensor away = Tensor.where(x.abs().lt(0.02), x.onesLike().mul(0.5), x);
                                    parameters(layer, away);
                                }));
    }

    @TestFactory
    Stream<DynamicTest> convolutions() {
        Init init = Init.seeded(5).type(DType.FLOAT64).with(Init.normal(1));
        Conv half = new Conv().stride(2).padding(Padding.SAME);
        Tensor image = random(6, 2, 5, 4, 4);
        Tensor line = random(7, 3, 7, 4);
        // Far from each other: finite differences must not change which one is the largest.
        Tensor apart = random(8, 160).argsort(0, false).to(DType.FLOAT64).mul(0.05).reshape(2, 5, 4, 4);
        record Row(Layer layer, Tensor x) {}
        return Stream.of(
                        new Row(new Conv2d(4, 3, 3, half, init), image),
                        new Row(new Conv2d(4, 6, 2, 3, new Conv().groups(2).dilation(2, 1), init), image),
                        new Row(Conv2d.withoutBias(4, 4, 3, half.groups(4), init), image),
                        new Row(new Conv1d(4, 3, 3, half, init), line),
                        new Row(Conv1d.withoutBias(4, 2, 2, new Conv().groups(2), init), line),
                        new Row(new ConvTranspose2d(4, 3, 3, half, init), image),
                        new Row(
                                ConvTranspose2d.withoutBias(4, 2, 3, half.padding(1).groups(2), init)
                                        .outputPadding(1, 0),
                                image),
                        new Row(new MaxPool(2), apart),
                        new Row(new MaxPool(Window.of(3).stride(2).padding(1)), apart),
                        new Row(new AveragePool(2), image),
                        new Row(new AveragePool(Window.of(3).stride(2).padding(1), true), image),
                        new Row(new GlobalAveragePool(), image),
                        new Row(new GlobalMaxPool(), apart),
                        new Row(new AdaptiveAveragePool(3, 2), image),
                        new Row(new AdaptiveMaxPool(3, 2), apart),
                        new Row(new SqueezeExcite(4, 2, init), image),
                        new Row(SeparableConv2d.multiplied(2, 4, 3, 3, half, init), image),
                        new Row(new SeparableConv2d(4, 3, 3, half, init).between(Activation.TANH), image),
                        new Row(WeightNorm.of(new Conv2d(4, 6, 3, half.groups(2), init)), image),
                        new Row(WeightNorm.of(Conv1d.withoutBias(4, 3, 2, new Conv(), init)), line),
                        new Row(Residual.projected(new Conv2d(4, 3, 3, half, init), 4, 3, 2, init), image))
                .map(row ->
                        DynamicTest.dynamicTest(
                                row.layer.toString(),
                                () -> {
                                    inputs(in -> row.layer.apply(in.getFirst(), Pass.training(KEY)), row.x);
                                    parameters(row.layer, row.x);
                                }));
    }

    @TestFactory
    Stream<DynamicTest> recurrent() {
        Init init = Init.seeded(6).type(DType.FLOAT64);
        Init wide = init.with(Init.normal(0.7));
        Optional<Tensor> lengths = Optional.of(Tensor.of(new int[] {2, 4, 1}, 3));
        var layers =
                List.of(
                        new Lstm(3, 2, wide),
                        new Lstm(3, 2, init).forgetBias(1),
                        new Gru(3, 2, wide),
                        new Rnn(3, 2, wide),
                        new Rnn(3, 2, wide).activation(Activation.RELU),
                        new Reversed(new Gru(3, 2, wide)),
                        new Bidirectional(new Lstm(3, 2, wide), new Gru(3, 1, wide)),
                        RecurrentStack.lstm(3, 2, 2, 0.3, wide),
                        RecurrentStack.of(3, 2, 0.3, n -> Bidirectional.rnn(n, 1, wide)));
        Tensor x = random(5, 3, 4, 3);
        return layers.stream()
                .map(layer ->
                        DynamicTest.dynamicTest(
                                layer.toString(),
                                () -> {
                                    parameters(layer, x);
                                    inputs(in -> layer.unroll(in.getFirst()).outputs(), x);
                                    inputs(in -> layer.unroll(in.getFirst()).state(), x);
                                    Tensor state = layer.unroll(x).state();
                                    inputs(
                                            in -> {
                                                var y = layer.unroll(in.get(0), Optional.of(in.get(1)), lengths);
                                                return Tensor.concat(1, y.outputs().flatten(1), y.state());
                                            },
                                            x,
                                            state);
                                }));
    }

    @TestFactory
    Stream<DynamicTest> embedding() {
        return Stream.of(
                DynamicTest.dynamicTest(
                        "rows used twice",
                        () ->
                                parameters(
                                        new Embedding(5, 3, Init.seeded(1).type(DType.FLOAT64)),
                                        Tensor.of(new int[] {1, 4, 1, 0}, 2, 2))));
    }

    private record Case(String name, Function<List<Tensor>, Tensor> loss, Tensor... inputs) {}

    private static Case labelled(String name, Criterion criterion) {
        Tensor labels = Tensor.of(new int[] {0, 2, 1, 2, 0, 1}, 3, 2);
        return new Case(name, in -> criterion.of(in.getFirst(), labels), random(2, 3, 2, 3));
    }

    private static Case targeted(String name, Criterion criterion, Tensor... outputAndTarget) {
        return new Case(name, in -> criterion.of(in.get(0), in.get(1)), outputAndTarget);
    }

    @TestFactory
    Stream<DynamicTest> losses() {
        var ce = new CrossEntropy();
        var nll = new NegativeLogLikelihood().weights(1, 2, 0.5f);
        Tensor x = random(3, 4, 3);
        Tensor t = random(4, 4, 3);
        Tensor p = t.softmax(-1);
        Tensor signs = Tensor.of(new double[] {1, -1, 1, -1, -1, 1, 1, -1, 1, 1, -1, -1}, 4, 3);
        for (double d : x.sub(t).abs().toDoubles()) { // second derivatives jump there: differences must not step across
            assertTrue(Math.abs(d - HUBER_DELTA) > 0.05, "a difference of " + d + " is too near huber's kink");
        }
        var cases = new ArrayList<Case>();
        for (Reduction r : Reduction.values()) {
            cases.add(labelled("cross-entropy " + r, ce.reduction(r)));
            var all = ce.weights(1, 2, 0.5f).labelSmoothing(0.1).ignoreLabel(1).reduction(r);
            cases.add(labelled("cross-entropy with everything " + r, all));
            cases.add(
                    targeted(
                            "cross-entropy of probabilities " + r,
                            ce.weights(1, 2, 3).labelSmoothing(0.2).reduction(r),
                            x,
                            p));
            cases.add(labelled("negative log likelihood " + r, nll.ignoreLabel(2).reduction(r)));
            cases.add(labelled("multi-class margin " + r, new MultiClassMargin().reduction(r)));
            cases.add(
                    targeted(
                            "binary cross-entropy " + r,
                            new BinaryCrossEntropy().positiveWeight(2, 3, 4).reduction(r),
                            x,
                            p));
            cases.add(targeted("huber " + r, Pointwise.huber(HUBER_DELTA).reduction(r), x, t));
        }
        cases.addAll(
                List.of(
                        labelled("cross-entropy", Loss::crossEntropy),
                        labelled("smoothed", ce.labelSmoothing(0.3)),
                        labelled("ignoring", ce.ignoreLabel(0)),
                        labelled("weighted", ce.weights(1, 2, 3)),
                        targeted("probabilities", Loss::crossEntropy, x, p),
                        labelled("negative log likelihood", Loss::negativeLogLikelihood),
                        labelled("squared margin", new MultiClassMargin(0.5, 2, Reduction.SUM)),
                        targeted("binary cross-entropy", Loss::binaryCrossEntropy, x, p),
                        targeted("binary cross-entropy, one weight", new BinaryCrossEntropy().positiveWeight(3), x, p),
                        targeted("squared error", Loss::meanSquaredError, x, t),
                        targeted("absolute error", Loss::meanAbsoluteError, x, t),
                        targeted("huber", Loss::huber, x, t),
                        targeted("smooth L1", Loss::smoothL1, x, t),
                        targeted("smooth L1 0.4", Pointwise.smoothL1(0.4), x, t),
                        targeted("KL divergence", Loss::klDivergence, x, p),
                        new Case("hinge", in -> Loss.hinge(in.getFirst(), signs), x),
                        targeted("Poisson", Loss::poisson, x, p),
                        targeted("Poisson of rate", Pointwise.poissonOfRate(), x.exp(), p),
                        targeted("cosine distance", Loss::cosineDistance, x, t),
                        new Case(
                                "cosine embedding",
                                in ->
                                        new CosineEmbedding(-0.9, Reduction.MEAN)
                                                .of(in.get(0), in.get(1), doubles(1, -1, 1, -1)),
                                x,
                                t),
                        new Case("Gaussian", in -> new GaussianNll().of(in.get(0), in.get(1), in.get(2)), x, t, p)));
        return cases.stream().map(c -> DynamicTest.dynamicTest(c.name, () -> inputs(c.loss, c.inputs)));
    }

    private static void inputs(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
        var result = GradientCheck.of(function, inputs);
        assertTrue(result.firstOrder() <= LIMIT, () -> "first order: " + result);
        assertTrue(result.secondOrder() <= LIMIT, () -> "second order: " + result);
    }

    private static void parameters(Layer layer, Tensor x) {
        var result =
                GradientCheck.of(in -> layer.apply(in.getFirst(), Pass.training(KEY)), layer.parameters().values(), x);
        assertTrue(result.passed(), () -> "parameters: " + result);
    }
}
