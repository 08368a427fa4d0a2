package adjoint.cli;

import adjoint.data.DataException;
import adjoint.data.LabelledText;
import adjoint.io.SafeTensors;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.text.LanguageModel;
import adjoint.text.TokenException;
import adjoint.text.Tokenizer;
import adjoint.train.RunFolder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// A training on text that lies in a folder.
///
/// @param folder where it lies
/// @param facts what its record says
/// @param tokenizer cuts text as the network knows it
record TextRun(Path folder, Facts facts, Tokenizer tokenizer) {
    /// The part of `run.json` that brings a network back.
    ///
    /// @param text the network; none if it was no training on text
    /// @param source what it was trained on
    /// @param results of the best epoch, by name
    record Facts(TextBlueprint text, Source source, SavedRun.Facts.Training training, Map<String, Object> results) {
        Facts {
            results = results == null ? Map.of() : results;
        }
    }

    /// What it was trained on.
    ///
    /// @param file the text, or the table of texts
    /// @param sha256 of that file
    /// @param validation the share of the text, at its end, that was kept; 0 of a table
    /// @param test the table that was tested on, if it was another
    /// @param textColumn of tables
    /// @param labelColumn of tables
    record Source(
            String file,
            String sha256,
            double validation,
            Optional<String> test,
            Optional<String> textColumn,
            Optional<String> labelColumn) {
        private static final double SHARE = 0.8;
        private static final long SPLIT = 1; // results of different training seeds can be compared

        /// @throws DataException if it names no file
        Source {
            if (file == null) {
                throw new DataException("it does not say what text it was trained on");
            }
            sha256 = sha256 == null ? "" : sha256;
            test = test == null ? Optional.empty() : test;
        }

        static Source text(Path file, double validation) throws IOException {
            return new Source(
                    absolute(file),
                    SafeTensors.sha256(file),
                    validation,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        static Source table(Path file, Optional<Path> test, String textColumn, String labelColumn) throws IOException {
            return new Source(
                    absolute(file),
                    SafeTensors.sha256(file),
                    0,
                    test.map(Source::absolute),
                    Optional.of(textColumn),
                    Optional.of(labelColumn));
        }

        /// The texts to learn from and those to test on.
        LabelledText.Split split() throws IOException {
            var all = LabelledText.read(Path.of(file), textColumn.orElseThrow(), labelColumn.orElseThrow());
            return test.isPresent()
                    ? new LabelledText.Split(all, table(Path.of(test.get()), all.classes()))
                    : all.split(SHARE, SPLIT);
        }

        /// Another table of the same columns.
        LabelledText table(Path other, List<String> classes) throws IOException {
            return LabelledText.read(other, textColumn.orElseThrow(), labelColumn.orElseThrow(), classes);
        }

        /// The same, where it lies now.
        Source at(Path moved) {
            return new Source(absolute(moved), sha256, validation, test, textColumn, labelColumn);
        }

        private static String absolute(Path file) {
            return file.toAbsolutePath().toString();
        }
    }

    /// The run in that folder, or the newest one; empty if it is no training on text.
    static Optional<TextRun> find(Optional<Path> folder) throws IOException {
        Path path = SavedRun.folder(folder);
        Path file = path.resolve(RunFolder.RECORD);
        if (!Files.isRegularFile(file)) {
            return Optional.empty(); // SavedRun says what is wrong
        }
        Facts facts = SavedRun.read(file, Facts.class);
        if (facts.text() == null) {
            return Optional.empty();
        }
        Path tokens = path.resolve(RunFolder.TOKENIZER);
        if (!Files.isRegularFile(tokens)) {
            throw new DataException(
                    path + " has no " + RunFolder.TOKENIZER + ": without it the network cannot be asked");
        }
        Tokenizer tokenizer = Tokenizer.read(tokens);
        if (tokenizer.size() != facts.text().vocabulary()) {
            throw new DataException(
                    "%s does not belong to the network in %s: it has %,d tokens, the network %,d; put back the one that was saved with it"
                            .formatted(tokens, path, tokenizer.size(), facts.text().vocabulary()));
        }
        return Optional.of(new TextRun(path, facts, tokenizer));
    }

    /// What a text goes on from where nothing else is said: a line's end, or the first token.
    static String opening(Tokenizer tokenizer) {
        try {
            tokenizer.encode("\n");
            return "\n";
        } catch (TokenException _) {
            return tokenizer.decode(0);
        }
    }

    /// The network that writes, with its weights.
    ///
    /// @param last those of the last round instead of the best one
    LanguageModel writer(boolean last) throws IOException {
        return loaded(() -> facts.text().writer(Init.blank()), last);
    }

    /// The network that tells classes, with its weights.
    Layer classifier(boolean last) throws IOException {
        return loaded(() -> facts.text().classifier(Init.blank()), last);
    }

    /// Refuses a network that does not fit into memory, before it is made.
    void requireRoom() {
        SavedRun.requireRoom(folder, facts.text().refusal());
    }

    private <L extends Layer> L loaded(Supplier<L> network, boolean last) throws IOException {
        requireRoom();
        Path weights = folder.resolve(last ? RunFolder.LAST : RunFolder.BEST);
        SafeTensors saved = SafeTensors.read(weights);
        TextBlueprint text = facts.text();
        long least = (long) text.vocabulary() * text.width() * Float.BYTES;
        if (saved.specs().size() < text.layers() || Files.size(weights) < least) { // before any weight is drawn
            throw new DataException(
                    "%s holds another network than %s says: %s"
                            .formatted(weights, folder.resolve(RunFolder.RECORD), text.describe()));
        }
        return SavedRun.loaded(network.get(), saved, weights);
    }
}
