package adjoint.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.data.ArrayDataset;
import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Criterion;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Dropout;
import adjoint.nn.Flatten;
import adjoint.nn.Init;
import adjoint.nn.Lambda;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Lstm;
import adjoint.nn.MaxPool;
import adjoint.nn.Residual;
import adjoint.nn.Sequential;
import adjoint.optim.Adam;
import adjoint.optim.AdamW;
import adjoint.optim.Rule;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Mistakes that people make, each of which the doctor must name, and healthy trainings, of which it must accuse none.
class DoctorCorpusTest {
    private static final Dataset DIGITS = Digits.train(7).take(2000);
    private static final int BATCH = 64;

    // By hand: where the loss sees the layer's own operation, it refuses it.
    private static final Layer SOFTMAX = new Lambda("softmax by hand", x -> x.exp().div(x.exp().sum(-1).unsqueeze(1)));
    private static final Layer SIGMOID = new Lambda("sigmoid by hand", x -> x.neg().exp().add(1).reciprocal());

    private record Mistake(String name, Ailment ailment, Patient patient) {}

    private record Healthy(String name, Patient patient) {}

    // ---------------------------------------------------------------- networks

    private static Layer mlp(int in, int depth, int width, int out, Activation activation, Init init) {
        var layers = new ArrayList<Layer>(List.of(new Flatten()));
        for (int i = 0; i < depth; i++) {
            layers.add(new Linear(i == 0 ? in : width, width, init));
            layers.add(activation);
        }
        layers.add(new Linear(width, out, Init.seeded(99).with(Init.lecunNormal())));
        return new Sequential(layers);
    }

    private static Layer mlp(int depth, Activation activation, Init.Scheme scheme) {
        return mlp(784, depth, 64, 10, activation, Init.seeded(1).with(scheme));
    }

    private static Layer ordinary() {
        return mlp(2, Activation.RELU, Init.heNormal());
    }

    private static Layer convolutional(Init init, boolean norm) {
        var same = new Conv().padding(Padding.SAME);
        var layers = new ArrayList<Layer>(List.of(new Conv2d(1, 8, 3, same, init)));
        if (norm) {
            layers.add(new BatchNorm(8, init));
        }
        layers.addAll(List.of(Activation.RELU, new MaxPool(2), new Conv2d(8, 16, 3, same, init)));
        if (norm) {
            layers.add(new BatchNorm(16, init));
        }
        layers.addAll(List.of(Activation.RELU, new MaxPool(2), new Flatten(), new Linear(784, 10, init)));
        return new Sequential(layers);
    }

    private static Layer convolutional() {
        return convolutional(Init.seeded(1), false);
    }

    private static Layer deepNormed(int depth, Activation activation) {
        Init init = Init.seeded(1).with(Init.xavierNormal());
        var layers = new ArrayList<Layer>(List.of(new Flatten()));
        for (int i = 0; i < depth; i++) {
            layers.addAll(List.of(new Linear(i == 0 ? 784 : 64, 64, init), new BatchNorm(64, init), activation));
        }
        layers.add(new Linear(64, 10, init));
        return new Sequential(layers);
    }

    private static Layer deepResidual(int depth) {
        Init init = Init.seeded(1).with(Init.normal(0.05));
        var layers = new ArrayList<Layer>(List.of(new Flatten(), new Linear(784, 64, Init.seeded(2))));
        for (int i = 0; i < depth; i++) {
            layers.add(new Residual(Sequential.of(new Linear(64, 64, init), Activation.RELU)));
        }
        layers.add(new LayerNorm(64, init));
        layers.add(new Linear(64, 10, init));
        return new Sequential(layers);
    }

    private static Layer zeroHead() {
        Init init = Init.seeded(1);
        return Sequential.of(
                new Flatten(), new Linear(784, 64, init), Activation.RELU, new Linear(64, 10, init.with(Init.zeros())));
    }

    private static Layer biased(Layer model, double value) {
        List<Parameter> biases = model.parameters().values().stream().filter(p -> p.shape().rank() == 1).toList();
        biases.subList(0, biases.size() - 1).forEach(p -> p.set(Tensor.full(p.type(), value, p.shape().dims())));
        return model;
    }

    private static Layer sureHead() {
        return Sequential.of(
                new Flatten(),
                new Linear(784, 64, Init.seeded(1)),
                Activation.RELU,
                new Linear(64, 10, Init.seeded(1).with(Init.normal(5))));
    }

