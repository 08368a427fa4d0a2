package adjoint.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Cuts text into tokens, each with a number, and joins them again.
///
/// ```java
/// Tokenizer letters = CharacterTokenizer.of(text);
/// Tokenizer pieces = BytePairTokenizer.train(text, 1000);
/// Tokenizer gpt2 = Tokenizer.read(Path.of("tokenizer.json"));
/// int[] ids = gpt2.encode("Hello, world");
/// ```
/// Immutable; several threads may use one at once.
public sealed interface Tokenizer permits CharacterTokenizer, BytePairTokenizer {
    /// How many tokens there are: ids lie from 0 to `size() - 1`.
    int size();

    /// The ids of a text's tokens, in order.
    ///
    /// @throws TokenException if the text holds something that has no token
    int[] encode(String text);

    /// Whether there is a token with this id: a vocabulary that was read may have holes.
    boolean has(int id);

    /// What a token stands for, in UTF-8. A token may hold part of a character.
    ///
    /// @throws TokenException if there is no such token
    byte[] bytes(int id);

    /// The text that tokens stand for. Bytes that are no UTF-8 become `U+FFFD`.
    ///
    /// @throws TokenException if there is no such token
    default String decode(int... ids) {
        var bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(bytes(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// Writes it as JSON, for [#read]. Byte pairs have the form of the `tokenizer.json` that other tools read.
    ///
    /// @throws IOException if that is impossible
    void save(Path file) throws IOException;

    /// Reads what [#save] wrote, or the `tokenizer.json` of a model with byte-level BPE (GPT-2, Llama 3, Qwen …).
    ///
    /// @throws IOException if it cannot be read, or holds a tokenizer of another kind
    static Tokenizer read(Path file) throws IOException {
        return TokenizerJson.read(file);
    }
}
