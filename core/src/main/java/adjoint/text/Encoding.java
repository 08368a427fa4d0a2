package adjoint.text;

/// The tokens of a text that comes in parts, each of whole characters. They are those of the whole text.
sealed interface Encoding permits BytePairStream, CharacterTokenizer.InParts {
    void text(String part);

    /// The text ends here.
    void end();

    static Encoding of(Tokenizer tokenizer, IdList out) {
        return switch (tokenizer) {
            case CharacterTokenizer c -> c.inParts(out);
            case BytePairTokenizer b -> b.inParts(BytePairStream.CHUNK, out);
        };
    }
}