    private static Layer with(Layer model, Layer last) {
        return Sequential.of(model, last);
    }

    // ---------------------------------------------------------------- examples

    private static Batches batches(Dataset data) {
        return data.shuffled(3).batched(BATCH);
    }

    private static Dataset scaled(double factor, double shift) {
        return DIGITS.map(b -> new Batch(b.x().mul(factor).add(shift), b.y()));
    }

    private static Dataset mislabelled(int shift) {
        float[] x = new float[2000 * 784];
        int[] y = new int[2000];
        int[] order = Dataset.shuffledIndices(2000, 11, 0);
        for (int i = 0; i < 2000; i++) {
            float[] picture = DIGITS.batch(i).x().toFloats();
            System.arraycopy(picture, 0, x, i * 784, 784);
            y[i] = DIGITS.label(shift == 0 ? order[i] : (i + shift) % 2000);
        }
        return ArrayDataset.classification(x, new int[] {28, 28, 1}, y, DIGITS.classes());
    }

    private static Dataset spoilt(int row, float value) {
        float[] x = DIGITS.take(BATCH).batch(IntStream.range(0, BATCH).toArray()).x().toFloats();
        x[row * 784 + 300] = value;
        int[] y = IntStream.range(0, BATCH).map(DIGITS::label).toArray();
        return ArrayDataset.classification(x, new int[] {28, 28, 1}, y, DIGITS.classes());
    }

    private static float[] normals(int n, long seed) {
        return Tensor.normal(RandomKey.of(seed), n).toFloats();
    }

    // y = sin of a mix of five features, on a scale of one's own
    private static Dataset curve(double scale, double shift, double firstFeature) {
        float[] x = normals(500 * 5, 1);
        float[] y = new float[500];
        for (int i = 0; i < 500; i++) {
            y[i] = (float) (shift + scale * Math.sin(x[i * 5] + 0.5 * x[i * 5 + 1] - x[i * 5 + 2]));
            x[i * 5] = (float) (x[i * 5] * firstFeature);
        }
        return ArrayDataset.regression(x, new int[] {5}, y, 1);
    }

    private static Dataset yesOrNo() {
        float[] x = normals(600 * 4, 2);
        float[] y = new float[600];
        for (int i = 0; i < 600; i++) {
            y[i] = x[i * 4] + x[i * 4 + 1] > 0 ? 1 : 0;
        }
        return ArrayDataset.regression(x, new int[] {4}, y, 1);
    }

    private static Dataset table(double unit, double shift) {
        float[] x = normals(600 * 4, 3);
        int[] y = new int[600];
        for (int i = 0; i < 600; i++) {
            y[i] = x[i * 4] + x[i * 4 + 1] > 0 ? 1 : x[i * 4 + 2] > 0 ? 2 : 0;
            x[i * 4 + 3] = (float) (x[i * 4 + 3] * unit);
            for (int k = 0; k < 4; k++) {
                x[i * 4 + k] += (float) shift;
            }
        }
        return ArrayDataset.classification(x, new int[] {4}, y, List.of("a", "b", "c"));
    }

    private static Dataset sequences() {
        float[] x = normals(400 * 12 * 3, 4);
        int[] y = new int[400];
        for (int i = 0; i < 400; i++) {
            float sum = 0;
            for (int t = 0; t < 12; t++) {
                sum += x[(i * 12 + t) * 3];
            }
            y[i] = sum > 0 ? 1 : 0;
        }
        return ArrayDataset.classification(x, new int[] {12, 3}, y, List.of("below", "above"));
    }

    private static Patient patient(Layer model, Rule rule) {
        return new Patient(model, Loss::crossEntropy, rule, batches(DIGITS));
    }

    private static Patient patient(Layer model, Criterion criterion, Dataset data) {
        return new Patient(model, criterion, AdamW.rate(1e-3), batches(data));
    }

    // ---------------------------------------------------------------- what people do wrong

