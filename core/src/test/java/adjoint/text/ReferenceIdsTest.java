package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Byte pairs give the same ids as Hugging Face's tokenizers, which read the same file.
class ReferenceIdsTest {
    private static final String LLAMA3 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
                    + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String END = "<|end|>";

    @TempDir private Path folder;

    private record Form(String name, boolean nfc, boolean wholeWords, List<PreTokenizer> steps, boolean left) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Form> forms() {
        return Stream.of(
                new Form("gpt-2", false, false, List.of(new PreTokenizer.ByteLevel(false, true)), false),
                new Form("roberta", false, false, List.of(new PreTokenizer.ByteLevel(true, true)), true),
                new Form(
                        "llama-3",
                        false,
                        true,
                        List.of(new PreTokenizer.Split(LLAMA3, true), new PreTokenizer.ByteLevel(false, false)),
                        false),
                new Form(
                        "nfc and digits",
                        true,
                        false,
                        List.of(new PreTokenizer.Digits(true), new PreTokenizer.ByteLevel(false, true)),
                        false),
                new Form(
                        "words",
                        false,
                        false,
                        List.of(new PreTokenizer.Split(".", false), new PreTokenizer.ByteLevel(false, false)),
                        false));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void sameIds(Form form) throws IOException {
        List<String> texts = texts();
        BytePairTokenizer.Parts learned = BytePairTokenizer.train(texts, 700, END, "<|end|>2").parts();
        List<BytePairTokenizer.Added> added =
                learned.added().stream()
                        .map(a -> new BytePairTokenizer.Added(a.id(), a.content(), true, false, form.left, form.left))
                        .toList();
        var mine =
                new BytePairTokenizer(
                        new BytePairTokenizer.Parts(
                                learned.pieces(),
                                learned.merges(),
                                form.steps,
                                form.nfc,
                                form.wholeWords,
                                learned.unknown(),
                                added));
        Path file = folder.resolve("tokenizer.json");
        mine.save(file);
        Tokenizer again = Tokenizer.read(file);
        int merged = 0;
        try (HuggingFaceTokenizer reference = reference(file)) {
            for (String text : texts) {
                long[] expected = reference.encode(text, false, false).getIds();
                assertThat(mine.encode(text))
                        .as(text)
                        .isEqualTo(Arrays.stream(expected).mapToInt(i -> (int) i).toArray());
                assertThat(again.encode(text)).as(text).isEqualTo(mine.encode(text));
                merged += text.length() - expected.length;
            }
        }
        assertThat(merged).as("characters saved by merging").isGreaterThan(1000);
    }

    private static HuggingFaceTokenizer reference(Path file) throws IOException {
        try {
            return HuggingFaceTokenizer.newInstance(file);
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            Assumptions.abort("the reference does not run on this machine: " + e);
            return null;
        }
    }

    private static List<String> texts() {
        List<String> texts =
                new ArrayList<>(
                        List.of(
                                "Hello, world!  It's   1234567 o'clock, isn't it? I'LL SEE; they'Ve gone.",
                                "naïve café: na\u0308ive cafe\u0301, Ångström A\u030A, \u1E9B\u0323",
                                "日本語のテキスト、改行\nと\tタブ。\r\n\r\n  終わり  ",
                                "🙂👩‍👩‍👧 emoji \uD83C\uDDE6\uD83C\uDDF9 \u200Bzero\u00A0width\u2003space\u0085next",
                                "Ⅷ ½ ٣٤٥ ௧௨ 12.5e-3 x²",
                                "a" + END + "b " + END + " c" + END + "2" + END,
                                "   ",
                                "\n\n\n x",
                                "if (a<b) { return \"c\\n\"; } // …",
                                "ſ 'ſ 'S K Kelvin ﬁ ß ẞ İ ı"));
        var random = new Random(7);
        String[] bits = {
            "the ", "then", " a", "an", "\n", "  ", "é", "'re", "9", "42", "日本", "🙂", "q", "_", "\t", END, "ing ", "."
        };
        for (int i = 0; i < 200; i++) {
            var text = new StringBuilder();
            int n = 1 + random.nextInt(60);
            for (int k = 0; k < n; k++) {
                text.append(bits[random.nextInt(bits.length)]);
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
