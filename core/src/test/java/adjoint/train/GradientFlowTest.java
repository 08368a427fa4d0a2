package adjoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import adjoint.data.ArrayDataset;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Init;
import adjoint.nn.Lambda;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.nn.Sequential;
import adjoint.optim.Sgd;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.train.GradientFlow.LayerFlow;
import adjoint.train.GradientFlow.Nonlinearity;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

class GradientFlowTest {
    private static final float[] FEATURES = Tensor.normal(RandomKey.of(5), 64 * 6).toFloats();
    private static final ArrayDataset DATA =
            ArrayDataset.classification(
                    FEATURES, new int[] {6}, IntStream.range(0, 64).map(i -> i % 3).toArray(), List.of("a", "b", "c"));

    private static List<TrainingEvent.FlowMeasured> measured(Layer model, int epochs, int every) {
        var flows = new ArrayList<TrainingEvent.FlowMeasured>();
        Trainer.of(model, Loss::crossEntropy, Sgd.rate(0.1))
                .epochs(epochs)
                .measuringFlow(every)
                .listener(e -> {
                    if (e instanceof TrainingEvent.FlowMeasured f) {
                        flows.add(f);
                    }
                })
                .fit(DATA.batched(32));
        return flows;
    }

    private static double rms(Tensor x) {
        return Math.sqrt(x.square().mean().item());
    }

    @Test
    void siluHasNoFlatEnds() {
        for (Activation activation : List.of(Activation.SILU, Activation.SIGMOID)) {
            Layer model = Sequential.of(new Linear(6, 5, Init.seeded(1)), activation, new Linear(5, 3, Init.seeded(2)));
            assertThat(measured(model, 1, 1).getFirst().flow().layers().getFirst().nonlinearity())
                    .isEqualTo(activation == Activation.SILU ? Nonlinearity.OTHER : Nonlinearity.SIGMOID);
        }
    }

    @Test
    void numbersAreThoseOfTheStep() {
        var init = Init.seeded(1);
        var hidden = new Linear(6, 5, init);
        var head = new Linear(5, 3, init);
        Layer model = Sequential.of(hidden, Activation.RELU, head);
        Tensor x = DATA.batch(IntStream.range(0, 32).toArray()).x();
        Tensor y = DATA.batch(IntStream.range(0, 32).toArray()).y();
        Tensor z = hidden.forward(x, Pass.inference());
        Tensor loss = Loss.crossEntropy(head.forward(z.relu(), Pass.inference()), y);
        List<Tensor> g = Gradients.of(loss, List.of(hidden.weight().value(), z));
        double gradient = rms(g.get(0));
        double weight = rms(hidden.weight().value());
        double outputGradient = rms(g.get(1));
        double output = rms(z);
        double variation = rms(z.sub(z.mean(0))) / output;
        float[] active = z.relu().max(0).toFloats();
        double dead = IntStream.range(0, 5).filter(i -> active[i] == 0).count() / 5.0;

        LayerFlow first = measured(model, 1, 10).getFirst().flow().layers().getFirst();

        assertThat(first.path()).isEqualTo("layers.0");
        assertThat(first.weight()).isEqualTo(weight, within(1e-6));
        assertThat(first.gradient()).isEqualTo(gradient, within(1e-6));
        assertThat(first.update()).isEqualTo(0.1 * gradient, within(1e-6));
        assertThat(first.output()).isEqualTo(output, within(1e-6));
        assertThat(first.outputGradient()).isEqualTo(outputGradient, within(1e-7));
        assertThat(first.variation()).isEqualTo(variation, within(1e-6));
        assertThat(first.nonlinearity()).isEqualTo(Nonlinearity.RELU);
        assertThat(first.idle()).isEqualTo(dead);
        assertThat(first.outputs()).isEqualTo(32 * 5);
    }

    @Test
    void measuringChangesNoBit() {
        var plain = Sequential.of(new Linear(6, 5, Init.seeded(1)), Activation.TANH, new Linear(5, 3, Init.seeded(2)));
        var watched =
                Sequential.of(new Linear(6, 5, Init.seeded(1)), Activation.TANH, new Linear(5, 3, Init.seeded(2)));
        Trainer.of(plain, Loss::crossEntropy, Sgd.rate(0.1)).epochs(3).fit(DATA.batched(32));
        assertThat(measured(watched, 3, 1)).hasSize(6);
        plain.parameters()
                .forEach((name, p) ->
                        assertThat(watched.parameters().get(name).value().toFloats()).isEqualTo(p.value().toFloats()));
    }

