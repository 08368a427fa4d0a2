package adjoint.cli;

import adjoint.data.DataException;
import adjoint.text.Generator;
import adjoint.text.LanguageModel;
import adjoint.text.Sampler;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `adjoint generate`: a trained network writes.
@Command(
        name = "generate",
        description = "Lets a network write that was trained on a text.",
        footer = {"", "For example: adjoint generate runs/shakespeare-1 --prompt ROMEO: --temperature 0.7"})
final class GenerateCommand extends Task {
    private static final double USUAL = 0.8; // temperature
    private static final String BEGIN = "adjoint train text FILE";

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The folder of the training (default: the newest).")
    private Optional<Path> run;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "What the text begins with (default: a line's end).")
    private Optional<String> given;

    @Option(names = "--length", paramLabel = "N", defaultValue = "500", description = "How many tokens at most (500).")
    private int length;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Below 1 more careful, above bolder, 0 always the most likely (0.8).")
    private Optional<Double> temperature;

    @Option(names = "--greedy", description = "Always the most likely token.")
    private boolean greedy;

    @Option(names = "--top-k", paramLabel = "K", description = "Only the K most likely tokens.")
    private Optional<Integer> topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Only the most likely tokens that have this probability together.")
    private Optional<Double> topP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Above 1: what has been written is less likely to come again.")
    private Optional<Double> penalty;

    @Option(
            names = "--beam",
            paramLabel = "N",
            description = "The most likely text that a beam search of this width finds; nothing is drawn.")
    private Optional<Integer> beam;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End before this text would be written; may be given several times.")
    private List<String> stops = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same text (1).")
    private long seed;

    @Option(names = "--last", description = "The weights of the last round instead of the best one.")
    private boolean last;

    @Override
    int work() throws IOException {
        require(length >= 1, "--length needs 1 or more, got " + length);
        boolean isDrawn = temperature.isPresent() || topK.isPresent() || topP.isPresent() || given("--seed");
        require(!greedy || !isDrawn, "--greedy draws nothing: leave out --temperature, --top-k, --top-p and --seed");
        require(
                temperature.orElse(USUAL) != 0 || topK.isEmpty() && topP.isEmpty() && !given("--seed"),
                "--temperature 0 draws nothing: leave out --top-k, --top-p and --seed");
        require(
                beam.isEmpty() || !greedy && !isDrawn && penalty.isEmpty(),
                "--beam draws nothing: leave out --temperature, --greedy, --top-k, --top-p, --repetition-penalty and"
                        + " --seed");
        require(beam.orElse(1) >= 1, "--beam needs 1 or more, got " + beam.orElse(0));
        require(topK.orElse(1) >= 1, "--top-k needs 1 or more, got " + topK.orElse(0));
        require(stops.stream().noneMatch(String::isEmpty), "--stop needs a text");
        require(given.isEmpty() || !given.get().isEmpty(), "--prompt needs a character or more to go on from");
        Path folder = SavedRun.folder(run, BEGIN);
        SavedRun.record(folder); // says what is wrong
        TextRun saved = TextRun.find(Optional.of(folder)).orElse(null);
        if (saved == null) {
            throw GameRun.find(folder)
                    .map(GameRun::refusal)
                    .orElse(new DataException(folder + " is no training on a text: begin with " + BEGIN));
        }
        if (!saved.facts().text().model().writes()) {
            throw new DataException(saved.folder() + " tells classes and writes nothing: ask it with adjoint predict");
        }
        String prompt = given.orElse(TextRun.opening(saved.tokenizer()));
        LanguageModel model = saved.writer(last);
        Generator generator =
                Generator.of(model, saved.tokenizer())
                        .evaluator(engine())
                        .most(length)
                        .stop(stops.toArray(String[]::new));
        long began = System.nanoTime();
        var text = new StringBuilder();
        int tokens;
        if (beam.isPresent()) {
            Generator.Found found = generator.search(prompt, beam.get()).getFirst();
            text.append(found.text());
            tokens = found.tokens(); // the text's own encoding may have fewer
            out().print(prompt + text);
        } else {
            generator = generator.sampler(sampler());
            saved.tokenizer().encode(prompt); // refuses before anything is said
            out().print(prompt);
            out().flush();
            tokens =
                    generator.write(
                            prompt,
                            piece -> {
                                text.append(piece);
                                out().print(piece);
                                if (out().checkError()) {
                                    throw new DataException("what it writes to is closed or full: it ends here");
                                }
                            });
        }
        out().println();
        double seconds = (System.nanoTime() - began) / 1e9;
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("run", saved.folder().toString());
        results.put("prompt", prompt);
        results.put("text", text.toString());
        results.put("tokens", tokens);
        results.put("seconds", Machine.rounded(seconds));
        results.put("charactersPerSecond", Machine.rounded(text.length() / seconds));
        report(results);
        return 0;
    }

    private Sampler sampler() {
        var sampler = new Sampler(seed).temperature(greedy ? 0 : temperature.orElse(USUAL));
        sampler = topK.map(sampler::topK).orElse(sampler);
        sampler = topP.isPresent() ? sampler.topP(topP.get()) : sampler;
        return penalty.isPresent() ? sampler.repetitionPenalty(penalty.get()) : sampler;
    }
}
