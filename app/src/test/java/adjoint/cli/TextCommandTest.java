package adjoint.cli;

import static adjoint.cli.Cli.adjoint;
import static adjoint.cli.Cli.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import adjoint.io.SafeTensors;
import adjoint.kernel.DType;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Networks for text as a user would call them.
class TextCommandTest {
    private static final String RHYME = "the quick brown fox jumps over a lazy dog and hides in its den\n";
    @TempDir private Path dir;

    private String text() throws IOException {
        return Files.writeString(dir.resolve("rhyme.txt"), RHYME.repeat(60)).toString();
    }

    private static String[] with(String line, String... more) {
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        words.addAll(Arrays.asList(more));
        return words.toArray(String[]::new);
    }

    private JsonNode trained(String run, String options) throws IOException {
        String sizes =
                " --layers 2 --heads 2 --width 32 --block 32 --batch 8 --steps 300 --every 150 --rate 0.005 --json";
        return json(adjoint(with("train text", (text() + sizes + " " + options + " --out " + run).split(" "))));
    }

    private JsonNode briefly(Path run, String options) throws IOException {
        String heads = options.contains("lstm") ? " --heads 3" : " --heads 2"; // an LSTM has none
        String sizes = heads + " --layers 1 --width 8 --block 32 --batch 8 --steps 2 --every 1 --json ";
        return json(adjoint(("train text " + text() + sizes + options + " --out " + run).strip().split(" +")));
    }

    @Test
    void aTextIsLearnedAndWritten() throws IOException {
        for (String model : List.of("gpt", "lstm")) {
            String run = dir.resolve(model).toString();
            JsonNode trained = trained(run, "--model " + model);
            assertThat(trained.get("test.loss").asDouble()).as(model).isLessThan(0.4);
            assertThat(trained.get("bitsPerCharacter").asDouble())
                    .isCloseTo(trained.get("test.loss").asDouble() / Math.log(2), within(1e-9));
            assertThat(trained.get("perplexity").asDouble())
                    .isCloseTo(Math.exp(trained.get("test.loss").asDouble()), within(1e-9));
            assertThat(Files.list(Path.of(run)).map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "best.safetensors", "last.safetensors", "run.json", "tokenizer.json", "curve.svg");
            String[] greedy = with("generate", run, "--prompt", "the quick", "--greedy", "--length", "53");
            assertThat(adjoint(greedy)).isEqualTo(RHYME);
            JsonNode written =
                    json(adjoint(with("generate", run, "--prompt", "quick", "--stop", "dog", "--greedy", "--json")));
            assertThat(written.get("text").asString()).isEqualTo(" brown fox jumps over a lazy ");
            JsonNode beam =
                    json(adjoint(with("generate", run, "--prompt", "quick", "--beam", "2", "--length", "6", "--json")));
            assertThat(beam.get("text").asString()).isEqualTo(" brown");
            String[] stopped = with("generate", run, "--prompt", "quick", "--stop", "dog", "--beam", "1", "--json");
            assertThat(json(adjoint(stopped)).get("tokens")).isEqualTo(written.get("tokens")); // those of "dog" too
            String[] drawn = with("generate", run, "--temperature", "3", "--top-k", "9", "--length", "80");
            assertThat(adjoint(drawn))
                    .isEqualTo(adjoint(drawn))
                    .isNotEqualTo(adjoint(with("generate --seed 2", Arrays.copyOfRange(drawn, 1, drawn.length))));
        }
    }

    @Test
    void samplesAreWrittenWhileItTrains() throws IOException {
        String out =
                adjoint(
                        with(
                                "train text",
                                (text()
                                                + " --steps 2 --every 1 --width 8 --heads 2 --layers 1 --sample fox --out "
                                                + dir.resolve("r"))
                                        .split(" ")));
        assertThat(out)
                .contains("step 1 of 2: training loss", "step 2 of 2: training loss", "bits a character", "\n  | fox");
    }

    @Test
    void helpListsTheNetworksOfItsOwnCommand() {
        assertThat(adjoint("train", "text", "--help"))
                .contains("gpt: 4 layers, width 128, rate 0.003", "lstm: 2 layers, width 256, rate 0.002")
                .doesNotContain("transformer", "labels:");
        assertThat(adjoint("train", "labels", "--help"))
                .contains("width 128, dropout 0.5, rate 0.001", "transformer: 2 layers, dropout 0.2")
                .doesNotContain("gpt", "lstm");
    }

    // The number of parameters is known by the sizes, before there is a network.
    @Test
    void aBlueprintKnowsHowManyParametersItsNetworkHas() {
        for (TextBlueprint.Model model : TextBlueprint.Model.values()) {
            List<String> classes = model.writes() ? List.of() : List.of("a", "b", "c");
            var blueprint = new TextBlueprint(model, 70, 16, 3, 2, 8, 0, classes);
            Init init = Init.seeded(1);
            Layer network = model.writes() ? blueprint.writer(init) : blueprint.classifier(init);
            assertThat(blueprint.parameters()).as(model.name()).isEqualTo(network.parameterCount());
            assertThat(blueprint.refusal()).isEmpty();
        }
    }

