package adjoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.data.ArrayDataset;
import adjoint.data.Batches;
import adjoint.data.CsvTable;
import adjoint.data.Dataset;
import adjoint.data.Missing;
import adjoint.data.Standardizer;
import adjoint.data.TestData;
import adjoint.io.SafeTensors;
import adjoint.nn.Activation;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Dropout;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Reduction;
import adjoint.nn.Sequential;
import adjoint.optim.AdamW;
import adjoint.optim.Averaging;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;

class TrainerTest {
    @TempDir private Path dir;

    private static Layer mlp(int in, int hidden, int out, long seed) {
        var init = Init.seeded(seed);
        return Sequential.of(
                new Linear(in, hidden, init),
                Activation.TANH,
                new Linear(hidden, hidden, init),
                Activation.TANH,
                new Linear(hidden, out, init));
    }

    private static Trainer trainer(Layer model, double rate) {
        return Trainer.of(model, Loss::crossEntropy, AdamW.rate(rate)).metric(Metric.accuracy());
    }

    private static Dataset xor() {
        float[] x = {0, 0, 0, 1, 1, 0, 1, 1};
        return ArrayDataset.classification(x, new int[] {2}, new int[] {0, 1, 1, 0}, List.of("no", "yes"));
    }

    // Two arms, each turning one and a half times around the middle.
    private static Dataset spirals(long seed) {
        var random = new Random(seed);
        int n = 200;
        float[] x = new float[4 * n];
        int[] labels = new int[2 * n];
        for (int i = 0; i < 2 * n; i++) {
            double r = 0.1 + 0.9 * random.nextDouble();
            double angle = 3 * Math.PI * r + Math.PI * (i % 2);
            x[2 * i] = (float) (r * Math.cos(angle) + 0.01 * random.nextGaussian());
            x[2 * i + 1] = (float) (r * Math.sin(angle) + 0.01 * random.nextGaussian());
            labels[i] = i % 2;
        }
        return ArrayDataset.classification(x, new int[] {2}, labels, List.of("one", "other"));
    }

    @Test
    void xorIsLearned() {
        Batches all = xor().batched(4);
        assertThat(trainer(mlp(2, 8, 2, 1), 0.05).epochs(100).fit(all, all).last("test.accuracy")).isEqualTo(1);
    }

    @Test
    void twoSpiralsAreLearned() {
        Run run =
                trainer(mlp(2, 32, 2, 3), 0.01)
                        .epochs(150)
                        .fit(spirals(1).shuffled(1).batched(32), spirals(2).batched(400));
        assertThat(run.best("test.accuracy")).isGreaterThan(0.97);
    }

    private static double table(String name, long seed) throws IOException {
        Path file = TestData.folder("tabular").resolve(name);
        assumeTrue(Files.exists(file), "no " + file + ": set ADJOINT_DATA to run this");
        CsvTable table = CsvTable.format().missing(Missing.DROP_ROW).read(file);
        Dataset.Split split = table.dataset().split(0.7, seed);
        Standardizer scale = Standardizer.perFeature(split.first());
        return trainer(mlp(table.features().size(), 16, table.classes().size(), seed), 5e-3)
                .epochs(40)
                .fit(
                        split.first().map(scale::apply).shuffled(seed).batched(16),
                        split.second().map(scale::apply).batched(500))
                .best("test.accuracy");
    }

    @Test
    void irisIsLearned() throws IOException {
        assertThat(table("iris.csv", 1)).isGreaterThan(0.93);
    }

    @Test
    void wineIsLearned() throws IOException {
        assertThat(table("wine.csv", 1)).isGreaterThan(0.95);
    }

    @Test
    void breastCancerIsLearned() throws IOException {
        assertThat(table("breast-cancer-wisconsin.csv", 1)).isGreaterThan(0.95);
    }

    private String hash(long seed, int threads) throws IOException {
        var init = Init.seeded(seed);
        Layer model =
                Sequential.of(new Linear(2, 64, init), Activation.RELU, new Dropout(0.2), new Linear(64, 2, init));
        Path out = Files.createTempDirectory(dir, "run");
        trainer(model, 0.01)
                .epochs(3)
                .seed(seed)
                .evaluator(new Engine(threads))
                .saveTo(out)
                .fit(spirals(1).shuffled(seed).batched(32), spirals(2).batched(64));
        return SafeTensors.sha256(out.resolve(RunFolder.LAST));
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() throws IOException {
        String one = hash(1, 1);
        assertThat(hash(1, 1)).isEqualTo(one);
        assertThat(hash(1, 2)).isEqualTo(one);
        assertThat(hash(1, 3)).isEqualTo(one);
        assertThat(hash(2, 1)).isNotEqualTo(one);
    }

    @Test
    void eightTrainingsAtOnceGiveTheBitsOfOne() throws Exception {
        String one = hash(1, 2);
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (var each : threads.invokeAll(Collections.<Callable<String>>nCopies(8, () -> hash(1, 2)))) {
                assertThat(each.get()).isEqualTo(one);
            }
        }
    }

