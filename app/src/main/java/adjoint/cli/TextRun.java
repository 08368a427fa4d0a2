package adjoint.cli;

import adjoint.data.DataException;
import adjoint.io.SafeTensors;
import adjoint.nn.Layer;
import adjoint.text.LanguageModel;
import adjoint.text.TokenException;
import adjoint.text.Tokenizer;
import adjoint.train.RunFolder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

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
    record Facts(TextBlueprint text, Source source) {
        /// What it was trained on.
        ///
        /// @param file the text, or the table of texts
        record Source(String file) {}
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
        return loaded(facts.text().writer(0), last);
    }

    /// The network that tells classes, with its weights.
    Layer classifier(boolean last) throws IOException {
        return loaded(facts.text().classifier(0), last);
    }

    private <L extends Layer> L loaded(L network, boolean last) throws IOException {
        Path weights = folder.resolve(last ? RunFolder.LAST : RunFolder.BEST);
        return SavedRun.loaded(network, SafeTensors.read(weights), weights);
    }
}
