package adjoint.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Kinds of byte pairs that models come with, and texts that are awkward for them.
final class Forms {
    static final String END = "<|end|>";

    private static final String LLAMA3 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
                    + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private Forms() {}

    /// @param left whether white space around an added token belongs to it
    record Form(String name, boolean nfc, boolean wholeWords, List<PreTokenizer> steps, boolean left) {
        /// Learned from texts, with two added tokens, one of which begins as the other.
        BytePairTokenizer learned(List<String> texts) {
            BytePairTokenizer.Parts parts = BytePairTokenizer.train(texts, 700, END, END + "2").parts();
            List<BytePairTokenizer.Added> added =
                    parts.added().stream()
                            .map(a -> new BytePairTokenizer.Added(a.id(), a.content(), true, false, left, left))
                            .toList();
            return new BytePairTokenizer(
                    new BytePairTokenizer.Parts(
                            parts.pieces(), parts.merges(), steps, nfc, wholeWords, parts.unknown(), added));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Form> all() {
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

    static List<String> texts() {
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
