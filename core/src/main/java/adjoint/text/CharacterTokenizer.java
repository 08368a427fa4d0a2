package adjoint.text;

import adjoint.io.AtomicFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A token for each character (code point) that a text holds, in the order of their numbers in Unicode.
public final class CharacterTokenizer implements Tokenizer {
    private final int[] characters;
    private final Map<Integer, Integer> ids = new HashMap<>();

    private CharacterTokenizer(int[] characters) {
        this.characters = characters;
        for (int i = 0; i < characters.length; i++) {
            if (Character.getType(characters[i]) == Character.SURROGATE) {
                throw new TokenException(
                        "half of a pair of surrogates, " + shown(characters[i]) + ", is no character: leave it out");
            }
            if (ids.putIfAbsent(characters[i], i) != null) {
                throw new TokenException("the character " + shown(characters[i]) + " stands twice among the tokens");
            }
        }
    }

    /// For the characters of a text.
    ///
    /// @throws TokenException if the text is empty
    public static CharacterTokenizer of(String text) {
        if (text.isEmpty()) {
            throw new TokenException("an empty text has no characters to make tokens of");
        }
        return new CharacterTokenizer(text.codePoints().distinct().sorted().toArray());
    }

    // In the order given.
    static CharacterTokenizer ordered(String characters) {
        return new CharacterTokenizer(characters.codePoints().toArray());
    }

    @Override
    public int size() {
        return characters.length;
    }

    /// Whether each of a text's characters has a token.
    public boolean knows(String text) {
        return text.codePoints().allMatch(ids::containsKey);
    }

    @Override
    public int[] encode(String text) {
        return encode(text, 0);
    }

    // With so many characters before it, for messages.
    private int[] encode(String text, long before) {
        int[] out = new int[text.codePointCount(0, text.length())];
        int n = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            Integer id = ids.get(c);
            if (id == null) {
                throw new TokenException(
                        "the character "
                                + shown(c)
                                + " at position "
                                + (before + n)
                                + " has no token: the text that the tokens were made of does not hold it; leave it out, or"
                                + " train with byte pairs, which know every character");
            }
            out[n++] = id;
            at += Character.charCount(c);
        }
        return out;
    }

    InParts inParts(IdList out) {
        return new InParts(this, out);
    }

    /// Encodes a text that comes in parts.
    static final class InParts implements Encoding {
        private final CharacterTokenizer tokenizer;
        private final IdList out;
        private long before;

        private InParts(CharacterTokenizer tokenizer, IdList out) {
            this.tokenizer = tokenizer;
            this.out = out;
        }

        @Override
        public void text(String part) {
            int[] ids = tokenizer.encode(part, before);
            before += ids.length;
            out.addAll(ids);
        }

        @Override
        public void end() {} // no character joins another
    }

    private static String shown(int c) {
        String code = String.format("U+%04X", c);
        return Character.isISOControl(c) || Character.isWhitespace(c) || Character.getType(c) == Character.SURROGATE
                ? code
                : "'" + Character.toString(c) + "' (" + code + ")";
    }

    @Override
    public boolean has(int id) {
        return id >= 0 && id < characters.length;
    }

    @Override
    public byte[] bytes(int id) {
        if (!has(id)) {
            throw new TokenException("there is no token " + id + ", only 0 to " + (characters.length - 1));
        }
        return Character.toString(characters[id]).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void save(Path file) throws IOException {
        AtomicFile.write(file, TokenizerJson.of(this));
    }

    /// All characters, in the order of their ids.
    public String characters() {
        return new String(characters, 0, characters.length);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof CharacterTokenizer other && Arrays.equals(characters, other.characters);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(characters);
    }

    @Override
    public String toString() {
        return "CharacterTokenizer(" + size() + ")";
    }
}