    // As some editors write it in front of a file.
    @Test
    void aByteOrderMarkIsNoToken() throws IOException {
        JsonNode plain = briefly(dir.resolve("plain"), "");
        Path text = Path.of(text());
        Files.writeString(text, "\uFEFF" + Files.readString(text));
        String sizes = " --heads 2 --layers 1 --width 8 --block 32 --batch 8 --steps 2 --every 1 --json --out ";
        JsonNode marked = json(adjoint(("train text " + text + sizes + dir.resolve("marked")).split(" ")));
        assertThat(marked.get("weightsSha256")).isEqualTo(plain.get("weightsSha256"));
    }

    // The last round has what the others leave.
    @Test
    void itTrainsExactlyTheStepsAskedFor() throws IOException {
        String sizes = " --width 8 --heads 2 --layers 1 --steps 5 --every 2 --json --out ";
        String out = adjoint(with("train text", (text() + sizes + dir.resolve("r")).split(" ")));
        assertThat(out).contains("training: 5 steps", "step 2 of 5", "step 4 of 5", "step 5 of 5");
        assertThat(json(out).get("steps").asInt()).isEqualTo(5);
    }

    // Byte pairs stand for several characters: loss and bits a character are no longer proportional by the same factor.
    @Test
    void bytePairsAreCountedByCharacters() throws IOException {
        JsonNode trained = trained(dir.resolve("pairs").toString(), "--vocabulary 280");
        double bits = trained.get("test.loss").asDouble() / Math.log(2);
        assertThat(trained.get("bitsPerCharacter").asDouble()).isLessThan(0.8 * bits);
        String again = "--tokenizer " + dir.resolve("pairs/tokenizer.json");
        assertThat(trained(dir.resolve("same").toString(), again).get("weightsSha256"))
                .isEqualTo(trained.get("weightsSha256"));
    }

    private String mails() throws IOException {
        var random = new Random(1);
        List<String> good = List.of("lunch", "meeting", "tomorrow", "thanks", "home", "dinner");
        List<String> bad = List.of("prize", "winner", "free", "cash", "claim", "urgent");
        var rows = new StringBuilder("kind,message\n");
        for (int i = 0; i < 200; i++) {
            List<String> words = i % 4 == 0 ? bad : good;
            rows.append(i % 4 == 0 ? "spam" : "ham").append(",\"see");
            random.ints(5, 0, 6).forEach(w -> rows.append(' ').append(words.get(w)));
            rows.append("\"\n");
        }
        return Files.writeString(dir.resolve("mails.csv"), rows.toString()).toString();
    }

    @Test
    void textsAreToldApart() throws IOException {
        for (String model : List.of("bag", "cnn", "transformer")) {
            String run = dir.resolve(model).toString();
            String[] words =
                    with(
                            "train labels",
                            mails(),
                            "--text-column",
                            "message",
                            "--label-column",
                            "kind",
                            "--model",
                            model,
                            "--width",
                            "16",
                            "--vocabulary",
                            "300",
                            "--epochs",
                            "12",
                            "--rate",
                            "0.01",
                            "--dropout",
                            "0.1",
                            "--out",
                            run,
                            "--json");
            JsonNode trained = json(adjoint(words));
            assertThat(trained.get("test.f1.spam").asDouble()).as(model).isGreaterThan(0.95);
            JsonNode said =
                    json(
                            adjoint(
                                    "predict",
                                    run,
                                    "see claim free prize cash",
                                    "see thanks home dinner lunch",
                                    "--json"));
            assertThat(said.get("predictions").get(0).get("class").asString()).isEqualTo("spam");
            assertThat(said.get("predictions").get(1).get("class").asString()).isEqualTo("ham");
            JsonNode spaced = json(adjoint("predict", run, " see claim free prize cash ", "--json"));
            assertThat(spaced.get("predictions").get(0).get("probabilities"))
                    .isEqualTo(said.get("predictions").get(0).get("probabilities"));
        }
    }

    @Test
    void aNetworkThatWritesIsTestedAgain() throws IOException {
        String run = dir.resolve("run").toString();
        JsonNode trained = briefly(Path.of(run), "--model lstm");
        JsonNode again = json(adjoint("evaluate", run, "--json"));
        assertThat(again.get("test.loss").asDouble())
                .isCloseTo(trained.get("test.loss").asDouble(), within(1e-6)); // the best round is the last one
        assertThat(again.get("tokens").asInt()).isEqualTo(RHYME.length() * 60 / 10);
        assertThat(again.get("bitsPerCharacter").asDouble())
                .isCloseTo(again.get("test.loss").asDouble() / Math.log(2), within(1e-9));

        Path other = Files.writeString(dir.resolve("other.txt"), "lazy brown fox and lazy dog ".repeat(9));
        JsonNode asked = json(adjoint("evaluate", run, "--data", other.toString(), "--json"));
        assertThat(asked.get("tokens").asInt()).isEqualTo(252);
        Path moved = Files.createDirectory(dir.resolve("moved"));
        Files.move(dir.resolve("rhyme.txt"), moved.resolve("rhyme.txt"));
        JsonNode there = json(adjoint("evaluate", run, "--data", moved.toString(), "--json"));
        assertThat(there.get("test.loss")).isEqualTo(again.get("test.loss"));
        Files.writeString(dir.resolve("rhyme.txt"), RHYME.repeat(9));
        assertThat(warned("evaluate", run)).contains("rhyme.txt has changed since the training: all of it");
    }

