package adjoint.cli;

import adjoint.text.Tokenizer;
import adjoint.text.Tokens;

import java.util.Locale;
import java.util.Map;

/// How well a network foretells a text.
///
/// @param loss cross-entropy of a token, in nats
/// @param tokensPerCharacter of that text: losses with different tokens can be compared by the bits of a character
record TextScore(double loss, double tokensPerCharacter) {
    double bitsPerCharacter() {
        return loss / Math.log(2) * tokensPerCharacter;
    }

    double perplexity() {
        return Math.exp(loss);
    }

    /// For `--json`.
    Map<String, Double> json() {
        return Map.of("bitsPerCharacter", bitsPerCharacter(), "perplexity", perplexity());
    }

    String describe() {
        return String.format(Locale.ROOT, "%.3f bits a character, perplexity %.2f", bitsPerCharacter(), perplexity());
    }

    /// How many tokens a character of that text takes.
    static double tokensPerCharacter(Tokens tokens, Tokenizer tokenizer) {
        long characters = 0;
        for (long i = 0; i < tokens.size(); i++) {
            for (byte b : tokenizer.bytes(tokens.at(i))) {
                characters += (b & 0xC0) == 0x80 ? 0 : 1; // the first byte of a character
            }
        }
        return (double) tokens.size() / Math.max(1, characters);
    }
}