    @Test
    void whatVanishesInFloat32IsStillMeasured() {
        GradientFlow flow = measured(deep(DType.FLOAT32), 1, 5).getFirst().flow();
        double first = flow.layers().getFirst().outputGradient();
        assertThat(first).isPositive().isLessThan(1e-22); // its square is no float32
        assertThat(first).isCloseTo(errorInFloat64(), withinPercentage(0.1));
    }

    private static Sequential deep(DType type) {
        var init = Init.seeded(1).with(Init.xavierNormal()).type(type);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < 40; i++) {
            layers.add(new Linear(i == 0 ? 6 : 10, 10, init));
            layers.add(Activation.SIGMOID);
        }
        layers.add(new Linear(10, 3, init));
        return new Sequential(layers);
    }

    private static double errorInFloat64() {
        Sequential model = deep(DType.FLOAT64);
        var batch = DATA.batch(IntStream.range(0, 32).toArray());
        Tensor z = model.layers().getFirst().forward(batch.x().to(DType.FLOAT64), Pass.inference());
        Tensor y = z;
        for (Layer layer : model.layers().subList(1, model.layers().size())) {
            y = layer.forward(y, Pass.inference());
        }
        return rms(Gradients.of(Loss.crossEntropy(y, batch.y()), z));
    }

    @Test
    void aNormsOutputStandsForTheLayersBeforeIt() {
        var init = Init.seeded(1);
        Layer model =
                Sequential.of(
                        new Linear(6, 5, init.with(Init.normal(100))),
                        new BatchNorm(5, init),
                        Activation.SIGMOID,
                        new Linear(5, 3, init));
        LayerFlow first = measured(model, 1, 5).getFirst().flow().layers().getFirst();
        assertThat(first.output()).isEqualTo(1, within(1e-3));
        assertThat(first.nonlinearity()).isEqualTo(Nonlinearity.SIGMOID);
        assertThat(first.idle()).isLessThan(0.1);
    }

    @Test
    void unitsWithTheSameWeightsAreAlike() {
        var init = Init.seeded(1).with(Init.constant(0.1));
        Layer model = Sequential.of(new Linear(6, 5, init), Activation.TANH, new Linear(5, 3, init));
        LayerFlow first = measured(model, 1, 5).getFirst().flow().layers().getFirst();
        assertThat(first.likeness()).isGreaterThan(0.9999);
        assertThat(first.gradientLikeness()).isGreaterThan(0.999);
        Layer random =
                Sequential.of(new Linear(6, 5, Init.seeded(1)), Activation.TANH, new Linear(5, 3, Init.seeded(2)));
        assertThat(measured(random, 1, 5).getFirst().flow().layers().getFirst().likeness()).isLessThan(0.5);
    }

    private static void fails(Layer model, ArrayDataset data, String... words) {
        float[] before = model.parameters().firstEntry().getValue().value().toFloats();
        assertThatThrownBy(() ->
                        Trainer.of(model, Loss::crossEntropy, Sgd.rate(0.1)).measuringFlow(100).fit(data.batched(32)))
                .hasMessageContainingAll(words);
        assertThat(model.parameters().firstEntry().getValue().value().toFloats()).isEqualTo(before);
    }

    @Test
    void whatBreaksATrainingIsNamedAndTheWeightsStay() {
        float[] x = FEATURES.clone();
        x[7 * 6 + 2] = Float.NaN;
        int[] y = IntStream.range(0, 64).map(i -> i % 3).toArray();
        var spoilt = ArrayDataset.classification(x, new int[] {6}, y, List.of("a", "b", "c"));
        fails(
                Sequential.of(new Linear(6, 5, Init.seeded(1)), Activation.RELU, new Linear(5, 3, Init.seeded(2))),
                spoilt,
                "the loss became NaN in step 1",
                "the data holds NaN, for example 7 of the batch");
    }

    @Test
    void aMaskIsNotWhatBreaksATraining() {
        Tensor mask = Tensor.of(new float[] {0, 0, 0, 0, Float.NEGATIVE_INFINITY}, 5);
        Layer masked = new Lambda("masked", v -> v.add(mask));
        Layer logarithm = new Lambda("logarithm", v -> v.exp().sub(1e9).log());
        fails(
                Sequential.of(new Linear(6, 5, Init.seeded(1)), masked, logarithm, new Linear(5, 3, Init.seeded(2))),
                DATA,
                "log gives NaN in layer 'layers.2'");
    }

    @Test
    void aDerivativeThatIsNotFiniteIsFoundThoughTheLossIs() {
        // the square root of 0 is 0, its derivative infinite, and 0 times that is NaN
        Layer root = new Lambda("root", v -> v.mul(0).sqrt());
        fails(
                Sequential.of(new Linear(6, 5, Init.seeded(1)), root, new Linear(5, 3, Init.seeded(2))),
                DATA,
                "a gradient is not finite in step 1",
                "in layer 'layers.1'");
    }
}