    @Test
    void aNetworkThatTellsClassesIsTestedAgain() throws IOException {
        String columns = " --text-column message --label-column kind --epochs 2 --width 16 --model bag --json --out ";
        Path run = dir.resolve("run");
        JsonNode trained = json(adjoint(("train labels " + mails() + columns + run).split(" ")));
        JsonNode again = json(adjoint("evaluate", run.toString(), "--json"));
        for (String name : List.of("accuracy", "f1.spam", "precision.spam", "recall.spam")) {
            assertThat(again.get("test." + name)).as(name).isNotNull().isEqualTo(trained.get("test." + name));
        }
        assertThat(again.has("test.f1")).isFalse(); // the mean over classes, which training does not say
        assertThat(again.get("test.loss").asDouble()).isCloseTo(trained.get("test.loss").asDouble(), within(1e-6));
        assertThat(again.get("examples").asInt()).isBetween(30, 50); // a fifth of 200, copies on one side
        assertThat(adjoint("evaluate", run.toString())).contains("spam", "ham", "recall", "F1");
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page)
                .contains("Confusion matrix", "test.f1.spam")
                .contains("%.4f".formatted(trained.get("test.f1.spam").asDouble()));

        Path test = Files.writeString(dir.resolve("test.csv"), "kind,message\nspam,free prize\nham,see home dinner\n");
        Path tested = dir.resolve("tested");
        String[] more = ("train labels " + mails() + columns + tested + " --test " + test).split(" ");
        JsonNode given = json(adjoint(more));
        Path odd = dir.resolve("odd"); // whatever it says of a text that is both, once it is mistaken
        Files.writeString(test, "kind,message\nham,free <prize> & cash\nspam,free <prize> & cash\n");
        adjoint(("train labels " + mails() + columns + odd + " --test " + test).split(" "));
        assertThat(Files.readString(odd.resolve("report.html")))
                .contains("The worst mistakes", "<tr><td>free &lt;prize&gt; &amp; cash<td>");
        Files.writeString(test, "kind,message\nspam,free prize\nham,see home dinner\n");
        JsonNode two = json(adjoint("evaluate", tested.toString(), "--json"));
        assertThat(two.get("examples").asInt()).isEqualTo(2);
        assertThat(two.get("test.accuracy")).isEqualTo(given.get("test.accuracy"));
        assertThat(
                        json(adjoint("evaluate", run.toString(), "--data", test.toString(), "--json"))
                                .get("examples")
                                .asInt())
                .isEqualTo(2);
    }

    @Test
    void networksForTextAreShownAndPlanned() throws IOException {
        Path run = dir.resolve("run");
        JsonNode trained = briefly(run, "");
        JsonNode summary = json(adjoint("summary", "--run", run.toString(), "--json"));
        assertThat(summary.get("parameters").asLong()).isEqualTo(trained.get("parameters").asLong());
        assertThat(summary.get("layers").get(0).get("output").asString()).startsWith("[8, 32, ");
        assertThat(json(adjoint("plan", "--run", run.toString(), "--batch", "3", "--json")).get("steps").asInt())
                .isGreaterThan(5);
        String columns = " --text-column message --label-column kind --epochs 1 --width 16 --model cnn --json --out ";
        Path labels = dir.resolve("labels");
        adjoint(("train labels " + mails() + columns + labels).split(" "));
        assertThat(adjoint("summary", "--run", labels.toString())).contains("[32, 2]");
        assertThat(json(adjoint("plan", "--run", labels.toString(), "--json")).get("flops").asLong()).isPositive();
    }

    @Test
    void weightsThatAreNoNumbersAreRefused() throws IOException {
        Path run = dir.resolve("run");
        briefly(run, "");
        Path weights = run.resolve("best.safetensors");
        Map<String, Tensor> values = new LinkedHashMap<>(SafeTensors.read(weights).tensors());
        values.replaceAll((name, t) -> name.equals("norm.weight") ? Tensor.full(DType.FLOAT32, Double.NaN, 8) : t);
        SafeTensors.write(weights, values, Map.of());
        for (String command : List.of("generate", "evaluate")) {
            var err = new StringWriter();
            assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), command, run.toString()))
                    .isEqualTo(2);
            assertThat(err.toString()).contains("norm.weight holds NaN or infinite numbers");
        }
    }

    private static String warned(String... args) {
        var err = new StringWriter();
        assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), args))
                .as(err.toString())
                .isZero();
        return err.toString();
    }
}
