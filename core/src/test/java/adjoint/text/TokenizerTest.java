package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.io.FormatException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

class TokenizerTest {
    private static final String TEXT =
            "low low low low low lower lower newest newest newest newest newest newest widest widest widest";

    @TempDir private Path folder;

    @Test
    void charactersAreNumberedByTheirPlaceInUnicode() {
        var tokens = CharacterTokenizer.of("ba🙂ab\n");
        assertThat(tokens.size()).isEqualTo(4);
        assertThat(tokens.encode("ab🙂\n")).containsExactly(1, 2, 3, 0);
        assertThat(tokens.decode(3, 0, 1)).isEqualTo("🙂\na");
        assertThat(tokens.knows("abc")).isFalse();
    }

    @Test
    void anUnknownCharacterIsNamedWithItsPlace() {
        assertThatThrownBy(() -> CharacterTokenizer.of("ab🙂").encode("a🙂ç"))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("'ç' (U+00E7) at position 2 has no token");
        assertThatThrownBy(() -> CharacterTokenizer.of("")).hasMessageContaining("empty text");
        assertThatThrownBy(() -> CharacterTokenizer.of("ab").bytes(2)).hasMessageContaining("no token 2, only 0 to 1");
    }

    @Test
    void charactersAreReadAgain() throws IOException {
        var tokens = CharacterTokenizer.of("\"\\\n\u0000🙂é");
        Path file = folder.resolve("characters.json");
        tokens.save(file);
        assertThat(Tokenizer.read(file)).isEqualTo(tokens);
    }

    // Worked out by hand: es 9, est 9 (both more frequent than lo 7); of es and st, as frequent, es has the smaller
    // ids.
    @Test
    void theMostFrequentPairsMergeFirst() {
        BytePairTokenizer tokens = BytePairTokenizer.train(TEXT, 260);
        assertThat(IntStream.range(256, 260).mapToObj(tokens::decode)).containsExactly("es", "est", "lo", "low");
        assertThat(tokens.decode(tokens.encode(" lowest"))).isEqualTo(" lowest");
        assertThat(tokens.encode(" lowest")).hasSize(3); // space, low, est
    }

    @Test
    void aPairSeenOnceIsNotLearned() {
        assertThat(BytePairTokenizer.train("abc", 1000).size()).isEqualTo(256);
        assertThat(BytePairTokenizer.train("abab", 1000).size()).isEqualTo(257);
    }

    @Test
    void everyTextCanBeEncoded() {
        BytePairTokenizer tokens = BytePairTokenizer.train(TEXT, 300, "<|end|>");
        String all =
                IntStream.rangeClosed(0, 0x2FFF)
                                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        + "🙂";
        assertThat(tokens.decode(tokens.encode(all))).isEqualTo(all);
        assertThat(tokens.encode("low<|end|>")).contains(0);
        assertThat(tokens.special("<|end|>")).contains(0);
        assertThat(tokens.encode("")).isEmpty();
    }

    @Test
    void aLineOfTenMegabytesIsEncoded() {
        BytePairTokenizer tokens = BytePairTokenizer.train(TEXT, 300);
        String line = "newest".repeat(1_700_000);
        int[] ids = tokens.encode(line);
        assertThat(ids.length).isLessThan(line.length() / 2);
        assertThat(tokens.decode(ids)).isEqualTo(line);
    }

    @Test
    void partsOfACharacterJoin() {
        BytePairTokenizer tokens = BytePairTokenizer.train("x", 256);
        int[] ids = tokens.encode("é");
        assertThat(ids).hasSize(2);
        assertThat(tokens.decode(ids)).isEqualTo("é");
        assertThat(tokens.decode(ids[0])).isEqualTo("\uFFFD");
    }

    @Test
    void gpt2sTwoFilesAreRead() throws IOException {
        Path vocab = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        Files.writeString(
                vocab, "{\"l\":0,\"o\":1,\"w\":2,\"\u0120\":3,\"lo\":4,\"low\":5,\"\u0120low\":6,\"<|endoftext|>\":7}");
        Files.writeString(merges, "#version: 0.2\nl o\nlo w\n\u0120 low\n");
        BytePairTokenizer tokens = BytePairTokenizer.read(vocab, merges);
        assertThat(tokens.encode("low low<|endoftext|>lol")).containsExactly(5, 6, 7, 4, 0);
        assertThatThrownBy(() -> tokens.encode("lay")).hasMessageContaining("'lay' holds a byte that has no token");
        Files.writeString(merges, "l o\nl o w\n");
        assertThatThrownBy(() -> BytePairTokenizer.read(vocab, merges))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("line 2: a merge is two tokens");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{|is no JSON",
                "[]|holds no byte-level BPE",
                "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":0}}}|got a model of type WordPiece",
                "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]}}|pre_tokenizer.type must be",
                "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[\"a b\"]},\"pre_tokenizer\":{\"type\":\"ByteLevel\"}}|needs 'b' in the vocabulary",
                "{\"model\":{\"vocab\":{\"a\":0,\"b\":0},\"merges\":[]}}|two tokens have the id 0",
                "{\"model\":{\"vocab\":{\"a\":-1},\"merges\":[]}}|ids lie from 0",
                "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]},\"pre_tokenizer\":{\"type\":\"Metaspace\"}}|got Metaspace",
                "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[]},\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"Digits\"}]}}|ByteLevel as the last step",
                "{\"model\":{\"vocab\":{\"a\":0},\"merges\":[],\"dropout\":0.1}}|model.dropout must be 0",
                "{\"characters\":\"aba\"}|stands twice",
            })
    void whatIsNotUnderstoodIsRefused(String json, String message) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, json);
        assertThatThrownBy(() -> Tokenizer.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("tokenizer.json");
    }

    @Test
    void sizesThatLeaveNoRoomAreRefused() {
        assertThatThrownBy(() -> BytePairTokenizer.train("a", 256, "<s>"))
                .hasMessageContaining("256 bytes and 1 special");
        assertThatThrownBy(() -> BytePairTokenizer.train("a", 300, "<s>", "<s>")).hasMessageContaining("must differ");
    }

    @Test
    void halfAPairOfSurrogatesIsNoCharacter() {
        assertThatThrownBy(() -> CharacterTokenizer.of("x\uDE00\uD83Dy"))
                .hasMessageContaining("U+D83D, is no character");
        assertThat(CharacterTokenizer.of("x\uD83D\uDE00").size()).isEqualTo(2);
        var pairs = BytePairTokenizer.train("x y \uD83D\uDE00", 260);
        assertThat(pairs.decode(pairs.encode("y\uD83D\uDE00"))).isEqualTo("y\uD83D\uDE00");
        assertThatThrownBy(() -> pairs.encode("y \uDE00")).hasMessageContaining("half of a pair of surrogates");
    }
}
