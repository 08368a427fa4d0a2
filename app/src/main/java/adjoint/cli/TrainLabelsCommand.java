package adjoint.cli;

import adjoint.data.Batches;
import adjoint.data.LabelledText;
import adjoint.io.SafeTensors;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.plan.Engine;
import adjoint.text.BytePairTokenizer;
import adjoint.text.TextDataset;
import adjoint.text.Tokenizer;
import adjoint.train.Metric;
import adjoint.train.Run;
import adjoint.train.RunFolder;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;

/// `adjoint train labels`: a network learns to tell the class of texts.
@Command(
        name = "labels",
        description = "Trains a network to tell the classes of texts.",
        footer = {
            "",
            "Without --test, a fifth of the texts is tested on; texts that are alike lie on one side.",
            "",
            "Defaults: width 128, dropout 0.5, rate 0.001, 2000 byte pairs;",
            "          transformer: 2 layers, dropout 0.2.",
            "",
            "For example: adjoint train labels spam.csv --text-column text --label-column kind",
            "             adjoint predict runs/spam-1 \"You have won a prize\""
        })
final class TrainLabelsCommand extends TextTask {
    static final int TEST_BATCH = 256;
    private static final String F1 = "f1.";
    private static final int VOCABULARY = 2000;
    private static final double RATE = 0.001;
    private static final int WIDTH = 128;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "A table of texts, CSV or with tabs, in UTF-8.")
    private Optional<Path> given;

    private Path file;

    @Option(
            names = "--text-column",
            paramLabel = "COLUMN",
            defaultValue = "text",
            description = "The column of the texts, its name or its number from 0 (text).")
    private String textColumn;

    @Option(
            names = "--label-column",
            paramLabel = "COLUMN",
            defaultValue = "label",
            description = "The column of the classes (label); with both as numbers, the file has no line of names.")
    private String labelColumn;

    @Option(names = "--test", paramLabel = "FILE", description = "Another table, of the same columns, to test on.")
    private Optional<Path> test;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            converter = Choices.OfClassifier.class,
            defaultValue = "cnn",
            description = "bag (the mean of the tokens' vectors), cnn (default) or transformer.")
    private TextBlueprint.Model model;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "128",
            description = "How many tokens of a text are read (128).")
    private int length;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "20",
            description = "How often to go through all texts (20).")
    private int epochs;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "32", description = "Texts in one step (32).")
    private int batch;

    @Option(
            names = "--label-smoothing",
            paramLabel = "S",
            defaultValue = "0",
            description = "The share of a label given to all (0).")
    private double smoothing;

    @Override
    int work() throws Exception {
        require(given.isPresent(), "no table was given: adjoint train labels FILE");
        file = given.get();
        options().check();
        options().checkHeads(model, WIDTH);
        options().atLeastOne("--length", length);
        options().atLeastOne("--epochs", epochs);
        options().atLeastOne("--batch", batch);
        require(
                smoothing >= 0 && smoothing < 1,
                "--label-smoothing needs a share of at least 0 and below 1, got " + Words.number(smoothing));
        return inFolder(SavedRun.title(file), this::train);
    }

    @Override
    double usualRate() {
        return RATE;
    }

    private int train(RunFolder prepared, Interrupt interrupt) throws IOException {
        Path folder = prepared.path();
        var source = TextRun.Source.table(file, test, textColumn, labelColumn);
        LabelledText.Split texts = source.split();
        List<String> classes = texts.train().classes();
        Tokenizer tokenizer =
                options().tokenizer().isPresent()
                        ? Tokenizer.read(options().tokenizer().get())
                        : BytePairTokenizer.train(texts.train().texts(), options().vocabulary().orElse(VOCABULARY));
        var blueprint =
                new TextBlueprint(
                        model,
                        tokenizer.size(),
                        length,
                        options().layers(2),
                        options().heads(),
                        options().width(WIDTH),
                        options().dropout(model == TextBlueprint.Model.TRANSFORMER ? 0.2 : 0.5),
                        classes);
        requireRoom(blueprint);
        Batches train = TextDataset.of(texts.train(), tokenizer, length).shuffled(options().seed()).batched(batch);
        TextDataset tested = TextDataset.of(texts.test(), tokenizer, length);
        Batches judged = tested.batched(TEST_BATCH);
        Layer network = blueprint.classifier(Init.seeded(options().seed()));
        Engine engine = engine();
        List<Metric> metrics = metrics(classes, scored(texts.train()));
        say(
                "%s: %,d texts to learn from, %,d to test on, %d classes, %,d different tokens",
                file.getFileName(), train.size(), judged.size(), classes.size(), tokenizer.size());
        say("network: %s, %,d parameters", blueprint.describe(), network.parameterCount());
        sayTraining(Words.count(epochs, "epoch") + ", batches of " + batch, engine);
        var curves = new Curves();
        Run run;
        try (var view = new ProgressView(out(), this::warn, metrics.getFirst().name())) {
            run =
                    trainer(
                                    blueprint,
                                    network,
                                    new CrossEntropy().labelSmoothing(smoothing),
                                    (long) epochs * train.count(),
                                    source,
                                    tokenizer,
                                    prepared,
                                    engine)
                            .metric(metrics.toArray(Metric[]::new))
                            .epochs(epochs)
                            .listener(curves)
                            .listener(view)
                            .listener(interrupt)
                            .fit(train, judged);
        } catch (CancellationException e) {
            throw interrupted(folder, curves.epochs().size(), epochs, "epoch", e);
        }
        SafeTensors.read(folder.resolve(RunFolder.BEST)).load(network.parameters());
        Report.write(
                folder.resolve(RunFolder.REPORT),
                SavedRun.title(file),
                settings(blueprint.describe(), options().describe(RATE), batch, options().seed()),
                run,
                curves,
                Assessment.of(network, judged, classes, metrics, new CrossEntropy(), engine),
                classes,
                Optional.of(ids -> words(ids, tokenizer, tested.padding())));
        saveCurve(folder, run, curves);
        finished(run, folder, curves);
        return 0;
    }

    private static String words(float[] ids, Tokenizer tokenizer, int padding) {
        return tokenizer.decode(
                IntStream.range(0, ids.length).map(i -> (int) ids[i]).filter(id -> id != padding).toArray());
    }

    // The rarer of two classes, which accuracy says little of; none of several.
    private static OptionalInt scored(LabelledText train) {
        if (train.classes().size() > 2) {
            return OptionalInt.empty();
        }
        long ones = IntStream.of(train.labels()).filter(l -> l == 1).count();
        return OptionalInt.of(2 * ones <= train.size() ? 1 : 0);
    }

    /// What a network that tells these classes is judged by.
    ///
    /// @param scored the class whose F1 is counted; if there is none, that of all
    static List<Metric> metrics(List<String> classes, OptionalInt scored) {
        if (scored.isEmpty()) {
            return List.of(Metric.accuracy(), Metric.f1());
        }
        int one = scored.getAsInt();
        String name = classes.get(one);
        return List.of(
                Metric.accuracy(),
                Metric.ofMatrix(F1 + name, m -> m.f1(one)),
                Metric.ofMatrix("precision." + name, m -> m.precision(one)),
                Metric.ofMatrix("recall." + name, m -> m.recall(one)));
    }

    /// The same as in the training that had these results.
    static List<Metric> metrics(List<String> classes, Map<String, Object> results) {
        return metrics(
                classes,
                IntStream.range(0, classes.size())
                        .filter(c -> results.containsKey("test." + F1 + classes.get(c)))
                        .findFirst());
    }

    private void finished(Run run, Path folder, Curves curves) throws IOException {
        say("");
        say("%s", curves.plot());
        say("");
        say(
                "after epoch %d of %d, chosen by the test's accuracy; in brackets after the last:",
                run.bestEpoch(), run.history().size());
        run.results()
                .forEach((name, value) -> {
                    if (name.startsWith("test.")) {
                        say("  %-18s %.4f  (%.4f)", name, value, run.last(name));
                    }
                });
        say(
                "%.1f s, %,.0f texts/s; results: %s (%s, %s, %s, %s, %s)",
                run.seconds(),
                run.samplesPerSecond(),
                folder,
                RunFolder.BEST,
                RunFolder.TOKENIZER,
                RunFolder.REPORT,
                RunFolder.CURVE,
                RunFolder.RECORD);
        say("ask it: adjoint predict %s \"some text\"", folder);
        Map<String, Object> results = results(run, folder);
        results.put("last", run.history().getLast().metrics());
        results.put("bestEpoch", run.bestEpoch());
        results.put("epochs", run.history().size());
        report(results);
    }
}
