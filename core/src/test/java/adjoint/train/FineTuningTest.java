package adjoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.data.ArrayDataset;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.io.SafeTensors;
import adjoint.io.WeightsReport;
import adjoint.kernel.Buffer;
import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Dropout;
import adjoint.nn.Frozen;
import adjoint.nn.GlobalAveragePool;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.nn.Sequential;
import adjoint.optim.AdamW;
import adjoint.optim.Averaging;
import adjoint.optim.Names;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Conv;
import adjoint.tensor.Evaluator;
import adjoint.tensor.MatMul;
import adjoint.tensor.Padding;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Freezing and thawing, and what they are for.
class FineTuningTest {
    private static final RandomKey KEY = RandomKey.of(4);
    @TempDir private Path dir;

    private record Net(Layer body, Layer head) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return head.apply(body.apply(x, pass), pass);
        }
    }

    private static Map<String, float[]> values(Layer model, String prefix) {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.parameters()
                .forEach((name, p) -> {
                    if (name.startsWith(prefix)) {
                        values.put(name, p.value().toFloats());
                    }
                });
        return values;
    }

    // ---------------------------------------------------------------- what is computed

    /// Counts the matrix products of a step before it runs.
    private static final class Counting implements Evaluator {
        private int products;

        @Override
        public List<Buffer> run(List<Tensor> wanted, List<Update> updates) {
            var open = new ArrayDeque<>(wanted);
            updates.forEach(u -> open.push(u.value()));
            Set<Tensor> seen = new HashSet<>(open);
            products = 0;
            while (!open.isEmpty()) {
                Tensor t = open.pop();
                products += t.op() instanceof MatMul ? 1 : 0;
                t.inputs().stream().filter(seen::add).forEach(open::push);
            }
            return Evaluator.standard().run(wanted, updates);
        }
    }

    private static int products(String... frozen) {
        var init = Init.seeded(1);
        var model =
                Sequential.of(new Linear(3, 3, init), Activation.TANH, new Linear(3, 3, init), new Linear(3, 2, init));
        var counting = new Counting();
        var optimizer = new Optimizer(Sgd.rate(0.1), model.parameters()).on(counting);
        if (frozen.length > 0) {
            optimizer = optimizer.freeze(frozen);
        }
        optimizer.step(model.apply(Tensor.ones(4, 3), Pass.training(KEY)).square().mean());
        return counting.products;
    }

    @Test
    void nothingIsComputedForWhatIsFrozenNorBelow() {
        assertThat(products()).isEqualTo(3 + 3 + 2); // forward, weights, and what goes between the layers
        assertThat(products("layers.0.*", "layers.2.*")).isEqualTo(3 + 1);
        assertThat(products("layers.0.*")).isEqualTo(3 + 2 + 1);
        assertThat(products("layers.3.*")).isEqualTo(3 + 2 + 2); // what lies above is passed through
        assertThat(products("layers.0.weight")).isEqualTo(3 + 2 + 2); // its bias is trained
    }

    // ---------------------------------------------------------------- layers that stand still

    private static Net small(long seed) {
        var init = Init.seeded(seed);
        return new Net(
                Sequential.of(new Linear(2, 8, init), new BatchNorm(8, init), new Dropout(0.5), Activation.TANH),
                new Linear(8, 2, init));
    }

    private static Dataset points() {
        float[] x = new float[64];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(i * i);
        }
        int[] labels = IntStream.range(0, 32).map(i -> x[2 * i] > x[2 * i + 1] ? 1 : 0).toArray();
        return ArrayDataset.classification(x, new int[] {2}, labels, List.of("no", "yes"));
    }

    private static Trainer trainer(Layer model) {
        return Trainer.of(model, Loss::crossEntropy, AdamW.rate(0.05)).metric(Metric.accuracy());
    }

    @Test
    void frozenLayersRunAsInInference() {
        Net model = small(1);
        Tensor x = points().batch(1, 2, 3, 4).x();
        float[] still = model.body.apply(x, Pass.inference()).toFloats();
        var optimizer = new Optimizer(Sgd.rate(0.1), model.parameters()).freeze("body.*");
        var frozen = Frozen.layers(model, optimizer.frozen().values());
        Pass pass = Pass.training(KEY).inferring(frozen);
        float[][] seen = new float[1][];
        model.apply(
                x,
                pass.observing((path, layer, y) -> {
                    if (path.equals("body")) {
                        seen[0] = y.toFloats();
                    }
                }));
        assertThat(seen[0]).containsExactly(still);
        assertThat(pass.updates()).isEmpty();
        assertThat(pass.isTraining()).isTrue();
        assertThat(frozen.test(model)).isFalse();
        assertThat(frozen.test(model.head)).isFalse();
        Pass training = Pass.training(KEY);
        assertThat(model.body.apply(x, training).toFloats()).isNotEqualTo(still);
        assertThat(training.updates()).hasSize(2);
        // One parameter of it is trained: it trains as a whole, but for the layers that are frozen.
        var partly = new Optimizer(Sgd.rate(0.1), model.parameters()).freeze(Names.except("head.*", "body.layers.0.*"));
        Pass inside = Pass.training(KEY).inferring(Frozen.layers(model, partly.frozen().values()));
        model.apply(x, inside);
        assertThat(inside.updates()).as("the batch norm stands still").isEmpty();
    }

    @Test
    void aTrainerKeepsFrozenWeightsAndStatisticsThenThawsThem() throws IOException {
        Net model = small(2);
        Batches data = points().shuffled(1).batched(8);
        Map<String, float[]> body = values(model, "body.");
        Map<String, float[]> head = values(model, "head.");
        Path out = dir.resolve("run");
        Trainer all = trainer(model).optimizer(o -> o.group("body.*", r -> r.weightDecay(0))).epochs(2);
        all.freeze("body.*").averaging(w -> Averaging.exponential(0.7, w)).saveTo(out).fit(data);
        assertThat(values(model, "body.")).usingRecursiveComparison().isEqualTo(body);
        assertThat(values(model, "head.").get("head.weight")).isNotEqualTo(head.get("head.weight"));
        assertThat(Files.readString(out.resolve(RunFolder.RECORD))).contains("body.layers.0.weight");
        trainer(model).optimizer(o -> o.freeze("body.*")).fit(data); // the weights alone
        Map<String, float[]> after = values(model, "body.");
        assertThat(after.get("body.layers.0.weight")).isEqualTo(body.get("body.layers.0.weight"));
        assertThat(after.get("body.layers.1.mean")).isNotEqualTo(body.get("body.layers.1.mean"));
        all.fit(data);
        values(model, "body.").forEach((name, v) -> assertThat(v).as(name).isNotEqualTo(body.get(name)));
    }

    @Test
    void senselessFreezingIsRefusedAtOnce() {
        Trainer t = trainer(small(3));
        assertThatThrownBy(() -> t.freeze("tail.*"))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("freezing 'tail.*' matches none of the trainable parameters");
        assertThatThrownBy(() -> t.freeze("*")).hasMessageContaining("leave nothing to train");
        assertThatThrownBy(() -> t.freeze("body.*").freeze("head.*")).hasMessageContaining("leave nothing to train");
        assertThatThrownBy(() -> t.freeze("body.layers.1.mean")).hasMessageContaining("matches none");
    }

    // ---------------------------------------------------------------- from half of the digits to all

    private static Net digits(int classes, long seed) {
        var init = Init.seeded(seed);
        Conv same = new Conv().padding(Padding.SAME);
        return new Net(
                Sequential.of(
                        Conv2d.withoutBias(1, 8, 3, same.stride(2), init),
                        new BatchNorm(8, init),
                        Activation.RELU,
                        Conv2d.withoutBias(8, 16, 3, same, init),
                        new BatchNorm(16, init),
                        Activation.RELU,
                        new MaxPool(2),
                        Conv2d.withoutBias(16, 32, 3, same, init),
                        new BatchNorm(32, init),
                        Activation.RELU,
                        new GlobalAveragePool()),
                new Linear(32, classes, init));
    }

    private static Dataset below(int classes, Dataset data) {
        return data.select(IntStream.range(0, data.size()).filter(i -> data.label(i) < classes).toArray());
    }

    @Test
    void aBodyTrainedOnHalfOfTheDigitsHelpsWithAll() throws IOException {
        Path file = dir.resolve("half.safetensors");
        Net half = digits(5, 1);
        trainer(half).epochs(2).fit(below(5, Digits.train(1).take(4000)).shuffled(1).batched(50));
        SafeTensors.writeParameters(file, half.parameters(), Map.of());

        Net model = digits(10, 2);
        WeightsReport report = SafeTensors.read(file).loadFitting(model.parameters());
        assertThat(report.loaded()).hasSize(15).allMatch(Names.like("body.*"));
        assertThat(report.mismatching()).hasSize(2).allMatch(line -> line.startsWith("head."));
        Batches few = Digits.train(2).take(600).shuffled(2).batched(50);
        Batches test = Digits.test(2).take(1000).batched(500);
        Trainer all = Trainer.of(model, Loss::crossEntropy, AdamW.rate(3e-3)).metric(Metric.accuracy());
        double before = all.evaluate(test).get("test.accuracy");
        Map<String, float[]> body = values(model, "body.");
        double head =
                Trainer.of(model, Loss::crossEntropy, AdamW.rate(0.03))
                        .metric(Metric.accuracy())
                        .freeze(Names.except("head.*"))
                        .epochs(5)
                        .fit(few, test)
                        .last("test.accuracy");
        assertThat(values(model, "body.")).usingRecursiveComparison().isEqualTo(body);
        double whole = all.epochs(5).fit(few, test).last("test.accuracy");
        assertThat(before).isLessThan(0.3);
        assertThat(head).isGreaterThan(0.5);
        assertThat(whole).isGreaterThan(head + 0.03);
    }
}