    @Test
    void tellsWhatHappensAndSavesIt() throws IOException {
        List<TrainingEvent> events = new ArrayList<>();
        Path out = dir.resolve("a/b");
        Run run =
                trainer(mlp(2, 8, 2, 1), 0.01)
                        .epochs(2)
                        .listener(events::add)
                        .saveTo(out)
                        .note("what", "xor")
                        .fit(xor().batched(2), xor().batched(4));
        assertThat(events.getFirst()).isEqualTo(new TrainingEvent.Started(2, 2, 4));
        assertThat(events.stream().filter(TrainingEvent.StepDone.class::isInstance)).hasSize(4);
        assertThat(events.getLast()).isInstanceOf(TrainingEvent.Finished.class);
        assertThat(run.steps()).isEqualTo(4);
        assertThat(out.resolve(RunFolder.BEST)).exists();
        assertThat(out.resolve(RunFolder.LAST)).exists();
        assertThat(Files.readString(out.resolve(RunFolder.RECORD)))
                .contains("\"state\" : \"finished\"", "\"what\" : \"xor\"", "test.accuracy");
        assertThat(run.summary()).contains("test.accuracy", "best");
        assertThatThrownBy(() -> run.best("test.f1"))
                .hasMessageContaining("there is no metric 'test.f1', only train.loss");
    }

    @Test
    void stopsEarly() {
        Batches all = xor().batched(4);
        Run run =
                Trainer.of(mlp(2, 4, 2, 1), Loss::crossEntropy, Sgd.rate(1e-30))
                        .epochs(50)
                        .earlyStopping("test.loss", 3)
                        .fit(all, all);
        assertThat(run.history()).hasSize(4);
        assertThat(run.stopped()).contains("test.loss did not improve for 3 epochs");
        assertThat(run.bestEpoch()).isEqualTo(1);
    }

    @Test
    void aLossThatIsNoNumberEndsItAndLeavesNothing() {
        Batches all = xor().batched(1);
        Path out = dir.resolve("diverged");
        Trainer wild = Trainer.of(mlp(2, 4, 2, 1), Loss::crossEntropy, Sgd.rate(1e38)).saveTo(out);
        assertThatThrownBy(() -> wild.fit(all))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("the loss became");
        assertThat(out).doesNotExist();
    }

