package adjoint.cli;

import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.doctor.Doctor;
import adjoint.io.SafeTensors;
import adjoint.nn.Init;
import adjoint.optim.Averaging;
import adjoint.plan.Engine;
import adjoint.train.Run;
import adjoint.train.RunFolder;
import adjoint.train.Trainer;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// `adjoint train`: a network learns from examples.
@Command(
        name = "train",
        description = "Trains a network and saves it.",
        subcommands = {TrainTextCommand.class, TrainLabelsCommand.class, TrainGameCommand.class},
        synopsisSubcommandLabel = "| text FILE | labels FILE | game NAME",
        footer = {
            "",
            "The weights of the epoch with the best test result are saved as best.safetensors, and test results are",
            "theirs; those after the last epoch are given beside them.",
            "",
            "For example: adjoint train mnist --hidden 1024,1024 --dropout 0.2 --epochs 10"
        })
final class TrainCommand extends TrainTask {
    private static final int TEST_BATCH = 500;
    private static final int FLOW = 100; // one measurement in so many steps costs less than 3 %

    @Mixin private DataOptions data;
    @Mixin private NetworkOptions network;
    @Mixin private TrainingOptions training;

    private Map<String, ?> examination = Map.of();

    private record Trained(Network model, Run run, Assessment assessment) {}

    /// Takes what a doctor has found, to report it with the results.
    void examined(Map<String, ?> results) {
        examination = results;
    }

    @Override
    int work() throws Exception {
        Material.Origin origin = data.origin();
        training.check();
        network.check(); // before anything is read
        require(training.augment().isEmpty() || origin.source().pictures(), "--augment is for pictures");
        return inFolder(origin.title(), (folder, interrupt) -> train(origin, folder, interrupt));
    }

    private int train(Material.Origin origin, RunFolder prepared, Interrupt interrupt) throws IOException {
        if (origin.source() == Source.DIGITS) {
            say("drawing digits …");
        }
        Path folder = prepared.path();
        Material material = origin.load();
        Network.Blueprint blueprint = blueprint(material);
        material.requireFit(blueprint, Material.Content.NONE, origin.title()); // what is tested on is of the same kind
        Network model = blueprint.build(Init.seeded(training.seed()), material.train());
        int epochs = training.epochs(origin.source());
        Dataset examples = training.augment().map(material.train()::augmented).orElse(material.train());
        Batches train = examples.shuffled(training.seed()).batched(training.batch(origin.source()));
        Batches test = material.test().batched(TEST_BATCH);
        Engine engine = engine();

        say("%s: %,d examples to learn from, %,d to test on", origin.title(), train.size(), test.size());
        say("network: %s, %,d parameters", layers(blueprint), model.parameterCount());
        say(
                "training: %s, batches of %d, %s, seed %d, %s on %s",
                Words.count(epochs, "epoch"),
                train.batchSize(),
                training.describe(),
                training.seed(),
                engine.kernels().description(),
                Words.count(engine.threads(), "thread"));

        var curves = new Curves();
        Run run;
        try (var view = new ProgressView(out(), this::warn, blueprint.metric().name())) {
            Trainer trainer =
                    Trainer.of(
                                    model.plain(),
                                    training.criterion(blueprint),
                                    training.rule((long) epochs * train.count()))
                            .metric(blueprint.metric())
                            .epochs(epochs)
                            .seed(training.seed())
                            .evaluator(engine)
                            .saveTo(prepared)
                            .note("adjoint", Main.version())
                            .note("command", command())
                            .note("data", origin.absolute())
                            .note("content", material.content())
                            .note("network", blueprint)
                            .note("optimizer", training.describe())
                            .listener(curves)
                            .listener(view)
                            .listener(interrupt)
                            .listener(new HeapGuard());
            if (training.average().isPresent()) {
                double decay = training.average().get();
                trainer = trainer.averaging(weights -> Averaging.exponential(decay, weights));
            }
            if (training.doctor()) {
                trainer = trainer.measuringFlow(FLOW).listener(Doctor.watching(f -> warn(f.toString())));
            }
            trainer = trainer.optimizer(training.setting(blueprint));
            if (training.clip().isPresent()) {
                trainer = trainer.clipNorm(training.clip().get());
            }
            if (training.patience().isPresent()) {
                trainer = trainer.earlyStopping("test.loss", training.patience().get());
            }
            run = trainer.fit(train, test);
        } catch (CancellationException e) {
            throw interrupted(folder, curves.epochs().size(), epochs, "epoch", e);
        }
        SafeTensors.read(folder.resolve(RunFolder.BEST)).load(model.parameters());
        var assessment = Assessment.of(model, test, blueprint.classes(), blueprint.criterion(), engine);
        Report.write(
                folder.resolve(RunFolder.REPORT),
                origin.title(),
                settings(layers(blueprint), training.describe(), train.batchSize(), training.seed()),
                run,
                curves,
                assessment,
                blueprint.classes(),
                Optional.empty());
        saveCurve(folder, run, curves);
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
                        ? b.model().equals(Architecture.MLP) ? "no hidden layer" : ""
                        : sizes(b.hidden()) + " " + Choices.name(b.activation());
        List<String> parts = new ArrayList<>();
        parts.add(b.model().equals(Architecture.MLP) ? hidden : b.model() + (hidden.isEmpty() ? "" : " " + hidden));
        if (b.width() != 1) {
            parts.add("width " + Words.number(b.width()));
        }
        if (b.norm()) {
            parts.add("batch norm");
        }
        if (b.residual()) {
            parts.add("residual");
        }
        b.init().ifPresent(i -> parts.add(Choices.name(i) + " initialisation"));
        if (b.dropout() > 0) {
            parts.add("dropout " + b.dropout());
        }
        if (b.views() != Views.PLAIN) {
            parts.add(Choices.name(b.views()) + " views");
        }
        return Arrays.toString(b.input()) + " -> " + String.join(", ", parts) + " -> " + b.outputs();
    }

