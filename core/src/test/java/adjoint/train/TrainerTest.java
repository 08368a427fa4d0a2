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
import adjoint.nn.Dropout;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Sequential;
import adjoint.optim.AdamW;
import adjoint.optim.Sgd;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

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
}