    @Test
    void aFileInPlaceOfTheFolderIsRefusedAtOnce() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        assertThatThrownBy(() -> trainer(mlp(2, 4, 2, 1), 0.1).saveTo(file).fit(xor().batched(4)))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("is a file, not a folder");
    }

    // ---------------------------------------------------------------- which epoch is best

    private static Metric given(Double... values) {
        var next = new ArrayList<>(List.of(values)).iterator();
        return Metric.of(
                "score",
                true,
                () ->
                        new Metric.Tally() {
                            private double value = Double.NaN;

                            @Override
                            public void add(Tensor output, Tensor target) {
                                value = Double.isNaN(value) && next.hasNext() ? next.next() : value;
                            }

                            @Override
                            public double value() {
                                return value;
                            }
                        });
    }

    private static Run withScores(double rate, Double... scores) {
        return Trainer.of(mlp(2, 8, 2, 1), Loss::crossEntropy, AdamW.rate(rate))
                .metric(given(scores))
                .epochs(scores.length)
                .fit(xor().batched(4));
    }

    @Test
    void whatIsNoNumberIsNeverBest() {
        assertThat(withScores(0.01, Double.NaN, 0.1, 0.3, Double.NaN, 0.2).bestEpoch()).isEqualTo(3);
    }

    @Test
    void ofEquallyGoodEpochsTheOneWithTheLowerLossIsBest() {
        assertThat(withScores(0.01, 0.5, 0.9, 0.9, 0.9).bestEpoch()).isEqualTo(4);
    }

    @Test
    void aTestLossThatIsNoNumberIsNotPassedOver() {
        Batches odd =
                ArrayDataset.classification(
                                new float[] {Float.NaN, 0}, new int[] {2}, new int[] {0}, List.of("no", "yes"))
                        .batched(1);
        assertThatThrownBy(() -> trainer(mlp(2, 4, 2, 1), 0.01).fit(xor().batched(4), odd))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("the loss became NaN in batch 1 of the test in epoch 1");
    }

    // ---------------------------------------------------------------- mistakes that are said

    private static List<String> warnings(Trainer trainer, Batches train) {
        List<String> told = new ArrayList<>();
        trainer.listener(
                        event -> {
                            if (event instanceof TrainingEvent.Warned w) {
                                told.add(w.message());
                            }
                        })
                .fit(train);
        return told;
    }

    @Test
    void sortedAndUnshuffledExamplesAreNoticed() {
        Dataset sorted = xor().select(0, 3, 1, 2);
        Trainer t = trainer(mlp(2, 4, 2, 1), 0.01);
        assertThat(warnings(t, sorted.batched(2))).singleElement().asString().contains("sorted by label");
        assertThat(warnings(t, sorted.shuffled(1).batched(2))).isEmpty();
        assertThat(warnings(t, xor().batched(2))).isEmpty();
        assertThat(warnings(t, sorted.batched(4))).isEmpty();
    }

    @Test
    void anEpochWithoutALearningRateIsNoticed() {
        Trainer t = Trainer.of(mlp(2, 4, 2, 1), Loss::crossEntropy, Sgd.rate(Schedule.cosine(0.1, 2))).epochs(3);
        assertThat(warnings(t, xor().batched(2)))
                .hasSize(2)
                .allSatisfy(w -> assertThat(w).contains("the learning rate was 0 in all of epoch"));
    }

    @Test
    void aMisspeltMetricIsRefusedBeforeTheFirstStep() {
        List<TrainingEvent> events = new ArrayList<>();
        Trainer t = trainer(mlp(2, 4, 2, 1), 0.1).earlyStopping("test.accurracy", 2).listener(events::add);
        assertThatThrownBy(() -> t.fit(xor().batched(4), xor().batched(4)))
                .hasMessage(
                        "there is no metric 'test.accurracy', only train.loss, train.accuracy, test.loss,"
                                + " test.accuracy");
        assertThat(events).isEmpty();
    }

    @Test
    void aSumIsRefused() {
        assertThatThrownBy(
                        () -> Trainer.of(mlp(2, 4, 2, 1), new CrossEntropy().reduction(Reduction.SUM), Sgd.rate(0.1)))
                .hasMessageContaining("needs a loss that is the mean over a batch, got the reduction SUM");
    }

    @Test
    void aLabelOutsideTheClassesIsNamed() {
        Trainer t = Trainer.of(mlp(2, 4, 1, 1), Loss::crossEntropy, Sgd.rate(0.1));
        assertThatThrownBy(() -> t.fit(xor().batched(4)))
                .hasMessageContaining("label 1 at position 1 of the batch is outside 0 to 0");
    }

    // ---------------------------------------------------------------- losses and metrics over uneven batches

    @Test
    void theLossOfAnEpochDoesNotDependOnTheBatches() {
        var weighted = new CrossEntropy().weights(1, 10).ignoreLabel(-100);
        Dataset some =
                new Dataset.Mapped(
                        spirals(1),
                        b -> {
                            int[] y = b.y().toInts();
                            for (int i = 0; i < y.length; i += 7) {
                                y[i] = -100;
                            }
                            return new adjoint.data.Batch(b.x(), Tensor.of(y, y.length));
                        });
        Batches whole = some.batched(400);
        Trainer t = Trainer.of(mlp(2, 8, 2, 1), weighted, Sgd.rate(0.1)).metric(Metric.accuracy());
        var all = t.evaluate(whole);
        assertThat(t.evaluate(some.batched(7 * 11)).get("test.loss"))
                .isCloseTo(all.get("test.loss"), org.assertj.core.api.Assertions.within(1e-6));
        assertThat(t.evaluate(some.batched(7 * 11)).get("test.accuracy")).isEqualTo(all.get("test.accuracy"));
    }

    // ---------------------------------------------------------------- the optimizer of a trainer

    @Test
    void theOptimizerCanBeSet() {
        Layer one = mlp(2, 8, 2, 1);
        Layer other = mlp(2, 8, 2, 1);
        Trainer.of(one, Loss::crossEntropy, Sgd.rate(0.1)).epochs(2).fit(xor().batched(4));
        Run run =
                Trainer.of(other, Loss::crossEntropy, Sgd.rate(0.1))
                        .optimizer(o -> o.accumulate(4))
                        .optimizer(o -> o.group(n -> n.endsWith("bias"), rule -> rule.weightDecay(0)))
                        .epochs(2)
                        .fit(xor().batched(2)); // two batches of each epoch are less than four
        assertThat(run.steps()).isEqualTo(4);
        one.parameters()
                .forEach((name, p) ->
                        assertThat(other.parameters().get(name).value().toFloats())
                                .as(name)
                                .usingComparatorWithPrecision(1e-6f)
                                .containsExactly(p.value().toFloats()));
    }

    @Test
    void averagesAreWhatIsTestedAndSaved() throws IOException {
        Layer model = mlp(2, 8, 2, 1);
        Path out = dir.resolve("averaged");
        Batches all = xor().batched(2);
        Trainer t =
                trainer(model, 0.05).averaging(weights -> Averaging.exponential(0.9, weights)).epochs(5).saveTo(out);
        Run run = t.fit(all, all);
        assertThat(t.evaluate(all).get("test.loss")).isEqualTo(run.last("test.loss"));
        Layer raw = mlp(2, 8, 2, 1);
        Run without = trainer(raw, 0.05).epochs(5).fit(all, all);
        assertThat(without.last("train.loss")).isEqualTo(run.last("train.loss")); // the training itself is the same
        assertThat(without.last("test.loss")).isNotEqualTo(run.last("test.loss"));
        SafeTensors.read(out.resolve(RunFolder.LAST)).load(raw.parameters());
        assertThat(trainer(raw, 0.05).evaluate(all).get("test.loss")).isEqualTo(run.last("test.loss"));
    }

    @Test
    void endsAfterTheStepsAskedForWithinAnEpoch() {
        List<Long> steps = new ArrayList<>();
        Trainer t =
                trainer(mlp(2, 4, 2, 1), 0.1)
                        .epochs(9)
                        .steps(5)
                        .listener(e -> {
                            if (e instanceof TrainingEvent.StepDone s) {
                                steps.add(s.step());
                            }
                        });
        Run run = t.fit(xor().batched(2));
        assertThat(steps).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(run.steps()).isEqualTo(5);
        assertThat(run.history().stream().map(Epoch::steps)).containsExactly(2L, 4L, 5L);
        assertThat(run.examples()).isEqualTo(10);
        assertThat(t.steps(4).fit(xor().batched(2)).history()).hasSize(2);
        assertThatThrownBy(() -> t.steps(0)).hasMessageContaining("1 step or more, got 0");
    }

    // ---------------------------------------------------------------- folders

    @Test
    void anInterruptedTrainingKeepsWhatItHas() throws IOException {
        Path out = dir.resolve("interrupted");
        Trainer t = trainer(mlp(2, 4, 2, 1), 0.1).epochs(9).saveTo(out);
        assertThatThrownBy(() ->
                        t.listener(
                                        event -> {
                                            if (event instanceof TrainingEvent.StepDone s && s.epoch() == 3) {
                                                throw new CancellationException("enough");
                                            }
                                        })
                                .fit(xor().batched(4)))
                .isInstanceOf(CancellationException.class);
        assertThat(Files.readString(out.resolve(RunFolder.RECORD))).contains("\"state\" : \"interrupted\"");
        assertThat(out.resolve(RunFolder.BEST)).exists();
    }

    @Test
    void aRunIsNotReplacedUnlessAsked() throws IOException {
        Path out = dir.resolve("kept");
        Trainer t = trainer(mlp(2, 4, 2, 1), 0.1);
        t.saveTo(out).fit(xor().batched(4));
        Files.writeString(out.resolve(RunFolder.REPORT), "of the first run");
        assertThatThrownBy(() -> t.saveTo(out).fit(xor().batched(4))).hasMessageContaining("it holds a run already");
        Trainer wild = Trainer.of(mlp(2, 4, 2, 1), Loss::crossEntropy, Sgd.rate(1e38)).saveOver(out);
        assertThatThrownBy(() -> wild.fit(xor().batched(1))).hasMessageContaining("the loss became");
        assertThat(out.resolve(RunFolder.REPORT)).exists(); // it failed too early to replace anything
        t.epochs(2).saveOver(out).fit(xor().batched(4));
        assertThat(out.resolve(RunFolder.REPORT)).doesNotExist();
        assertThat(Files.list(out).map(p -> p.getFileName().toString()))
                .containsExactlyInAnyOrder(RunFolder.BEST, RunFolder.LAST, RunFolder.RECORD);
    }

    @Test
    void twoTrainingsDoNotShareAFolder() {
        RunFolder one = RunFolder.prepareNext(dir.resolve("runs"), "digits", 1);
        RunFolder other = RunFolder.prepareNext(dir.resolve("runs"), "digits", 1);
        assertThat(one.path()).isEqualTo(dir.resolve("runs/digits-1"));
        assertThat(other.path()).isEqualTo(dir.resolve("runs/digits-2"));
        assertThatThrownBy(() -> RunFolder.prepare(one.path())).hasMessageContaining("another training is writing");
        other.abandon();
        one.abandon();
        assertThat(dir.resolve("runs")).doesNotExist();
        RunFolder.prepare(dir.resolve("runs/digits-1")).abandon();
    }
}
