package adjoint.text;

import adjoint.io.AtomicFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Byte-pair encoding on bytes (Sennrich et al. 2016; Radford et al. 2019): text is cut into words, these into bytes, and the pairs
/// of neighbours that are most frequent have become tokens, pairs of those again, and so on. Every text can be encoded.
///
/// ```java
/// var tokens = BytePairTokenizer.train(text, 1000, "<|endoftext|>");
/// int[] ids = tokens.encode("To be, or not to be");
/// ```
/// [#encode] finds added tokens, such as `<|endoftext|>`, in the text; it puts none around it, as some models want.
public final class BytePairTokenizer implements Tokenizer {
    private static final int KEPT = 20_000; // words whose tokens are remembered
    private static final int LONG = 32; // characters: longer words are rarely seen twice

    /// What a tokenizer consists of.
    ///
    /// @param pieces the bytes of each token by id; empty where there is none
    /// @param merges in the order in which they were learned
    /// @param steps cut text into words, one after the other
    /// @param nfc whether text is brought into Unicode's normal form C first
    /// @param wholeWords whether a word that is a token is not cut
    /// @param unknown the token for a byte that has none
    /// @param added tokens found in the text as they are
    record Parts(
            List<Optional<byte[]>> pieces,
            Merges merges,
            List<PreTokenizer> steps,
            boolean nfc,
            boolean wholeWords,
            Optional<Integer> unknown,
            List<Added> added) {
        /// The added tokens by id.
        Map<Integer, String> contents() {
            return Added.contents(added);
        }
    }

    /// A token found in the text as it is, before words are.
    ///
    /// @param special whether it is a sign, and no text
    /// @param normalized whether it is looked for in the normalized text
    /// @param left whether white space before it belongs to it
    /// @param right whether white space behind it belongs to it
    record Added(int id, String content, boolean special, boolean normalized, boolean left, boolean right) {
        static Map<Integer, String> contents(List<Added> tokens) {
            Map<Integer, String> contents = new HashMap<>();
            tokens.forEach(t -> contents.put(t.id, t.content));
            return contents;
        }
    }

    private final Parts parts;
    private final int[] byteIds = new int[256];
    private final Map<String, Integer> ids = new HashMap<>(); // by byte letters
    private final Map<String, Integer> addedIds = new HashMap<>();
    private final BytePairStream.Finders finders;
    private final Map<String, int[]> words = new ConcurrentHashMap<>();

    BytePairTokenizer(Parts parts) {
        this.parts = parts;
        Arrays.fill(byteIds, -1);
        for (Added a : parts.added) {
            addedIds.put(a.content, a.id);
        }
        Map<Integer, String> contents = parts.contents();
        for (int id = 0; id < parts.pieces.size(); id++) {
            Optional<byte[]> piece = parts.pieces.get(id);
            if (piece.isPresent() && !contents.containsKey(id)) {
                ids.put(ByteLetters.of(piece.get()), id);
                if (piece.get().length == 1) {
                    byteIds[piece.get()[0] & 255] = id;
                }
            }
        }
        finders = BytePairStream.Finders.of(parts.added);
    }

    /// Learns `size` tokens from a text: the 256 bytes, the special ones, and merges of pairs that were seen twice at least.
    ///
    /// @param special tokens that are never cut, with the first ids
    /// @throws TokenException if the size is below the number of bytes and special tokens
    public static BytePairTokenizer train(String text, int size, String... special) {
        return train(List.of(text), size, special);
    }

    /// Learns from several texts: no token reaches over the end of one.
    ///
    /// @throws TokenException if the size is below the number of bytes and special tokens
    public static BytePairTokenizer train(Iterable<String> texts, int size, String... special) {
        return new BytePairTraining(List.of(special)).train(texts, size);
    }

    /// Reads GPT-2's pair of files: `vocab.json` with the ids, and `merges.txt`.
    ///
    /// @throws IOException if one cannot be read
    public static BytePairTokenizer read(Path vocabulary, Path merges) throws IOException {
        return TokenizerJson.readPair(vocabulary, merges);
    }

    Parts parts() {
        return parts;
    }

    @Override
    public int size() {
        return parts.pieces.size();
    }

    /// The id of a token that is found as it is, such as `<|endoftext|>`.
    public Optional<Integer> special(String content) {
        return Optional.ofNullable(addedIds.get(content));
    }

    @Override
    public boolean has(int id) {
        return id >= 0 && id < size() && parts.pieces.get(id).isPresent();
    }

    @Override
    public byte[] bytes(int id) {
        if (!has(id)) {
            boolean hole = id >= 0 && id < size();
            throw new TokenException(
                    "there is no token "
                            + id
                            + (hole ? ": the vocabulary has a hole there" : ", only 0 to " + (size() - 1)));
        }
        return parts.pieces.get(id).get().clone();
    }

    @Override
    public int[] encode(String text) {
        var out = new IdList();
        BytePairStream whole = inParts(Integer.MAX_VALUE, out);
        whole.text(text);
        whole.end();
        return out.toArray();
    }

    /// Encodes a text that comes in parts.
    ///
    /// @param chunk how many characters are waited for, before those are encoded that no later text can change
    BytePairStream inParts(int chunk, IdList out) {
        return new BytePairStream(parts, finders, this::tokens, chunk, out);
    }

    private int[] tokens(String word) {
        int[] tokens = word.length() <= LONG ? words.get(word) : null;
        if (tokens == null) {
            tokens = word(word);
            if (word.length() <= LONG && words.size() < KEPT) {
                words.put(word, tokens);
            }
        }
        return tokens;
    }

    /// Cut further by all steps.
    static List<String> words(List<PreTokenizer> steps, List<String> words) {
        List<String> cut = words;
        for (PreTokenizer step : steps) {
            List<String> finer = new ArrayList<>();
            cut.forEach(w -> step.cut(w, true, finer));
            cut = finer;
        }
        return cut;
    }

    private int[] word(String word) {
        if (word.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new TokenException(
                    "'" + word + "' holds half of a pair of surrogates, which is no character: leave it out");
        }
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        if (parts.wholeWords) {
            Integer whole = ids.get(ByteLetters.of(bytes));
            if (whole != null) {
                return new int[] {whole};
            }
        }
        int[] symbols = new int[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            int id = byteIds[bytes[i] & 255];
            if (id < 0) {
                id =
                        parts.unknown.orElseThrow(
                                () -> new TokenException("'" + word + "' holds a byte that has no token"));
            }
            symbols[i] = id;
        }
        return parts.merges.apply(symbols);
    }

    @Override
    public void save(Path file) throws IOException {
        AtomicFile.write(file, TokenizerJson.of(this));
    }

    @Override
    public String toString() {
        return "BytePairTokenizer(" + size() + ")";
    }
}
