package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.io.FormatException;
import adjoint.io.Npy;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class TokensTest {
    @TempDir private Path folder;

    private Path text(String text) throws IOException {
        return Files.writeString(folder.resolve("text.txt"), text);
    }

    private Path ids() {
        return folder.resolve("ids.npy");
    }

    private static int[] all(Tokens tokens) {
        return IntStream.range(0, (int) tokens.size()).map(tokens::at).toArray();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void idsInMemory() {
        Tokens t = Tokens.of(CharacterTokenizer.of("abc"), "cab");
        assertThat(all(t)).containsExactly(2, 0, 1);
        assertThat(t.vocabulary()).isEqualTo(3);
        int[] ids = {65_535, 0, 40_000};
        Tokens narrow = Tokens.of(ids, 65_536);
        Tokens wide = Tokens.of(new int[] {65_536, 1 << 30}, Integer.MAX_VALUE);
        ids[0] = 1;
        assertThat(all(narrow)).containsExactly(65_535, 0, 40_000);
        assertThat(all(wide)).containsExactly(65_536, 1 << 30);
        assertThat(Tokens.of(new int[0], 1).size()).isZero();
    }

    @Test
    void partsOfAText() {
        Tokens t = Tokens.of(IntStream.range(0, 100).toArray(), 100);
        assertThat(all(t.slice(10, 13))).containsExactly(10, 11, 12);
        assertThat(all(t.slice(10, 20).slice(1, 3))).containsExactly(11, 12);
        Tokens.Split split = t.split(0.9);
        assertThat(all(split.train())).isEqualTo(IntStream.range(0, 90).toArray());
        assertThat(all(split.test())).isEqualTo(IntStream.range(90, 100).toArray());
        assertThat(t.split(0.9999).test().size()).isEqualTo(1);
    }

    @Test
    void textsArePackedWithAnEndAfterEach() {
        var letters = CharacterTokenizer.of("abc");
        Tokens own = Tokens.packed(letters, List.of("ab", "", "c"), 3);
        assertThat(all(own)).containsExactly(0, 1, 3, 3, 2, 3);
        assertThat(own.vocabulary()).isEqualTo(4);
        assertThat(Tokens.packed(letters, List.of("a"), 2).vocabulary()).isEqualTo(3);
        assertThatThrownBy(() -> Tokens.packed(letters, List.of("a"), 4))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("0 to 2, or a new one, 3; got 4");
        assertThatThrownBy(() -> Tokens.packed(letters, List.of("a", "bx"), 0))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("text 1: the character 'x'");
    }

    @ParameterizedTest
    @MethodSource("adjoint.text.Forms#all")
    void aFileHasTheIdsOfItsText(Forms.Form form) throws IOException {
        List<String> texts = Forms.texts();
        BytePairTokenizer tokenizer = form.learned(texts);
        String text = String.join("\n", texts).repeat(80); // several of the parts that are read at once
        Tokens tokens = Tokens.encode(text(text), tokenizer, ids());
        assertThat(Files.size(folder.resolve("text.txt"))).isGreaterThan(1 << 20);
        assertThat(all(tokens)).isEqualTo(tokenizer.encode(text));
        assertThat(Npy.read(ids()).toInts()).isEqualTo(tokenizer.encode(text));
        assertThat(files()).containsExactly("ids.npy", "text.txt");
    }

    @Test
    void aByteOrderMarkIsNoToken() throws IOException {
        Tokens t = Tokens.encode(text("\uFEFFcab\uFEFF"), CharacterTokenizer.of("abc\uFEFF"), ids());
        assertThat(all(t)).containsExactly(2, 0, 1, 3); // further ones are characters
        assertThat(Tokens.encode(text("\uFEFF"), CharacterTokenizer.of("abc"), ids()).size()).isZero();
    }

    @Test
    void aVocabularyTooLargeForTwoBytesTakesFour() throws IOException {
        String characters =
                IntStream.rangeClosed(0x10000, 0x20000)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
        var tokenizer = CharacterTokenizer.of(characters);
        assertThat(tokenizer.size()).isEqualTo(65_537);
        Tokens tokens = Tokens.encode(text(characters), tokenizer, ids());
        assertThat(all(tokens)).isEqualTo(IntStream.range(0, 65_537).toArray());
        assertThat(Files.size(ids())).isEqualTo(128 + 4 * 65_537);
    }

    @Test
    @Timeout(120)
    void tenMegabytesOnOneLine() throws IOException {
        BytePairTokenizer tokenizer = BytePairTokenizer.train("newest lowest newest lowest widest the an", 700);
        for (String line : List.of("newest".repeat(1_700_000), "newest, 12 lowest".repeat(600_000))) {
            assertThat(all(Tokens.encode(text(line), tokenizer, ids()))).isEqualTo(tokenizer.encode(line));
        }
    }

    // A file with a hole: nothing of it is on the disk.
    @Test
    void moreTokensThanAnArrayHolds() throws IOException {
        long size = (1L << 31) + 10;
        String head = String.format("{'descr': '<u2', 'fortran_order': False, 'shape': (%d,), }", size);
        try (var file = new RandomAccessFile(ids().toFile(), "rw")) {
            file.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) head.length(), 0});
            file.write(head.getBytes(StandardCharsets.US_ASCII));
            file.setLength(file.getFilePointer() + 2 * size);
            file.seek(file.length() - 4);
            file.write(new byte[] {1, 0, 2, 0});
        }
        Tokens tokens = Tokens.open(ids(), 3);
        assertThat(tokens.size()).isEqualTo(size);
        assertThat(tokens.at(size - 1)).isEqualTo(2);
        assertThat(all(tokens.slice(size - 3, size))).containsExactly(0, 1, 2);
        Dataset windows = tokens.windows(4);
        assertThat(windows.batch(windows.size() - 1).y().toInts()).containsExactly(0, 0, 0, 1);
        Dataset random = tokens.windows(3, 4, 1).epoch(1000);
        assertThat(random.batch(0, 1, 2, 3).x().toInts()).hasSize(12);
        assertThatThrownBy(() -> tokens.windows(1)).hasMessageContaining("2147483657 windows of 1 tokens");
    }

    @Test
    void filesThatCannotBeEncodedAreRefusedAndNothingIsLeft() throws IOException {
        var letters = CharacterTokenizer.of("abc🙂");
        assertThatThrownBy(() -> Tokens.encode(folder.resolve("text.txt"), letters, ids()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no file")
                .hasMessageContaining("text.txt");
        assertThatThrownBy(() -> Tokens.encode(folder, letters, ids())).hasMessageContaining("is a folder");
        Path empty = text("");
        assertThatThrownBy(() -> Tokens.encode(empty, letters, ids()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("text.txt is empty");
        String many = "abc🙂".repeat(500_000);
        Path strange = text(many + "x");
        assertThatThrownBy(() -> Tokens.encode(strange, letters, ids()))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("text.txt: the character 'x' (U+0078) at position 2000000 has no token");
        assertThatThrownBy(() -> Tokens.encode(strange, letters, strange))
                .hasMessageContaining("would be replaced by its own tokens");
        assertThat(Files.size(strange)).isEqualTo(7 * 500_000 + 1);
        assertThat(files()).containsExactly("text.txt");
    }

    @Test
    void bytesThatAreNoUtf8AreNamed() throws IOException {
        var letters = CharacterTokenizer.of("aé🙂");
        Path file = folder.resolve("text.txt");
        for (int before : new int[] {0, 5, (1 << 20) - 1, 3_000_000}) {
            byte[] bytes = "a".repeat(before + 9).getBytes(StandardCharsets.ISO_8859_1);
            bytes[before] = (byte) 0xE9;
            Files.write(file, bytes);
            assertThatThrownBy(() -> Tokens.encode(file, letters, ids()))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("text.txt is no text in UTF-8: byte " + before + " (from 0), 0xE9");
        }
        byte[] cut = "aa🙂".getBytes(StandardCharsets.UTF_8);
        Files.write(file, Arrays.copyOf(cut, 5));
        assertThatThrownBy(() -> Tokens.encode(file, letters, ids())).hasMessageContaining("byte 2 (from 0), 0xF0");
        assertThat(files()).containsExactly("text.txt");
    }

    @Test
    void filesOfOthersAreMapped() throws IOException {
        Npy.write(ids(), Tensor.of(new int[] {3, 1, 2}, 3));
        Tokens tokens = Tokens.open(ids(), 4);
        assertThat(all(tokens)).containsExactly(3, 1, 2);
        assertThatThrownBy(() -> Tokens.open(ids(), 3).windows(1).batch(0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the token 3 at position 0 of ")
                .hasMessageContaining("ids.npy is outside 0 to 2: give the tokenizer that made the ids");
        assertThatThrownBy(() -> Tokens.open(ids(), 0)).hasMessageContaining("1 token or more, got 0");
        Npy.write(ids(), Tensor.of(new long[] {3}, 1));
        assertThatThrownBy(() -> Tokens.open(ids(), 4))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("expected to hold one axis of '<u2' or '<i4', got [1] of '<i8'");
        Npy.write(ids(), Tensor.of(new int[] {3}, 1, 1));
        assertThatThrownBy(() -> Tokens.open(ids(), 4)).hasMessageContaining("got [1, 1] of '<i4'");
        byte[] bytes = Files.readAllBytes(ids());
        Files.write(ids(), Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> Tokens.open(ids(), 4))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("has 3");
        assertThatThrownBy(() -> Tokens.open(folder.resolve("no.npy"), 4))
                .hasMessageContaining("there is no such file");
    }

    @Test
    void whatIsNotThereIsRefused() {
        Tokens t = Tokens.of(new int[] {0, 1}, 2);
        assertThatThrownBy(() -> t.at(2)).isInstanceOf(DataException.class).hasMessageContaining("position 2");
        assertThatThrownBy(() -> t.at(-1)).isInstanceOf(DataException.class).hasMessageContaining("has 2");
        assertThatThrownBy(() -> t.slice(1, 3)).hasMessageContaining("from 1 to 3 were asked for, and the text has 2");
        assertThatThrownBy(() -> t.split(1)).hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> Tokens.of(new int[] {0, 2}, 2))
                .hasMessageContaining("the token 2 at position 1 is outside 0 to 1");
    }
}