    private static List<Mistake> mistakes() {
        Rule sgd = Sgd.rate(0.1);
        Rule adam = AdamW.rate(1e-3);
        Criterion ce = Loss::crossEntropy;
        Layer table = mlp(4, 2, 32, 3, Activation.RELU, Init.seeded(1));
        return List.of(
                new Mistake(
                        "30 sigmoid layers",
                        Ailment.VANISHING,
                        patient(mlp(30, Activation.SIGMOID, Init.xavierNormal()), sgd)),
                new Mistake(
                        "50 sigmoid layers, He",
                        Ailment.VANISHING,
                        patient(mlp(50, Activation.SIGMOID, Init.heNormal()), adam)),
                new Mistake(
                        "20 tanh layers, weights of 0.01",
                        Ailment.VANISHING,
                        patient(mlp(20, Activation.TANH, Init.normal(0.01)), sgd)),
                new Mistake(
                        "12 ReLU layers, weights of 0.01",
                        Ailment.VANISHING,
                        patient(mlp(12, Activation.RELU, Init.normal(0.01)), sgd)),
                new Mistake(
                        "40 tanh layers, half of Xavier",
                        Ailment.VANISHING,
                        patient(mlp(40, Activation.TANH, Init.xavierNormal(0.5)), sgd)),
                new Mistake(
                        "30 ReLU layers, twice He",
                        Ailment.EXPLODING,
                        patient(mlp(30, Activation.RELU, Init.heNormal(3)), sgd)),
                new Mistake(
                        "15 linear layers, three times Xavier",
                        Ailment.EXPLODING,
                        patient(mlp(15, Activation.IDENTITY, Init.xavierNormal(3)), sgd)),
                new Mistake(
                        "25 leaky ReLU layers, twice He",
                        Ailment.EXPLODING,
                        patient(mlp(25, Activation.LEAKY_RELU, Init.heNormal(2.5)), adam)),
                new Mistake("ReLU with biases of -10", Ailment.DEAD, patient(biased(ordinary(), -10), sgd)),
                new Mistake(
                        "convolutions with biases of -20", Ailment.DEAD, patient(biased(convolutional(), -20), adam)),
                new Mistake(
                        "ReLU with biases of -4, deep",
                        Ailment.DEAD,
                        patient(biased(mlp(5, Activation.RELU, Init.heNormal()), -4), adam)),
                new Mistake(
                        "tanh with weights of 1",
                        Ailment.SATURATED,
                        patient(mlp(3, Activation.TANH, Init.normal(1)), sgd)),
                new Mistake(
                        "sigmoid with weights of 2",
                        Ailment.SATURATED,
                        patient(mlp(2, Activation.SIGMOID, Init.normal(2)), adam)),
                new Mistake(
                        "sigmoid with biases of 10",
                        Ailment.SATURATED,
                        patient(biased(mlp(2, Activation.SIGMOID, Init.xavierNormal()), 10), sgd)),
                new Mistake(
                        "all weights 0.1",
                        Ailment.SYMMETRIC,
                        patient(mlp(2, Activation.TANH, Init.constant(0.1)), sgd)),
                new Mistake("all weights 0", Ailment.SYMMETRIC, patient(zeros(), sgd)),
                new Mistake(
                        "convolutions all alike",
                        Ailment.SYMMETRIC,
                        patient(convolutional(Init.seeded(1).with(Init.constant(0.05)), false), adam)),
                new Mistake("SGD at a rate of 50", Ailment.RATE_TOO_HIGH, patient(ordinary(), Sgd.rate(50))),
                new Mistake("Adam at a rate of 3", Ailment.RATE_TOO_HIGH, patient(ordinary(), Adam.rate(3))),
                new Mistake(
                        "momentum at a rate of 5 on convolutions",
                        Ailment.RATE_TOO_HIGH,
                        patient(convolutional(), Sgd.rate(5).momentum(0.9))),
                new Mistake(
                        "regression at a rate of 30",
                        Ailment.RATE_TOO_HIGH,
                        new Patient(
                                mlp(5, 2, 32, 1, Activation.RELU, Init.seeded(1)),
                                Loss::meanSquaredError,
                                Sgd.rate(30),
                                batches(curve(1, 0, 1)))),
                new Mistake("SGD at a rate of 1e-7", Ailment.RATE_TOO_LOW, patient(ordinary(), Sgd.rate(1e-7))),
                new Mistake("Adam at a rate of 1e-8", Ailment.RATE_TOO_LOW, patient(convolutional(), Adam.rate(1e-8))),
                new Mistake(
                        "a warm-up of ten million steps",
                        Ailment.RATE_TOO_LOW,
                        patient(ordinary(), sgd.scheduled(Schedule.constant(0.1).warmup(10_000_000)))),
                new Mistake(
                        "the sum of the batch as loss",
                        Ailment.LOSS_SCALE,
                        patient(ordinary(), (o, y) -> Loss.crossEntropy(o, y).mul(y.dim(0)), DIGITS)),
                new Mistake(
                        "a loss of a ten thousandth",
                        Ailment.LOSS_SCALE,
                        patient(ordinary(), (o, y) -> Loss.crossEntropy(o, y).mul(1e-4), DIGITS)),
                new Mistake("a head with weights of 5", Ailment.LOSS_SCALE, patient(sureHead(), adam)),
                new Mistake(
                        "targets of thousands",
                        Ailment.LOSS_SCALE,
                        patient(
                                mlp(5, 2, 32, 1, Activation.RELU, Init.seeded(1)),
                                Loss::meanSquaredError,
                                curve(500, 3000, 1))),
                new Mistake(
                        "softmax in front of cross-entropy",
                        Ailment.DOUBLE_SOFTMAX,
                        patient(with(ordinary(), SOFTMAX), ce, DIGITS)),
                new Mistake(
                        "softmax in front of cross-entropy, convolutions",
                        Ailment.DOUBLE_SOFTMAX,
                        patient(with(convolutional(), SOFTMAX), ce, DIGITS)),
                new Mistake(
                        "sigmoid in front of binary cross-entropy",
                        Ailment.DOUBLE_SOFTMAX,
                        patient(
                                with(mlp(4, 2, 32, 1, Activation.RELU, Init.seeded(1)), SIGMOID),
                                Loss::binaryCrossEntropy,
                                yesOrNo())),
                new Mistake("pixels from 0 to 255", Ailment.RAW_INPUTS, patient(ordinary(), ce, scaled(255, 0))),
                new Mistake(
                        "pixels from 0 to 255 into sigmoids",
                        Ailment.RAW_INPUTS,
                        patient(mlp(2, Activation.SIGMOID, Init.xavierNormal()), ce, scaled(255, 0))),
                new Mistake("inputs of 0.00001", Ailment.RAW_INPUTS, patient(ordinary(), ce, scaled(1e-5, 0))),
                new Mistake("a column in another unit", Ailment.RAW_INPUTS, patient(table, ce, table(1e5, 0))),
                new Mistake(
                        "columns about 15",
                        Ailment.RAW_INPUTS,
                        patient(mlp(4, 2, 32, 3, Activation.TANH, Init.seeded(1)), ce, table(1, 15))),
                new Mistake("labels shuffled", Ailment.SHUFFLED_LABELS, patient(ordinary(), ce, mislabelled(0))),
                new Mistake(
                        "labels one row off, convolutions",
                        Ailment.SHUFFLED_LABELS,
                        patient(convolutional(), ce, mislabelled(1))),
                new Mistake(
                        "batch norm with batches of 1",
                        Ailment.BATCH_TOO_SMALL_FOR_NORM,
                        new Patient(deepNormed(2, Activation.RELU), ce, adam, DIGITS.shuffled(1).batched(1))),
                new Mistake(
                        "batch norm with a last batch of 1",
                        Ailment.BATCH_TOO_SMALL_FOR_NORM,
                        new Patient(
                                deepNormed(2, Activation.RELU), ce, adam, DIGITS.take(129).shuffled(1).batched(64))),
                new Mistake(
                        "the logarithm of pixels",
                        Ailment.NON_FINITE,
                        patient(Sequential.of(new Lambda("log", Tensor::log), ordinary()), ce, DIGITS)),
                new Mistake("a NaN in the data", Ailment.NON_FINITE, patient(ordinary(), ce, spoilt(17, Float.NaN))),
                new Mistake(
                        "exponentials that overflow",
                        Ailment.NON_FINITE,
                        patient(
                                Sequential.of(
                                        new Flatten(),
                                        new Linear(784, 64, Init.seeded(1).with(Init.normal(3))),
                                        new Lambda("exp", Tensor::exp),
                                        new Linear(64, 10, Init.seeded(2))),
                                ce,
                                DIGITS)));
    }

