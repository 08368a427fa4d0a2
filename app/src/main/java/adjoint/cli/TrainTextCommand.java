package adjoint.cli;

import adjoint.data.Batches;
import adjoint.data.DataException;
import adjoint.nn.Init;
import adjoint.nn.Loss;
import adjoint.plan.Engine;
import adjoint.text.BytePairTokenizer;
import adjoint.text.CharacterTokenizer;
import adjoint.text.Generator;
import adjoint.text.LanguageModel;
import adjoint.text.Sampler;
import adjoint.text.TokenException;
import adjoint.text.Tokenizer;
import adjoint.text.Tokens;
import adjoint.train.Epoch;
import adjoint.train.Run;
import adjoint.train.RunFolder;
import adjoint.train.TrainingEvent;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// `adjoint train text`: a network learns to write as a text does.
@Command(
        name = "text",
        description = "Trains a network to write: to say which token of a text comes next.",
        footer = {
            "",
            "The beginning of the text is learned from; the rest is for validation. After each round it writes a sample.",
            "",
            "Defaults: gpt: 4 layers, width 128, rate 0.003;",
            "          lstm: 2 layers, width 256, rate 0.002;",
            "          no dropout; a token for each character.",
            "",
            "For example: adjoint train text shakespeare.txt",
            "             adjoint train text shakespeare.txt --model lstm --steps 3000",
            "             adjoint generate runs/shakespeare-1 --prompt ROMEO:"
        })