    // 100x30 for 30 layers of 100.
    private static String sizes(List<Integer> hidden) {
        boolean alike = hidden.size() > 3 && hidden.stream().distinct().count() == 1;
        return alike ? hidden.getFirst() + "x" + hidden.size() : hidden.toString().replaceAll("[\\[\\]]", "");
    }

    private void tell(Trained trained, Path folder, Curves curves, Network.Blueprint blueprint) throws IOException {
        Run run = trained.run();
        Path weights = folder.resolve(RunFolder.BEST);
        String metric = "test." + blueprint.metric().name();
        say("");
        say("%s", curves.plot());
        say("");
        int last = run.history().size();
        say(
                "test %s after epoch %d of %d, %.1f s, %,.0f samples/s",
                value(blueprint, run.best(metric)), run.bestEpoch(), last, run.seconds(), run.samplesPerSecond());
        if (run.bestEpoch() < last) {
            say(
                    "that epoch was chosen as the best by the test examples themselves, which flatters a little; after the"
                            + " last epoch: %s",
                    value(blueprint, run.last(metric)));
        }
        if (blueprint.views() != Views.PLAIN) {
            say(
                    "test %s with %s views, as it answers",
                    value(blueprint, trained.assessment().results().get(metric)), Choices.name(blueprint.views()));
        }
        run.stopped().ifPresent(reason -> say("stopped early: %s", reason));
        say(
                "results: %s (%s, %s, %s, %s)",
                folder, RunFolder.BEST, RunFolder.REPORT, RunFolder.CURVE, RunFolder.RECORD);

        Map<String, Object> results = new LinkedHashMap<>(run.results());
        results.put("last", run.history().getLast().metrics());
        if (blueprint.views() != Views.PLAIN) {
            results.put("views", trained.assessment().results());
        }
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
        if (!examination.isEmpty()) {
            results.put("doctor", examination);
        }
        report(results);
    }

    private static String value(Network.Blueprint blueprint, double metric) {
        return blueprint.classifies()
                ? String.format(Locale.ROOT, "accuracy %.2f %%", 100 * metric)
                : String.format(Locale.ROOT, "R² %.4f", metric);
    }
}
