package adjoint.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.data.ArrayDataset;
import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Criterion;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Fixup;
import adjoint.nn.Flatten;
import adjoint.nn.GlobalAveragePool;
import adjoint.nn.Init;
import adjoint.nn.Lambda;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.nn.ReZero;
import adjoint.nn.Residual;
import adjoint.nn.Sequential;
import adjoint.optim.Adam;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Conv;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.train.Trainer;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

class DoctorTest {
    private static Batches examples() {
        float[] x = Tensor.normal(RandomKey.of(1), 320 * 6).toFloats();
        int[] y = IntStream.range(0, 320).map(i -> x[i * 6] > 0 ? 1 : 0).toArray();
        return ArrayDataset.classification(x, new int[] {6}, y, List.of("below", "above")).shuffled(1).batched(32);
    }

    private static Layer deep(int depth, Activation activation) {
        Init init = Init.seeded(1).with(Init.xavierNormal());
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < depth; i++) {
            layers.add(Sequential.of(new Linear(i == 0 ? 6 : 16, 16, init), activation));
        }
        layers.add(new Linear(16, 2, init));
        return new Sequential(layers);
    }

    private static Map<String, float[]> values(Layer model) {
        Map<String, float[]> all = new LinkedHashMap<>();
        model.parameters().forEach((name, p) -> all.put(name, p.value().toFloats()));
        return all;
    }

    private static void requireSame(Layer model, Map<String, float[]> before) {
        values(model).forEach((name, v) -> assertThat(v).as(name).isEqualTo(before.get(name)));
    }

    @Test
    void anExaminationLeavesTheWeightsAsTheyWere() {
        Layer model =
                Sequential.of(
                        new Linear(6, 8, Init.seeded(1)),
                        new BatchNorm(8, Init.seeded(1)),
                        Activation.RELU,
                        new Linear(8, 2, Init.seeded(2)));
        Map<String, float[]> before = values(model);
        var patient = new Patient(model, Loss::crossEntropy, Adam.rate(0.01), examples());
        Checkup checkup = Doctor.examine(patient);
        requireSame(model, before);
        assertThat(checkup.losses().getLast()).isLessThan(checkup.losses().getFirst());
        Doctor.cures(patient, checkup, 10, cure -> {});
        requireSame(model, before);
    }

    @Test
    void parametersOfOneNumberAndCountersArePutBackToo() {
        Init init = Init.seeded(1);
        Parameter seen = Parameter.state(Tensor.of(new long[] {(1L << 60) + 1}, 1)); // no float holds it
        record Counting(Layer inner, Parameter seen) implements Layer {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                pass.record(new Evaluator.Update(seen, seen.value().add(1)));
                return inner.apply(x, pass);
            }
        }
        Layer branch = Sequential.of(new Linear(6, 6, init), Activation.RELU);
        Layer model = new Counting(Sequential.of(new ReZero(branch, init), new Linear(6, 2, init)), seen);
        Map<String, float[]> before = values(model);
        var patient = new Patient(model, Loss::crossEntropy, Sgd.rate(0.1), examples());
        assertThat(Doctor.examine(patient, 5).isHealthy()).isTrue();
        requireSame(model, before);
        assertThat(seen.value().read().getLong(0)).isEqualTo((1L << 60) + 1);
    }

    @Test
    void itTrainsAsTheTrainerDoes() {
        Layer one = deep(2, Activation.TANH);
        var losses = new ArrayList<Double>();
        Trainer.of(deep(2, Activation.TANH), Loss::crossEntropy, Sgd.rate(0.1))
                .epochs(2)
                .seed(5)
                .listener(e -> {
                    if (e instanceof adjoint.train.TrainingEvent.StepDone s) {
                        losses.add(s.loss());
                    }
                })
                .fit(examples());
        Checkup checkup = Doctor.examine(new Patient(one, Loss::crossEntropy, Sgd.rate(0.1), examples()).seed(5), 20);
        assertThat(checkup.losses()).isEqualTo(losses);
    }

    @Test
    void oneBatchIsEnoughToSeeThatGradientsVanish() {
        Batch batch = examples().iterator().next();
        Layer model = deep(30, Activation.SIGMOID);
        Map<String, float[]> before = values(model);
        Checkup checkup = Doctor.examine(model, Loss::crossEntropy, batch);
        assertThat(checkup.findings())
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.ailment()).isEqualTo(Ailment.VANISHING);
                    assertThat(f.path()).isEqualTo("layers.0.layers.0");
                });
        assertThat(checkup.describe()).contains("vanishing (layers.0.layers.0)").contains("layers.29.layers.0");
        requireSame(model, before);
        assertThat(Doctor.examine(deep(2, Activation.RELU), Loss::crossEntropy, batch).isHealthy()).isTrue();
    }

    @Test
    void cureIsRankedByLossAndRaisesTheGradient() {
        var patient = new Patient(deep(30, Activation.SIGMOID), Loss::crossEntropy, Adam.rate(1e-3), examples());
        Checkup checkup = Doctor.examine(patient);
        List<Cure> cures = Doctor.cures(patient, checkup, 100, cure -> {});
        assertThat(cures).extracting(Cure::loss).isSorted();
        Cure plain = cures.stream().filter(c -> c.remedy().kind() == Remedy.Kind.NONE).findFirst().orElseThrow();
        assertThat(cures.getFirst().remedy().kind())
                .isIn(Remedy.Kind.ACTIVATION, Remedy.Kind.BATCH_NORM, Remedy.Kind.RESIDUAL);
        assertThat(cures.getFirst().loss()).isLessThan(0.8 * plain.loss());
        assertThat(cures.getFirst().gradient()).isGreaterThan(1e6 * plain.gradient());
        assertThat(cures).extracting(c -> c.remedy().kind()).contains(Remedy.Kind.values());
    }

    @Test
    void whatIsNotFiniteIsFoundWithLayerOperationAndExamples() {
        float[] x = Tensor.normal(RandomKey.of(1), 8 * 3).abs().add(0.5).toFloats();
        x[5 * 3 + 1] = -1;
        x[6 * 3] = -2;
        var batch = new Batch(Tensor.of(x, 8, 3), Tensor.of(new int[8], 8));
        Layer model = Sequential.of(new Lambda("log", Tensor::log), new Linear(3, 2, Init.seeded(1)));
        Finding f = Doctor.examine(model, Loss::crossEntropy, batch).findings().getFirst();
        assertThat(f.ailment()).isEqualTo(Ailment.NON_FINITE);
        assertThat(f.path()).isEqualTo("layers.0");
        assertThat(f.message()).contains("log gives NaN in layer 'layers.0', for examples 5, 6 of the batch");
    }

    // The length of a vector of zeros is 0, its derivative is not a number, and the loss shows nothing of it.
    @Test
    void aDerivativeThatIsNotFiniteIsFoundBehindAFiniteLoss() {
        Layer model =
                Sequential.of(
                        new Linear(6, 8, Init.seeded(1)),
                        Activation.RELU,
                        new Lambda("length", t -> t.mul(0).square().sqrt().add(t)),
                        new Linear(8, 2, Init.seeded(1)));
        Checkup one = Doctor.examine(model, Loss::crossEntropy, examples().iterator().next());
        var patient = new Patient(model, Loss::crossEntropy, Sgd.rate(0.1), examples());
        for (Checkup checkup : List.of(one, Doctor.examine(patient), Doctor.examine(patient, 1))) {
            assertThat(checkup.losses()).hasSize(1).allMatch(Double::isFinite);
            Finding f = checkup.findings().getFirst();
            assertThat(f.ailment()).isEqualTo(Ailment.NON_FINITE);
            assertThat(f.path()).isEqualTo("layers.2");
            assertThat(f.message()).contains("of a derivative gives");
        }
    }

    @Test
    void dataAndParametersThatAreNotFiniteAreNamed() {
        float[] x = Tensor.normal(RandomKey.of(1), 8 * 3).toFloats();
        Layer model =
                Sequential.of(new Linear(3, 4, Init.seeded(1)), Activation.RELU, new Linear(4, 2, Init.seeded(1)));
        Parameter weight = model.parameters().get("layers.2.weight");
        weight.set(weight.value().mul(Double.POSITIVE_INFINITY));
        var batch = new Batch(Tensor.of(x, 8, 3), Tensor.of(new int[8], 8));
        assertThat(Doctor.examine(model, Loss::crossEntropy, batch).findings().getFirst().message())
                .contains("parameter 'layers.2.weight' holds");
        x[2 * 3] = Float.NaN;
        var spoilt = new Batch(Tensor.of(x, 8, 3), Tensor.of(new int[8], 8));
        assertThat(Doctor.examine(deep3(), Loss::crossEntropy, spoilt).findings().getFirst().message())
                .contains("the data holds NaN, for example 2 of the batch");
    }

    private static Layer deep3() {
        return Sequential.of(new Linear(3, 4, Init.seeded(1)), Activation.RELU, new Linear(4, 2, Init.seeded(1)));
    }

    @Test
    void aTrainingIsWatchedAndEachAilmentToldOnce() {
        var told = new ArrayList<Finding>();
        Trainer.of(deep(30, Activation.SIGMOID), Loss::crossEntropy, Sgd.rate(0.1))
                .epochs(3)
                .measuringFlow(5)
                .listener(Doctor.watching(told::add))
                .fit(examples());
        assertThat(told).extracting(Finding::ailment).containsExactly(Ailment.VANISHING);
        told.clear();
        Trainer.of(deep(2, Activation.RELU), Loss::crossEntropy, Sgd.rate(0.1))
                .epochs(3)
                .measuringFlow(5)
                .listener(Doctor.watching(told::add))
                .fit(examples());
        assertThat(told).isEmpty();
    }

    @Test
    void whatCannotBeTriedIsSaid() {
        Layer model = Sequential.of(new Linear(6, 8, Init.seeded(1)), new BatchNorm(8, Init.seeded(1)));
        Batches all = examples();
        Batches single = new Batches(all.data(), 1);
        Batches lonely = new Batches(all.data().take(1), 64);
        for (Batches batches : List.of(single, lonely)) {
            Checkup checkup = Doctor.examine(new Patient(model, Loss::crossEntropy, Sgd.rate(0.1), batches));
            assertThat(checkup.names(Ailment.BATCH_TOO_SMALL_FOR_NORM)).isTrue();
            assertThat(checkup.loss()).isNaN();
            assertThat(checkup.describe()).contains("a batch of 1 example");
        }
        var patient = new Patient(model, Loss::crossEntropy, Sgd.rate(0.1), all);
        assertThatThrownBy(() -> Doctor.examine(patient, 0))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("needs 1 step of training or more, got 0");
    }

    // Fixup's branches end in zeros, and so does the network: at first no gradient reaches those of the branches.
    @Test
    void zerosThatWaitForAHeadOfZerosAreNoSymmetry() {
        Init init = Init.seeded(1);
        var fixup = new Fixup(2);
        var layers = new ArrayList<Layer>(List.of(new Linear(6, 16, init), Activation.RELU));
        for (int i = 0; i < 2; i++) {
            layers.add(
                    new Residual(
                            fixup.branch(
                                    init, z -> Linear.withoutBias(16, 16, z), z -> Linear.withoutBias(16, 16, z))));
        }
        layers.add(new Linear(16, 2, init.with(Init.zeros())));
        Batch batch = examples().iterator().next();
        assertThat(Doctor.examine(new Sequential(layers), Loss::crossEntropy, batch).findings()).isEmpty();
        Init zeros = init.with(Init.zeros());
        Layer nothing = Sequential.of(new Linear(6, 16, zeros), Activation.SIGMOID, new Linear(16, 2, zeros));
        assertThat(Doctor.examine(nothing, Loss::crossEntropy, batch).names(Ailment.SYMMETRIC)).isTrue();
    }

    @Test
    void theOptimizersSettingsAreThoseOfTheTraining() {
        var still =
                new Patient(deep(2, Activation.RELU), Loss::crossEntropy, Sgd.rate(0.1), examples())
                        .optimizer(o -> o.group("*", rule -> rule.scheduled(Schedule.constant(1e-30))));
        List<Double> losses = Doctor.examine(still.batches(new Batches(examples().data().take(16), 16)), 4).losses();
        assertThat(losses).containsOnly(losses.getFirst());
    }

    @Test
    void unitsThatRestInASmallBatchAreNotDead() {
        float[] x = new float[64 * 32]; // each unit fires for two examples of all
        IntStream.range(0, 64).forEach(i -> x[i * 32 + i % 32] = 5);
        int[] y = IntStream.range(0, 64).map(i -> i % 2).toArray();
        var told = new ArrayList<Finding>();
        Layer model =
                Sequential.of(
                        new Linear(32, 32, Init.seeded(1).with(Init.identity())),
                        Activation.RELU,
                        new Linear(32, 2, Init.seeded(2)));
        Trainer.of(model, Loss::crossEntropy, Sgd.rate(0.01))
                .epochs(1)
                .measuringFlow(1)
                .listener(Doctor.watching(told::add))
                .fit(ArrayDataset.classification(x, new int[] {32}, y, List.of("a", "b")).shuffled(1).batched(2));
        assertThat(told).isEmpty();
    }

    // The error passes no zeros, so that nothing is seen to vanish before the first step.
    @Test
    void whatVanishesBehindAHeadOfZerosIsSeenInTheEnd() {
        Init init = Init.seeded(1).with(Init.xavierNormal());
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < 20; i++) {
            layers.add(Sequential.of(new Linear(i == 0 ? 6 : 16, 16, init), Activation.SIGMOID));
        }
        layers.add(new Linear(16, 2, init.with(Init.zeros())));
        var patient = new Patient(new Sequential(layers), Loss::crossEntropy, Sgd.rate(0.1), examples());
        assertThat(Doctor.examine(patient).findings().getFirst().ailment()).isEqualTo(Ailment.VANISHING);
    }

    @Test
    void softmaxTwiceIsSeenBehindASmoothedLossToo() {
        Layer model =
                Sequential.of(
                        new Linear(6, 16, Init.seeded(1)),
                        Activation.RELU,
                        new Linear(16, 2, Init.seeded(2)),
                        new Lambda("by hand", t -> t.exp().div(t.exp().sum(-1).unsqueeze(-1))));
        Criterion smoothed = new CrossEntropy().labelSmoothing(0.1);
        Batch batch = examples().iterator().next();
        assertThat(Doctor.examine(model, smoothed, batch).names(Ailment.DOUBLE_SOFTMAX)).isTrue();
        // probabilities are what this one wants
        Criterion likelihood = (p, y) -> p.log().mul(y.oneHot(2)).sum().neg().div(32);
        assertThat(Doctor.examine(model, likelihood, batch).names(Ailment.DOUBLE_SOFTMAX)).isFalse();
        // a margin between the right one and the best other sees no shift either
        Layer three =
                Sequential.of(
                        new Linear(6, 16, Init.seeded(1)),
                        Activation.RELU,
                        new Linear(16, 3, Init.seeded(2)),
                        new Lambda("by hand", t -> t.exp().div(t.exp().sum(-1).unsqueeze(-1))));
        Criterion margin =
                (p, y) -> {
                    Tensor right = p.mul(y.oneHot(3)).sum(-1);
                    Tensor other = p.sub(y.oneHot(3).mul(9)).max(-1);
                    return other.sub(right).add(1).relu().mean();
                };
        assertThat(Doctor.examine(three, smoothed, batch).names(Ailment.DOUBLE_SOFTMAX)).isTrue();
        assertThat(Doctor.examine(three, margin, batch).names(Ailment.DOUBLE_SOFTMAX)).isFalse();
    }

    @Test
    void aLastBatchOfOnePictureHasMorePlacesThanOne() {
        Init init = Init.seeded(1);
        float[] x = Tensor.normal(RandomKey.of(1), 33 * 36).toFloats();
        int[] y = IntStream.range(0, 33).map(i -> i % 2).toArray();
        Dataset pictures = ArrayDataset.classification(x, new int[] {6, 6, 1}, y, List.of("a", "b"));
        Layer spread =
                Sequential.of(
                        new Conv2d(1, 4, 3, new Conv(), init),
                        new BatchNorm(4, init),
                        Activation.RELU,
                        new GlobalAveragePool(),
                        new Linear(4, 2, init));
        Layer flat =
                Sequential.of(new Flatten(), new Linear(36, 4, init), new BatchNorm(4, init), new Linear(4, 2, init));
        assertThat(small(spread, pictures, 32)).isFalse();
        assertThat(small(flat, pictures, 32)).isTrue();
        assertThat(small(flat, pictures.take(32), 32)).isFalse();
        assertThat(small(flat, pictures.take(32), 2)).as("two values have hardly a variance").isTrue();
        assertThat(small(flat, pictures.take(3), 16)).as("all in one batch of three").isTrue();
        assertThat(small(spread, pictures.take(32), 1)).as("other statistics than in use").isTrue();
    }

    private static boolean small(Layer model, Dataset data, int batch) {
        var patient = new Patient(model, Loss::crossEntropy, Sgd.rate(0.01), new Batches(data, batch));
        return Doctor.examine(patient, 2).names(Ailment.BATCH_TOO_SMALL_FOR_NORM);
    }

    @Test
    void layersInARowGetResidualConnectionsToo() {
        Init init = Init.seeded(1);
        var layers = new ArrayList<Layer>(List.of(new Linear(6, 16, init), new Lambda("relu", Tensor::relu)));
        for (int i = 0; i < 3; i++) {
            layers.addAll(List.of(new Linear(16, 16, init), new Lambda("relu", Tensor::relu)));
        }
        layers.add(new Linear(16, 2, init));
        var patient = new Patient(new Sequential(layers), Loss::crossEntropy, Sgd.rate(0.1), examples());
        assertThat(Doctor.cures(patient, Doctor.examine(patient, 4), 4, cure -> {}))
                .extracting(c -> c.remedy().code())
                .contains("new Residual(…) around layers.2 and 2 more");
    }

    @Test
    void outputsThatHaveLearnedToBeNoughtOrOneAreNotAccused() {
        float[] x = Tensor.normal(RandomKey.of(1), 320 * 6).toFloats();
        float[] y = new float[320];
        IntStream.range(0, 320).forEach(i -> y[i] = x[i * 6] > 0 ? 1 : 0);
        Layer model =
                Sequential.of(
                        new Linear(6, 16, Init.seeded(1)),
                        Activation.RELU,
                        new Linear(16, 1, Init.seeded(2)),
                        Activation.SIGMOID);
        var told = new ArrayList<Finding>();
        Trainer.of(model, Loss::meanSquaredError, Adam.rate(0.05))
                .epochs(60)
                .measuringFlow(5)
                .listener(Doctor.watching(told::add))
                .fit(ArrayDataset.regression(x, new int[] {6}, y, 1).shuffled(1).batched(32));
        assertThat(told).isEmpty();
    }

    // 1,500 pictures of 224 by 224 would be 1.8 GB of doubles.
    @Test
    void fewerExamplesAreComparedWhereEachIsLarge() {
        var most = new AtomicInteger();
        record Large(AtomicInteger most) implements Dataset {
            @Override
            public int size() {
                return 2_000;
            }

            @Override
            public int[] exampleShape() {
                return new int[] {50_000};
            }

            @Override
            public List<String> classes() {
                return List.of("a", "b");
            }

            @Override
            public Batch batch(int... indices) {
                most.accumulateAndGet(indices.length, Math::max);
                Tensor x = Tensor.scalar(1).expand(indices.length, 50_000);
                return new Batch(x, Tensor.of(new int[indices.length], indices.length));
            }
        }
        Batches batches = new Batches(new Large(most), 4);
        Tensor y = Tensor.of(new int[] {0, 1, 0, 1}, 4);
        var seen = new Course.Snapshot(y, y, y, 1, List.of());
        var course = new Course(new double[] {1, 1}, List.of(), seen, seen, Optional.empty());
        var patient = new Patient(deep(2, Activation.RELU), Loss::crossEntropy, Sgd.rate(0.1), batches);
        assertThat(LabelSigns.shuffled(patient, course)).isEmpty(); // one class alone
        assertThat(most).hasValue(150);
    }
}