    private static Layer zeros() {
        Init init = Init.seeded(1).with(Init.zeros());
        return Sequential.of(new Flatten(), new Linear(784, 64, init), Activation.RELU, new Linear(64, 10, init));
    }

    // ---------------------------------------------------------------- what is right

    private static List<Healthy> healthy() {
        Rule adam = AdamW.rate(1e-3);
        Rule sgd = Sgd.rate(0.1);
        Criterion ce = Loss::crossEntropy;
        return List.of(
                new Healthy("two ReLU layers, AdamW", patient(ordinary(), adam)),
                new Healthy("two ReLU layers, SGD", patient(ordinary(), sgd)),
                new Healthy("no hidden layer", patient(mlp(784, 0, 784, 10, Activation.RELU, Init.seeded(1)), sgd)),
                new Healthy("three tanh layers", patient(mlp(3, Activation.TANH, Init.xavierNormal()), sgd)),
                new Healthy("two sigmoid layers", patient(mlp(2, Activation.SIGMOID, Init.xavierNormal()), adam)),
                new Healthy("six GELU layers", patient(mlp(6, Activation.GELU, Init.heNormal()), adam)),
                new Healthy("twenty ReLU layers, He", patient(mlp(20, Activation.RELU, Init.heNormal()), adam)),
                new Healthy("ten SELU layers", patient(mlp(10, Activation.SELU, Init.lecunNormal()), adam)),
                new Healthy(
                        "thirty tanh layers, orthogonal",
                        patient(mlp(30, Activation.TANH, Init.orthogonal(1.1)), adam)),
                new Healthy("convolutions", patient(convolutional(), adam)),
                new Healthy("convolutions with batch norm", patient(convolutional(Init.seeded(1), true), sgd)),
                new Healthy("thirty sigmoid layers with batch norm", patient(deepNormed(30, Activation.SIGMOID), adam)),
                new Healthy("fifteen ReLU layers with batch norm", patient(deepNormed(15, Activation.RELU), sgd)),
                new Healthy("fifty residual layers", patient(deepResidual(50), adam)),
                new Healthy("a head that starts at 0", patient(zeroHead(), adam)),
                new Healthy("dropout", patient(with(new Flatten(), with(new Dropout(0.3), ordinary())), adam)),
                new Healthy("one-cycle", patient(ordinary(), adam.scheduled(Schedule.oneCycle(2e-3, 1000)))),
                new Healthy(
                        "warm-up of 500 steps", patient(ordinary(), sgd.scheduled(Schedule.constant(0.1).warmup(500)))),
                new Healthy("label smoothing", patient(ordinary(), new CrossEntropy().labelSmoothing(0.1), DIGITS)),
                new Healthy("batches of 8", new Patient(ordinary(), ce, Sgd.rate(0.02), DIGITS.shuffled(1).batched(8))),
                new Healthy(
                        "regression",
                        patient(
                                mlp(5, 2, 32, 1, Activation.RELU, Init.seeded(1)),
                                Loss::meanSquaredError,
                                curve(1, 0, 1))),
                new Healthy(
                        "yes or no",
                        patient(
                                mlp(4, 2, 32, 1, Activation.RELU, Init.seeded(1)),
                                Loss::binaryCrossEntropy,
                                yesOrNo())),
                new Healthy("a table", patient(mlp(4, 2, 32, 3, Activation.RELU, Init.seeded(1)), ce, table(1, 0))),
                new Healthy("a small rate that works", patient(ordinary(), AdamW.rate(1e-4))),
                new Healthy("sequences", patient(tagger(), ce, sequences())),
                new Healthy("clipped", patient(ordinary(), sgd).clipNorm(1)));
    }

    private static Layer tagger() {
        var lstm = new Lstm(3, 24, Init.seeded(1));
        return Sequential.of(lstm, new Lambda("last step", x -> x.select(1, -1)), new Linear(24, 2, Init.seeded(2)));
    }

    @TestFactory
    Stream<DynamicTest> mistakesAreNamed() {
        return mistakes().stream()
                .map(m ->
                        DynamicTest.dynamicTest(
                                m.name,
                                () -> {
                                    Checkup checkup = Doctor.examine(m.patient);
                                    assertThat(checkup.findings().stream().map(Finding::ailment))
                                            .as("%s", checkup.describe())
                                            .isNotEmpty()
                                            .first()
                                            .isEqualTo(m.ailment);
                                }));
    }

    @TestFactory
    Stream<DynamicTest> healthyTrainingsAreNotAccused() {
        return healthy().stream()
                .map(h ->
                        DynamicTest.dynamicTest(
                                h.name,
                                () -> {
                                    Checkup checkup = Doctor.examine(h.patient);
                                    assertThat(checkup.findings()).as("%s", checkup.describe()).isEmpty();
                                    assertThat(checkup.losses()).hasSize(Doctor.STEPS);
                                }));
    }
}
