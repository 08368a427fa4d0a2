package adjoint.cli;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.DataException;
import adjoint.data.LabelledText;
import adjoint.io.SafeTensors;
import adjoint.nn.CrossEntropy;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.plan.Engine;
import adjoint.tensor.Tensor;
import adjoint.text.LanguageModel;
import adjoint.text.TextDataset;
import adjoint.text.Tokens;
import adjoint.train.Metric;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `adjoint evaluate`: how good a trained network is.
@Command(name = "evaluate", description = "Tests a trained network again.")
final class EvaluateCommand extends Task {
    private static final int BATCH = 500;
    private static final int WINDOWS = 64; // of a text, in one batch

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The folder of the training (default: the newest).")
    private Optional<Path> run;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description =
                    "The folder with the set's files, if it has moved. Of a training on text: the text or table to test on.")
    private Optional<String> data;

    @Option(names = "--last", description = "The weights of the last epoch instead of the best one.")
    private boolean last;

    @Override
    int work() throws IOException {
        Optional<TextRun> text = TextRun.find(run);
        if (text.isPresent()) {
            return text.get().facts().text().model().writes() ? foretold(text.get()) : classified(text.get());
        }
        SavedRun saved = SavedRun.open(run);
        Material.Origin o = saved.facts().data();
        require(o.source() != Source.DIGITS || data.isEmpty(), "digits are drawn, they have no --data: leave it out");
        Material.Origin origin = data.map(o::movedTo).orElse(o);
        Network model = saved.network(last);
        Network.Blueprint blueprint = saved.facts().network();
        Material material = origin.load();
        material.requireFit(blueprint, saved.facts().content(), saved.folder().toString());
        String before = saved.facts().content().sha256();
        if (before != null && !before.isEmpty() && !before.equals(material.content().sha256())) {
            warn(
                    origin.file()
                            + " has changed since the training: rows to test on now may have been trained on, and the"
                            + " results be too good");
        }
        Batches test = material.test().batched(BATCH);
        return told(
                saved.folder(),
                origin.title(),
                test,
                blueprint.classes(),
                Assessment.of(model, test, blueprint.classes(), blueprint.criterion(), engine()));
    }

    private int told(Path folder, String title, Batches test, List<String> classes, Assessment a) {
        say("%s on %s, %,d examples", folder, title, test.size());
        a.results().forEach((name, value) -> say("%-16s %.4f", name, value));
        for (int c = 0; c < a.matrix().classes(); c++) {
            var worst = new StringBuilder();
            for (int p = 0; p < a.matrix().classes(); p++) {
                if (p != c && a.matrix().count(c, p) > 0) {
                    worst.append(String.format(Locale.ROOT, "  %s: %d", classes.get(p), a.matrix().count(c, p)));
                }
            }
            say(
                    "%-16s recall %.4f  precision %.4f  F1 %.4f%s",
                    classes.get(c),
                    a.matrix().recall(c),
                    a.matrix().precision(c),
                    a.matrix().f1(c),
                    worst.isEmpty() ? "" : "  taken for" + worst);
        }
        Map<String, Object> results = new LinkedHashMap<>(a.results());
        results.put("examples", test.size());
        results.put("run", folder.toString());
        report(results);
        return 0;
    }

    private int classified(TextRun saved) throws IOException {
        Layer model = saved.classifier(last);
        TextBlueprint network = saved.facts().text();
        TextRun.Source source = saved.facts().source();
        Path file = file(source);
        boolean isKept = source.test().isEmpty() && isTrainedOn(file, source);
        LabelledText texts = isKept ? source.at(file).split().test() : source.table(file, network.classes());
        Batches test =
                TextDataset.of(texts, saved.tokenizer(), network.context()).batched(TrainLabelsCommand.TEST_BATCH);
        List<Metric> metrics = TrainLabelsCommand.metrics(network.classes(), saved.facts().results());
        var a = Assessment.of(model, test, network.classes(), metrics, new CrossEntropy(), engine());
        return told(saved.folder(), part(file, isKept), test, network.classes(), a);
    }

    private int foretold(TextRun saved) throws IOException {
        LanguageModel model = saved.writer(last);
        TextRun.Source source = saved.facts().source();
        Path file = file(source);
        boolean isKept = isTrainedOn(file, source);
        Path work = Files.createTempFile("adjoint-tokens", ".npy");
        try {
            Tokens all = Tokens.encode(file, saved.tokenizer(), work);
            Tokens kept = isKept ? all.split(1 - source.validation()).test() : all;
            int block = saved.facts().text().context();
            if (kept.size() <= block) {
                throw new DataException(
                        "%s has %s: a window of %d needs %d; test on a longer text with --data"
                                .formatted(part(file, isKept), Words.count(kept.size(), "token"), block, block + 1));
            }
            double loss = loss(model, kept.windows(block).batched(WINDOWS));
            var score = new TextScore(loss, TextScore.tokensPerCharacter(kept, saved.tokenizer()));
            say("%s on %s, %,d tokens", saved.folder(), part(file, isKept), kept.size());
            say("loss %.4f, %s", loss, score.describe());
            Map<String, Object> results = new LinkedHashMap<>(score.json());
            results.put("test.loss", loss);
            results.put("tokens", kept.size());
            results.put("run", saved.folder().toString());
            report(results);
        } finally {
            Files.deleteIfExists(work);
        }
        return 0;
    }

    private double loss(LanguageModel model, Batches test) {
        Engine engine = engine();
        double sum = 0;
        for (Batch b : test) {
            Tensor loss = Loss.crossEntropy(model.apply(b.x(), Pass.inference()), b.y());
            engine.evaluate(loss);
            sum += loss.item() * b.size();
        }
        return sum / test.size();
    }

    // What to test on: where the training had it, or what was named.
    private Path file(TextRun.Source source) {
        Path before = Path.of(source.test().orElse(source.file()));
        Path file = data.map(Path::of).orElse(before);
        return Files.isDirectory(file) ? file.resolve(before.getFileName()) : file;
    }

    private static String part(Path file, boolean isKept) {
        return isKept ? "the part of " + file + " that was kept" : file.toString();
    }

    // Of what the network was trained on, only the part that was kept says anything.
    private boolean isTrainedOn(Path file, TextRun.Source source) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new DataException("there is no file " + file + ": if it has moved, say where with --data");
        }
        boolean is = SafeTensors.sha256(file).equals(source.sha256());
        if (!is && source.test().isEmpty() && data.isEmpty()) {
            warn(
                    file
                            + " has changed since the training: all of it is tested on, some of which may have been trained"
                            + " on");
        }
        return is;
    }
}
