package adjoint.cli;

import adjoint.data.Batches;
import adjoint.io.SafeTensors;
import adjoint.plan.Engine;
import adjoint.train.Run;
import adjoint.train.RunFolder;
import adjoint.train.Trainer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `adjoint train`: a network learns from examples.
@Command(
        name = "train",
        description = "Trains a network and saves it.",
        footer = {"", "For example: adjoint train mnist --hidden 1024,1024 --dropout 0.2 --epochs 10"})
final class TrainCommand extends Task {
    private static final int TEST_BATCH = 500;

    @Mixin private DataOptions data;
    @Mixin private NetworkOptions network;
    @Mixin private TrainingOptions training;

    @Option(names = "--out", paramLabel = "DIR", description = "Where the results go (default: runs/SET-N).")
    private Optional<Path> out;

    @Option(names = "--overwrite", description = "Replace the run that lies in --out.")
    private boolean overwrite;

    private record Trained(Network model, Run run, Assessment assessment) {}

    @Override
    int work() throws IOException {
        Material.Origin origin = data.origin();
        training.check();
        network.blueprint(new int[] {1}, java.util.List.of(), 1); // refuses its options before anything is read
        Path folder = out.isPresent() ? out.get() : SavedRun.next(origin.title());
        require(
                overwrite || !Files.exists(folder.resolve(RunFolder.RECORD)),
                folder + " holds a run already: choose another --out, or add --overwrite");
        RunFolder prepared = RunFolder.prepare(folder);
        try {
            return train(origin, folder);
        } catch (Exception | Error e) {
            prepared.abandon();
            throw e;
        }
    }

    private int train(Material.Origin origin, Path folder) throws IOException {
        Material material = origin.load();
        Network.Blueprint blueprint = blueprint(material);
        Network model = blueprint.build(training.seed(), material.train());
        int epochs = training.epochs(origin.source());
        Batches train = material.train().shuffled(training.seed()).batched(training.batch(origin.source()));
        Batches test = material.test().batched(TEST_BATCH);
        Engine engine = engine();

        say("%s: %,d examples to learn from, %,d to test on", origin.title(), train.size(), test.size());
        say("network: %s, %,d parameters", layers(blueprint), model.parameterCount());
        say(
                "training: %d epochs, batches of %d, %s, seed %d, %s on %d threads",
                epochs,
                train.batchSize(),
                training.describe(),
                training.seed(),
                engine.kernels().description(),
                engine.threads());

        var curves = new Curves();
        Run run;
        try (var view = new ProgressView(out(), blueprint.metric().name())) {
            Trainer trainer =
                    Trainer.of(model, blueprint.criterion(), training.rule((long) epochs * train.count()))
                            .metric(blueprint.metric())
                            .epochs(epochs)
                            .seed(training.seed())
                            .evaluator(engine)
                            .saveTo(folder)
                            .note("adjoint", Main.version())
                            .note(
                                    "command",
                                    "adjoint " + String.join(" ", spec().commandLine().getParseResult().originalArgs()))
                            .note("data", origin)
                            .note("network", blueprint)
                            .note("optimizer", training.describe())
                            .listener(curves)
                            .listener(view);
            if (training.clip().isPresent()) {
                trainer = trainer.clipNorm(training.clip().get());
            }
            if (training.patience().isPresent()) {
                trainer = trainer.earlyStopping("test.loss", training.patience().get());
            }
            run = trainer.fit(train, test);
        }
        SafeTensors.read(folder.resolve(RunFolder.BEST)).load(model.parameters());
        var assessment = Assessment.of(model, test, blueprint, engine);
        Report.write(folder.resolve("report.html"), origin.title(), run, curves, assessment, blueprint.classes());
        tell(new Trained(model, run, assessment), folder, curves, blueprint);
        return 0;
    }

    private Network.Blueprint blueprint(Material material) {
        int outputs = material.classes().isEmpty() ? 1 : material.classes().size();
        return network.blueprint(material.train().exampleShape(), material.classes(), outputs);
    }

    private static String layers(Network.Blueprint b) {
        String hidden =
                b.hidden().isEmpty()
                        ? "no hidden layer"
                        : b.hidden().toString().replaceAll("[\\[\\]]", "") + " " + Choices.name(b.activation());
        String dropout = b.dropout() > 0 ? ", dropout " + b.dropout() : "";
        return Arrays.toString(b.input()) + " -> " + hidden + dropout + " -> " + b.outputs();
    }

    private void tell(Trained trained, Path folder, Curves curves, Network.Blueprint blueprint) throws IOException {
        Run run = trained.run();
        Path weights = folder.resolve(RunFolder.BEST);
        String metric = "test." + blueprint.metric().name();
        say("");
        say("%s", curves.plot());
        say("");
        String value =
                blueprint.classifies()
                        ? String.format(Locale.ROOT, "accuracy %.2f %%", 100 * run.best(metric))
                        : String.format(Locale.ROOT, "R² %.4f", run.best(metric));
        say(
                "test %s after epoch %d of %d, %.1f s, %,.0f samples/s",
                value, run.bestEpoch(), run.history().size(), run.seconds(), run.samplesPerSecond());
        run.stopped().ifPresent(reason -> say("stopped early: %s", reason));
        say("results: %s (%s, report.html, run.json)", folder, RunFolder.BEST);

        Map<String, Object> results = new LinkedHashMap<>(run.results());
        results.put("epochs", run.history().size());
        results.put("bestEpoch", run.bestEpoch());
        results.put("steps", run.steps());
        results.put("seconds", Machine.rounded(run.seconds()));
        results.put("samplesPerSecond", Machine.rounded(run.samplesPerSecond()));
        results.put("peakMemoryMiB", Machine.rounded(Machine.peakMemoryMiB()));
        results.put("parameters", run.parameters());
        results.put("seed", training.seed());
        results.put("weights", weights.toString());
        results.put("weightsSha256", SafeTensors.sha256(weights));
        results.put("out", folder.toString());
        report(results);
    }
}
