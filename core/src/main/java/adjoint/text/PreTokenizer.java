package adjoint.text;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts text into words, inside which pairs merge. What it cuts it keeps: the words joined are the text.
sealed interface PreTokenizer {
    /// Words of GPT-2: contractions, letters, digits, and others, each with the space before it.
    String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /// Adds the words at the beginning of a text that stay the same whatever follows, or all words if nothing follows.
    ///
    /// @return how many characters they have
    int cut(String text, boolean last, List<String> words);

    /// Whether a cut may depend on the text before it.
    default boolean looksBack() {
        return false;
    }

    /// The split of GPT-2, with a space put in front if need be.
    record ByteLevel(boolean prefixSpace, boolean split) implements PreTokenizer {
        static final Split WORDS = new Split(GPT2, true);

        @Override
        public int cut(String text, boolean last, List<String> words) {
            String whole = prefixSpace && !text.startsWith(" ") ? " " + text : text;
            if (split) {
                return WORDS.cut(whole, last, words);
            }
            words.add(whole);
            return whole.length();
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
        public int cut(String text, boolean last, List<String> words) {
            return PreTokenizer.cut(compiled.matcher(text), text, last, words);
        }

        @Override
        public boolean looksBack() {
            int brackets = 0;
            for (int i = 0; regex && i < pattern.length(); i++) {
                char c = pattern.charAt(i);
                if (c == '\\') {
                    i++;
                    if (brackets == 0 && i < pattern.length() && "bBAG".indexOf(pattern.charAt(i)) >= 0) {
                        return true;
                    }
                } else if (c == '[') {
                    brackets++;
                } else if (c == ']') {
                    brackets = Math.max(0, brackets - 1);
                } else if (brackets == 0
                        && (c == '^' || pattern.startsWith("(?<=", i) || pattern.startsWith("(?<!", i))) {
                    return true;
                }
            }
            return false;
        }
    }

    /// Digits apart from all else.
    ///
    /// @param each whether each digit is a word of its own
    record Digits(boolean each) implements PreTokenizer {
        private static final Pattern ONE = Pattern.compile("\\p{N}");
        private static final Pattern RUN = Pattern.compile("\\p{N}+");

        @Override
        public int cut(String text, boolean last, List<String> words) {
            return PreTokenizer.cut((each ? ONE : RUN).matcher(text), text, last, words);
        }
    }

    private static int cut(Matcher m, String text, boolean last, List<String> words) {
        int at = 0;
        while (m.find() && (last || !m.hitEnd())) { // a match that has seen the end may be another with more text
            if (m.start() > at) {
                words.add(text.substring(at, m.start()));
            }
            if (m.end() > m.start()) {
                words.add(m.group());
            }
            at = m.end();
        }
        if (last && at < text.length()) {
            words.add(text.substring(at));
        }
        return last ? text.length() : at;
    }
}
