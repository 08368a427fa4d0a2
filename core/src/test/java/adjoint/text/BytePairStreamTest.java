package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Random;

/// A text that comes in parts has the ids of the whole.
class BytePairStreamTest {
    private static int[] inParts(BytePairTokenizer tokenizer, String text, int chunk, Random random) {
        var out = new IdList();
        BytePairStream stream = tokenizer.inParts(chunk, out);
        for (int at = 0; at < text.length(); ) {
            int to = Math.min(text.length(), at + 1 + random.nextInt(2 * chunk));
            to -= to < text.length() && Character.isLowSurrogate(text.charAt(to)) ? 1 : 0;
            to += to == at ? 2 : 0;
            stream.text(text.substring(at, to));
            at = to;
        }
        stream.end();
        return out.toArray();
    }

    @ParameterizedTest
    @MethodSource("adjoint.text.Forms#all")
    void whereverItIsCut(Forms.Form form) {
        List<String> texts = Forms.texts();
        BytePairTokenizer tokenizer = form.learned(texts);
        var random = new Random(3);
        for (int chunk : new int[] {1, 3, 20}) {
            for (String text : texts) {
                assertThat(inParts(tokenizer, text, chunk, random)).as(text).isEqualTo(tokenizer.encode(text));
            }
            String all = String.join("", texts);
            assertThat(inParts(tokenizer, all, 10 * chunk, random)).isEqualTo(tokenizer.encode(all));
        }
    }

    @Test
    void tokensAreFoundInTheNormalizedTextToo() {
        BytePairTokenizer.Parts parts = BytePairTokenizer.train("eéa é a", 300, "é<").parts();
        BytePairTokenizer.Added token = new BytePairTokenizer.Added(0, "é<", false, true, true, true);
        var tokenizer =
                new BytePairTokenizer(
                        new BytePairTokenizer.Parts(
                                parts.pieces(),
                                parts.merges(),
                                parts.steps(),
                                true,
                                false,
                                parts.unknown(),
                                List.of(token)));
        String text = "a e\u0301<   a  e\u0301 <e\u0301<\n\n";
        int[] ids = tokenizer.encode(text);
        assertThat(ids).contains(0).endsWith(0);
        for (int i = 1; i < 50; i++) {
            assertThat(inParts(tokenizer, text, 1 + i % 5, new Random(i))).isEqualTo(ids);
        }
    }

    // What a word is depends on the text before: it is held until the end.
    @Test
    void patternsThatLookBackAreCutWell() {
        var steps =
                List.<PreTokenizer>of(
                        new PreTokenizer.Split("(?<=a)b+|\\w", true), new PreTokenizer.ByteLevel(true, false));
        BytePairTokenizer.Parts parts = BytePairTokenizer.train("abb bbab abba bb", 300).parts();
        var tokenizer =
                new BytePairTokenizer(
                        new BytePairTokenizer.Parts(
                                parts.pieces(), parts.merges(), steps, false, false, parts.unknown(), List.of()));
        String text = "abbb bbabbbbb abbab".repeat(20);
        assertThat(inParts(tokenizer, text, 3, new Random(1))).isEqualTo(tokenizer.encode(text));
    }

    @Test
    void whatJoinsForEverIsNotHeldForEver() {
        var out = new IdList();
        BytePairStream stream = BytePairTokenizer.train("a", 256).inParts(BytePairStream.CHUNK, out);
        stream.text("a".repeat(BytePairStream.LONGEST + 1));
        assertThat(out.toArray()).isNotEmpty();
        stream.text("a");
        stream.end();
        assertThat(out.toArray()).hasSize(BytePairStream.LONGEST + 2);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ' ',
            value = {
                "(?<=a)b true",
                "(?<!a)b true",
                "^a true",
                "\\ba true",
                "a\\B true",
                "\\Aa true",
                "[^a]b false",
                "[\\^b]\\^ false",
                "(?<n>a) false",
                "\\\\b false",
                "\\p{L}+(?!b) false",
                "a|[b]^c true"
            })
    void whetherAPatternLooksBack(String pattern, boolean back) {
        assertThat(new PreTokenizer.Split(pattern, true).looksBack()).isEqualTo(back);
        assertThat(new PreTokenizer.Split(pattern, false).looksBack()).isFalse();
    }
}
