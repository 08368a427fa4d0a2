package adjoint.cli;

import adjoint.kernel.DType;
import adjoint.nn.Criterion;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.tensor.Tensor;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A command about a network as it would be, or as it was trained.
abstract class Subject extends Task {
    private static final int DIGITS = 10;

    @Mixin private DataOptions data;
    @Mixin private NetworkOptions network;

    @Option(names = "--batch", paramLabel = "N", description = "Examples in one step (default: as train has it).")
    private Optional<Integer> batch;

    @Option(names = "--run", paramLabel = "RUN", description = "The network of a training instead.")
    private Optional<Path> run;

    private Optional<SavedRun> saved = Optional.empty();

    /// Examples in one step.
    private int batch() {
        batch.ifPresent(n -> require(n >= 1, "--batch needs 1 or more, got " + n));
        Optional<Integer> trained =
                saved.map(s -> s.facts().training()).map(SavedRun.Facts.Training::batch).filter(n -> n >= 1);
        return batch.or(() -> trained).orElseGet(() -> TrainingOptions.usualBatch(data.origin().source()));
    }

    /// A network and a batch for it, of zeros.
    record Example(Layer network, Tensor x, Tensor y, Criterion criterion) {}

    /// What is asked about.
    final Example example() throws IOException {
        Optional<TextRun> text = run.isPresent() ? TextRun.find(run) : Optional.empty();
        if (text.isPresent()) {
            requireNothingElse();
            text.get().requireRoom();
            return example(text.get().facts());
        }
        Network.Blueprint blueprint = blueprint();
        Tensor x = Tensor.full(DType.FLOAT32, 0, batched(batch(), blueprint.input()));
        Tensor y =
                blueprint.classifies()
                        ? Tensor.full(DType.INT32, 0, batch())
                        : Tensor.full(DType.FLOAT32, 0, batch(), 1);
        return new Example(blueprint.build(Init.blank()), x, y, blueprint.criterion());
    }

    private Example example(TextRun.Facts facts) {
        TextBlueprint network = facts.text();
        int texts = batch.orElse(Math.max(1, facts.training().batch()));
        require(texts >= 1, "--batch needs 1 or more, got " + texts);
        Tensor x = Tensor.full(DType.INT32, 0, texts, network.context());
        return network.model().writes()
                ? new Example(network.writer(Init.blank()), x, x, Loss::crossEntropy)
                : new Example(
                        network.classifier(Init.blank()), x, Tensor.full(DType.INT32, 0, texts), new CrossEntropy());
    }

    private void requireNothingElse() {
        for (String option : List.of("--hidden", "--activation", "--dropout", "--data", "--target")) {
            require(!given(option), "--run takes the network of a training as it is: leave out " + option);
        }
    }

    private Network.Blueprint blueprint() throws IOException {
        if (run.isPresent()) {
            requireNothingElse();
            saved = Optional.of(SavedRun.open(run));
            saved.get().requireRoom();
            return saved.get().facts().network();
        }
        batch();
        Material.Origin origin = data.origin();
        if (origin.source().pictures()) {
            List<String> classes = java.util.stream.IntStream.range(0, DIGITS).mapToObj(String::valueOf).toList();
            return network.blueprint(origin.source().shape(), classes, DIGITS);
        }
        Material m = origin.load();
        return network.blueprint(m.train().exampleShape(), m.classes(), Math.max(1, m.classes().size()));
    }

    /// The shape of a batch.
    static int[] batched(int batch, int... example) {
        int[] dims = new int[example.length + 1];
        dims[0] = batch;
        System.arraycopy(example, 0, dims, 1, example.length);
        return dims;
    }
}