final class TrainTextCommand extends TextTask {
    private static final String TOKENS = "tokens.npy"; // while it trains
    private static final int TEST_WINDOWS = 64; // in one batch
    private static final int SAMPLE = 200; // tokens
    private static final int MOST = 1_000_000_000; // steps, or windows of a round
    private static final double GPT_RATE = 0.003; // higher than for large networks, which these are not
    private static final double LSTM_RATE = 0.002;
    private static final double SAMPLE_TEMPERATURE = 0.8;
    private static final long LONGEST = 1 << 30; // characters that tokens are learned from

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "A text in UTF-8.")
    private Optional<Path> given;

    private Path file;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            converter = Choices.OfWriter.class,
            defaultValue = "gpt",
            description = "gpt (default) or lstm.")
    private TextBlueprint.Model model;

    @Option(
            names = "--block",
            paramLabel = "N",
            defaultValue = "64",
            description = "How many tokens it sees at once (64).")
    private int block;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "12", description = "Windows in one step (12).")
    private int batch;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "2000", description = "How many steps (2000).")
    private int steps;

    @Option(
            names = "--every",
            paramLabel = "N",
            defaultValue = "250",
            description = "Validate, save and write a sample after so many steps (250).")
    private int every;

    @Option(
            names = "--validation",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "The share of the text, at its end, that is kept for validation (0.1).")
    private double validation;

    @Option(names = "--sample", paramLabel = "TEXT", description = "What samples go on from (default: a line's end).")
    private Optional<String> sample;

    private String prompt;

    @Override
    int work() throws Exception {
        require(given.isPresent(), "no text was given: adjoint train text FILE");
        file = given.get();
        options().check();
        options().checkHeads(model, usualWidth());
        options().atLeastOne("--block", block);
        options().atLeastOne("--batch", batch);
        options().atLeastOne("--steps", steps);
        options().atLeastOne("--every", every);
        require(steps <= MOST, "--steps needs " + MOST + " at most, got " + steps);
        require(
                (long) Math.min(every, steps) * batch <= MOST,
                "--batch " + batch + " for --every " + every + " steps is too many windows: at most " + MOST);
        require(
                validation > 0 && validation < 1,
                "--validation needs a share between 0 and 1, got " + Words.number(validation));
        if (!Files.isRegularFile(file)) {
            throw new DataException(
                    Files.isDirectory(file) ? file + " is a folder, expected a text" : "there is no file " + file);
        }
        return inFolder(SavedRun.title(file), this::train);
    }

    private int usualWidth() {
        return model == TextBlueprint.Model.GPT ? 128 : 256;
    }

    @Override
    void clear(Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(TOKENS));
        try (var drafts = Files.newDirectoryStream(folder, "." + TOKENS + ".*.tmp")) { // of a text half encoded
            for (Path draft : drafts) {
                Files.deleteIfExists(draft);
            }
        } catch (NoSuchFileException _) { // the folder is gone already
        }
    }

    @Override
    double usualRate() {
        return model == TextBlueprint.Model.GPT ? GPT_RATE : LSTM_RATE;
    }

    private int train(RunFolder prepared, Interrupt interrupt) throws IOException {
        Path folder = prepared.path();
        Tokenizer tokenizer = tokenizer();
        prompt = sample.orElse(TextRun.opening(tokenizer));
        if (sample.isPresent()) {
            try {
                require(tokenizer.encode(prompt).length > 0, "--sample needs a character or more to go on from");
            } catch (TokenException e) {
                throw refusal("--sample: " + e.getMessage());
            }
        }
        Tokens all = Tokens.encode(file, tokenizer, folder.resolve(TOKENS));
        try {
            Tokens.Split text = all.split(1 - validation);
            requireWindows(all, text);
            return train(prepared, interrupt, tokenizer, text);
        } finally {
            clear(folder);
        }
    }

    private void requireWindows(Tokens all, Tokens.Split text) {
        long least = Math.min(text.train().size(), text.test().size());
        if (least <= block) {
            throw new DataException(
                    "%s has %s, %,d of them for validation: windows of %d need %d in each part; take a longer text, a smaller --block, or another share with --validation"
                            .formatted(file, Words.count(all.size(), "token"), text.test().size(), block, block + 1));
        }
    }

    private int train(RunFolder prepared, Interrupt interrupt, Tokenizer tokenizer, Tokens.Split text)
            throws IOException {
        Path folder = prepared.path();
        var blueprint =
                new TextBlueprint(
                        model,
                        tokenizer.size(),
                        block,
                        options().layers(model == TextBlueprint.Model.GPT ? 4 : 2),
                        options().heads(),
                        options().width(usualWidth()),
                        options().dropout(0),
                        List.of());
        requireRoom(blueprint);
        int rounds = Math.ceilDiv(steps, every); // the last may be shorter
        int round = Math.min(every, steps);
        Batches train = new Batches(text.train().windows(block, round * batch, options().seed()), batch);
        Batches test = text.test().windows(block).batched(TEST_WINDOWS);
        LanguageModel network = blueprint.writer(Init.seeded(options().seed()));
        Engine engine = engine();
        double tokensPerCharacter = TextScore.tokensPerCharacter(text.test(), tokenizer);

        say(
                "%s: %,d tokens to learn from, %,d to validate on; %,d different ones",
                file.getFileName(), text.train().size(), text.test().size(), tokenizer.size());
        say("network: %s, sees %d tokens, %,d parameters", blueprint.describe(), block, network.parameterCount());
        sayTraining(Words.count(steps, "step") + " of " + batch + " windows", engine);
        var curves = new Curves();
        Run run;
        try {
            run =
                    trainer(
                                    blueprint,
                                    network,
                                    Loss::crossEntropy,
                                    steps,
                                    TextRun.Source.text(file, validation),
                                    tokenizer,
                                    prepared,
                                    engine)
                            .epochs(rounds)
                            .steps(steps)
                            .note("tokensPerCharacter", tokensPerCharacter)
                            .listener(curves)
                            .listener(e -> told(e, tokensPerCharacter, network, tokenizer, engine))
                            .listener(interrupt)
                            .fit(train, test);
        } catch (CancellationException e) {
            long saved = curves.epochs().isEmpty() ? 0 : curves.epochs().getLast().steps();
            throw interrupted(folder, new Reached("step", curves.steps(), steps, saved, every), e); // rounds are ours
        }
        saveCurve(folder, run, curves);
        finished(run, folder, curves, tokensPerCharacter);
        return 0;
    }

    private Tokenizer tokenizer() throws IOException {
        if (options().tokenizer().isPresent()) {
            return Tokenizer.read(options().tokenizer().get());
        }
        String text = text();
        if (text.isEmpty()) {
            throw new DataException(file + " is empty: there is nothing to learn from");
        }
        // Which characters there are is no secret of the end of a text; which pairs are frequent would be.
        return options().vocabulary().isPresent()
                ? BytePairTokenizer.train(beginning(text), options().vocabulary().get())
                : CharacterTokenizer.of(text);
    }

    private String beginning(String text) {
        return text.substring(0, (int) ((1 - validation) * text.length()));
    }

    private String text() throws IOException {
        if (Files.size(file) > LONGEST) {
            throw new DataException(
                    file
                            + " is too long to learn tokens from: give a tokenizer with --tokenizer, learned from a part of it");
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte order mark is none of its characters
        } catch (CharacterCodingException e) {
            throw new DataException(file + " is no text in UTF-8: save it in that encoding", e);
        }
    }

    private void told(
            TrainingEvent event, double tokensPerCharacter, LanguageModel network, Tokenizer tokenizer, Engine engine) {
        switch (event) {
            case TrainingEvent.Warned w -> warn(w.message());
            case TrainingEvent.EpochDone e -> {
                Epoch epoch = e.epoch();
                double loss = epoch.metrics().get("test.loss");
                say(
                        "step %,d of %,d: training loss %.4f, validation loss %.4f, %s, %.1f s",
                        epoch.steps(),
                        steps,
                        epoch.metrics().get("train.loss"),
                        loss,
                        new TextScore(loss, tokensPerCharacter).describe(),
                        epoch.seconds());
                var sampler = new Sampler(options().seed()).temperature(SAMPLE_TEMPERATURE);
                String sample =
                        Generator.of(network, tokenizer).evaluator(engine).sampler(sampler).most(SAMPLE).write(prompt);
                say("%s", ("  | " + (prompt + sample).strip()).replaceAll("\\R", "\n  | "));
            }
            default -> {}
        }
    }

    private void finished(Run run, Path folder, Curves curves, double tokensPerCharacter) throws IOException {
        long best = run.history().get(run.bestEpoch() - 1).steps();
        var score = new TextScore(run.best("test.loss"), tokensPerCharacter);
        say("");
        say("%s", curves.plot());
        say("");
        say(
                "validation loss %.4f after step %,d of %,d: %s; %.1f s, %,.0f tokens/s",
                score.loss(), best, run.steps(), score.describe(), run.seconds(), run.samplesPerSecond() * block);
        say(
                "results: %s (%s, %s, %s, %s)",
                folder, RunFolder.BEST, RunFolder.TOKENIZER, RunFolder.CURVE, RunFolder.RECORD);
        say("let it write: adjoint generate %s", folder);
        Map<String, Object> results = results(run, folder);
        results.putAll(score.json());
        results.put("steps", run.steps());
        results.put("bestStep", best);
        results.put("tokensPerSecond", Machine.rounded(run.samplesPerSecond() * block));
        report(results);
    }
}
