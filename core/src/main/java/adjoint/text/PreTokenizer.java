package adjoint.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts text into words, inside which pairs merge. What it cuts it keeps: the words joined are the text.
sealed interface PreTokenizer {
    /// Words of GPT-2: contractions, letters, digits, and others, each with the space before it.
    String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /// The parts of a text.
    List<String> split(String text);

    /// The split of GPT-2, with a space put in front if need be.
    record ByteLevel(boolean prefixSpace, boolean split) implements PreTokenizer {
        private static final Split WORDS = new Split(GPT2, true);

        @Override
        public List<String> split(String text) {
            String whole = prefixSpace && !text.startsWith(" ") ? " " + text : text;
            return split ? WORDS.split(whole) : List.of(whole);
        }
    }

    /// Each match of a pattern is a word, and what lies between two of them.
    ///
    /// @param pattern in the syntax of [Pattern], of which the patterns in use are
    /// @param regex whether it is a regular expression, or stands for itself
    record Split(String pattern, boolean regex, Pattern compiled) implements PreTokenizer {
        Split(String pattern, boolean regex) {
            this(pattern, regex, compile(pattern, regex));
        }

        private static Pattern compile(String pattern, boolean regex) {
            int flags = Pattern.UNICODE_CHARACTER_CLASS | (regex ? 0 : Pattern.LITERAL);
            return Pattern.compile(pattern, flags);
        }

        @Override
        public List<String> split(String text) {
            return cut(compiled.matcher(text), text);
        }
    }

    /// Digits apart from all else.
    ///
    /// @param each whether each digit is a word of its own
    record Digits(boolean each) implements PreTokenizer {
        private static final Pattern ONE = Pattern.compile("\\p{N}");
        private static final Pattern RUN = Pattern.compile("\\p{N}+");

        @Override
        public List<String> split(String text) {
            return cut((each ? ONE : RUN).matcher(text), text);
        }
    }

    private static List<String> cut(Matcher m, String text) {
        List<String> parts = new ArrayList<>();
        int at = 0;
        while (m.find()) {
            if (m.start() > at) {
                parts.add(text.substring(at, m.start()));
            }
            if (m.end() > m.start()) {
                parts.add(m.group());
            }
            at = m.end();
        }
        if (at < text.length()) {
            parts.add(text.substring(at));
        }
        return parts;
    }
}
