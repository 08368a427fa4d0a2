package adjoint.cli;

import adjoint.data.Images;
import adjoint.data.LabelledText;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;
import adjoint.text.TextDataset;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// `adjoint predict`: what a trained network says of pictures, or of rows of a table.
@Command(
        name = "predict",
        description = "Asks a trained network.",
        footer = {
            "",
            "For example: adjoint predict three.png",
            "             adjoint predict runs/iris-1 5.1,3.5,1.4,0.2",
            "             adjoint predict runs/spam-1 \"You have won a prize\""
        })
final class PredictCommand extends Task {
    private static final int MOST = 10; // classes that are shown

    @Parameters(
            arity = "0..*",
            paramLabel = "[RUN] IMAGE",
            description =
                    "The folder of the training (default: the newest), and pictures of digits of any size, dark on"
                            + " light or light on dark; or, for a table, rows such as 5.1,3.5,1.4,0.2; or texts.")
    private List<String> what = new ArrayList<>();

    @Override
    int work() throws IOException {
        require(
                !what.isEmpty(),
                "no picture, row or text was given: adjoint predict [RUN] IMAGE, or a row such as 5.1,3.5,1.4,0.2");
        boolean named = isFolder(what.getFirst());
        require(
                named || !isMistyped(what.getFirst()),
                "there is no folder or file "
                        + what.getFirst()
                        + ": if it is a text, name the training's folder first");
        Optional<TextRun> text = TextRun.find(named ? Optional.of(Path.of(what.getFirst())) : Optional.empty());
        if (text.isPresent()) {
            return classify(text.get(), named);
        }
        SavedRun saved = SavedRun.open(named ? Optional.of(Path.of(what.getFirst())) : Optional.empty());
        List<String> questions = named ? what.subList(1, what.size()) : what;
        boolean pictures = saved.facts().data().source().pictures();
        require(
                !questions.isEmpty(),
                (pictures ? "no picture was given: adjoint predict " : "no row was given: adjoint predict ")
                        + what.getFirst()
                        + (pictures ? " IMAGE" : " 1.5,2,…"));
        List<Tensor> inputs = new ArrayList<>(); // all are read before anything is said
        for (String q : questions) {
            inputs.add(read(q, saved));
        }
        Network model = saved.network(false);
        if (!named) {
            say("%s, the newest training, says", saved.folder());
        }
        List<Map<String, Object>> answers = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor output = model.apply(inputs.get(i), Pass.inference());
            answers.add(
                    saved.facts().network().classifies()
                            ? classified(questions.get(i), output, saved.facts().network().classes())
                            : number(questions.get(i), output));
        }
        report(Map.of("run", saved.folder().toString(), "predictions", answers));
        return 0;
    }

    // A text may be what no path can.
    private static boolean isFolder(String word) {
        try {
            return Files.isDirectory(Path.of(word));
        } catch (InvalidPathException _) {
            return false;
        }
    }

    // A sentence has spaces; one word with a / is rather a folder than a text.
    private static boolean isMistyped(String word) {
        boolean isPath = word.contains("/") || word.contains(File.separator);
        return isPath && word.chars().noneMatch(Character::isWhitespace) && !new File(word).exists();
    }

    private int classify(TextRun saved, boolean named) throws IOException {
        List<String> questions = named ? what.subList(1, what.size()) : what;
        TextBlueprint network = saved.facts().text();
        require(
                !network.model().writes(),
                saved.folder() + " was trained to write: let it, with adjoint generate " + saved.folder());
        require(!questions.isEmpty(), "no text was given: adjoint predict " + what.getFirst() + " \"some text\"");
        Layer model = saved.classifier(false);
        if (!named) {
            say("%s, the newest training, says", saved.folder());
        }
        var texts =
                new LabelledText(
                        questions.stream().map(String::strip).toList(), new int[questions.size()], network.classes());
        TextDataset asked = TextDataset.of(texts, saved.tokenizer(), network.context());
        List<Map<String, Object>> answers = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            Tensor output = model.apply(asked.batch(i).x(), Pass.inference());
            answers.add(classified(questions.get(i), output, network.classes()));
        }
        report(Map.of("run", saved.folder().toString(), "predictions", answers));
        return 0;
    }

    private Tensor read(String question, SavedRun saved) throws IOException {
        int[] input = saved.facts().network().input();
        if (saved.facts().data().source().pictures()) {
            require(
                    !question.matches("[-+\\d.,eE\\s]+") || Files.exists(Path.of(question)),
                    "there is no picture '"
                            + question
                            + "', and "
                            + saved.folder()
                            + " was trained on pictures: for another training, name its folder first");
            return Tensor.of(Images.digit(Path.of(question)), Subject.batched(1, input)); // [1, 28, 28, 1]
        }
        String[] cells = question.split(",", -1);
        require(
                cells.length > 1 || input[0] == 1 || question.matches("[-+\\d.eE\\s]+"),
                "'"
                        + question
                        + "' is no row of numbers, and "
                        + saved.folder()
                        + " was trained on a table: for another training, name its folder first");
        require(
                cells.length == input[0],
                "'"
                        + question
                        + "' has "
                        + Words.count(cells.length, "number")
                        + ", the network takes "
                        + input[0]
                        + " with commas between");
        float[] values = new float[cells.length];
        for (int i = 0; i < cells.length; i++) {
            try {
                values[i] = Float.parseFloat(cells[i].strip());
            } catch (NumberFormatException _) {
                throw refusal("'" + cells[i] + "' in '" + question + "' is no number");
            }
            require(Float.isFinite(values[i]), "'" + cells[i] + "' in '" + question + "' is no finite number");
        }
        return Tensor.of(values, 1, values.length);
    }

    private Map<String, Object> classified(String question, Tensor output, List<String> classes) {
        float[] p = output.softmax(-1).toFloats();
        int[] order =
                IntStream.range(0, p.length)
                        .boxed()
                        .sorted((a, b) -> Float.compare(p[b], p[a]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        say("%s: %s", question, classes.get(order[0]));
        Map<String, Object> probabilities = new LinkedHashMap<>();
        for (int c : Arrays.copyOf(order, Math.min(order.length, MOST))) {
            say("  %-16s %6.2f %%  %s", classes.get(c), 100 * p[c], "#".repeat(Math.round(40 * p[c])));
        }
        for (int c = 0; c < p.length; c++) {
            probabilities.put(classes.get(c), p[c]);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("input", question);
        answer.put("class", classes.get(order[0]));
        answer.put("probabilities", probabilities);
        return answer;
    }

    private Map<String, Object> number(String question, Tensor output) {
        double y = output.toFloats()[0];
        say("%s: %s", question, String.format(Locale.ROOT, "%.6g", y));
        return Map.of("input", question, "value", y);
    }
}
