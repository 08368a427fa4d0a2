package adjoint.text;

import adjoint.text.BytePairTokenizer.Added;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Byte pairs of a text that comes in parts. The ids are those of the whole text: of what has come, only that is encoded which no
/// later text can change, and the rest is held until more comes.
///
/// The text passes through stages: added tokens are taken out of it, it is normalized, added tokens are taken out of that, and
/// what lies between them is cut into words.
final class BytePairStream implements Encoding {
    static final int CHUNK = 1 << 18; // characters that are looked at together
    static final int LONGEST = 1 << 24; // characters that are held at most

    private final Stage first;

    /// @param tokens of a word
    /// @param chunk how many characters are waited for
    BytePairStream(
            BytePairTokenizer.Parts parts, Finders finders, Function<String, int[]> tokens, int chunk, IdList out) {
        Stage words = new Words(parts.steps(), tokens, chunk, out);
        Stage plain = finders.normalized.pattern.isEmpty() ? words : new Taken(finders.normalized, words, chunk, out);
        Stage unified = parts.nfc() ? new Normalized(plain, chunk) : plain;
        first = finders.raw.pattern.isEmpty() ? unified : new Taken(finders.raw, unified, chunk, out);
    }

    @Override
    public void text(String part) {
        first.text(part);
    }

    @Override
    public void end() {
        first.end();
    }

    /// What finds added tokens in the text, and in the normalized text.
    record Finders(Finder raw, Finder normalized) {
        static Finders of(List<Added> added) {
            return new Finders(
                    Finder.of(added.stream().filter(a -> !a.normalized()).toList()),
                    Finder.of(added.stream().filter(Added::normalized).toList()));
        }
    }

    /// Finds added tokens, of several at one place the longest.
    ///
    /// @param longest how many characters a token has at most
    /// @param left whether white space before one may belong to it
    private record Finder(Optional<Pattern> pattern, Map<String, Added> byContent, int longest, boolean left) {
        static Finder of(List<Added> tokens) {
            Map<String, Added> byContent = new HashMap<>();
            tokens.forEach(t -> byContent.put(t.content(), t));
            Optional<Pattern> pattern =
                    tokens.isEmpty()
                            ? Optional.empty()
                            : Optional.of(
                                    Pattern.compile(
                                            byContent.keySet().stream()
                                                    .sorted(Comparator.comparingInt(String::length).reversed())
                                                    .map(Pattern::quote)
                                                    .collect(Collectors.joining("|"))));
            int longest = tokens.stream().mapToInt(t -> t.content().length()).max().orElse(0);
            return new Finder(pattern, byContent, longest, tokens.stream().anyMatch(Added::left));
        }
    }

    // Holds text until there is enough of it.
    private abstract static class Stage {
        private final int chunk;
        private final StringBuilder held = new StringBuilder();
        private int enough;

        Stage(int chunk) {
            this.chunk = chunk;
            this.enough = chunk;
        }

        final void text(String part) {
            held.append(part);
            if (held.length() >= enough) {
                held.delete(0, take(held.toString(), false));
                // twice what could not be taken, so that it is not looked at again and again
                enough = (int) Math.min(Integer.MAX_VALUE, Math.max(chunk, 2L * held.length()));
            }
        }

        // No more text joins what has come.
        final void end() {
            String all = held.toString();
            held.setLength(0);
            enough = chunk;
            take(all, true);
            ended();
        }

        // Passes on what is sure, or all at the last, and says how many characters that was.
        abstract int take(String all, boolean last);

        abstract void ended();
    }

    // Takes added tokens out of the text.
    private static final class Taken extends Stage {
        private final Finder finder;
        private final Stage next;
        private final IdList out;
        private boolean strips; // white space that comes belongs to the token before

        Taken(Finder finder, Stage next, int chunk, IdList out) {
            super(chunk);
            this.finder = finder;
            this.next = next;
            this.out = out;
        }

        @Override
        int take(String all, boolean last) {
            int at = stripped(all, 0);
            Matcher m = finder.pattern.get().matcher(all);
            while (at < all.length() && m.find(at) && (last || m.start() + finder.longest <= all.length())) {
                Added token = finder.byContent.get(m.group());
                int start = m.start();
                while (token.left() && start > at && isWhiteSpace(all.charAt(start - 1))) {
                    start--;
                }
                next.text(all.substring(at, start));
                next.end();
                out.add(token.id());
                strips = token.right();
                at = stripped(all, m.end());
            }
            int sure = last ? all.length() : sure(all, at);
            next.text(all.substring(at, sure));
            return sure;
        }

        private int stripped(String all, int from) {
            int at = from;
            while (strips && at < all.length() && isWhiteSpace(all.charAt(at))) {
                at++;
            }
            strips &= at == all.length();
            return at;
        }

        // Before what may be the beginning of a token, and white space that would belong to it.
        private int sure(String all, int from) {
            int at = Math.max(from, all.length() - finder.longest + 1);
            if (at > from && at < all.length() && Character.isLowSurrogate(all.charAt(at))) {
                at--;
            }
            while (finder.left && at > from && isWhiteSpace(all.charAt(at - 1))) {
                at--;
            }
            return at;
        }

        // The Unicode property, which knows the no-break space.
        private static boolean isWhiteSpace(char c) {
            return c >= '\t' && c <= '\r' || c == 0x85 || Character.isSpaceChar(c);
        }

        @Override
        void ended() {
            strips = false;
            next.end();
        }
    }

    // Unicode's normal form C.
    private static final class Normalized extends Stage {
        private final Stage next;

        Normalized(Stage next, int chunk) {
            super(chunk);
            this.next = next;
        }

        @Override
        int take(String all, boolean last) {
            int sure = all.length();
            if (!last) {
                do {
                    sure--;
                } while (sure > 0 && !beginsAnew(all.charAt(sure)));
                sure = sure == 0 && all.length() > LONGEST ? place(all) : sure;
            }
            next.text(Normalizer.normalize(all.substring(0, sure), Normalizer.Form.NFC));
            return sure;
        }

        // What never joins the character before: all below the first combining mark, and the ideographs in most use.
        private static boolean beginsAnew(char c) {
            return c < 0x300 || c >= 0x4E00 && c <= 0x9FFF;
        }

        @Override
        void ended() {
            next.end();
        }
    }

    // Cuts what lies between added tokens into words, and these into tokens. Where the first step cuts, nothing joins:
    // the other
    // steps see its words one by one.
    private static final class Words extends Stage {
        private final boolean prefix;
        private final Optional<PreTokenizer> first;
        private final boolean patient;
        private final List<PreTokenizer> others;
        private final Function<String, int[]> tokens;
        private final IdList out;
        private boolean begun;

        Words(List<PreTokenizer> steps, Function<String, int[]> tokens, int chunk, IdList out) {
            super(chunk);
            int whole = 0;
            boolean space = false;
            while (whole < steps.size() && steps.get(whole) instanceof PreTokenizer.ByteLevel b && !b.split()) {
                space |= b.prefixSpace();
                whole++;
            }
            boolean some = whole < steps.size();
            PreTokenizer step = some ? steps.get(whole) : null;
            if (step instanceof PreTokenizer.ByteLevel b) {
                space |= b.prefixSpace();
                step = PreTokenizer.ByteLevel.WORDS;
            }
            this.prefix = space;
            this.first = Optional.ofNullable(step);
            this.patient = !some || step.looksBack();
            this.others = some ? steps.subList(whole + 1, steps.size()) : List.of();
            this.tokens = tokens;
            this.out = out;
        }

        @Override
        int take(String all, boolean last) {
            if (all.isEmpty()) {
                return 0;
            }
            boolean space = prefix && !begun && !all.startsWith(" ");
            String text = space ? " " + all : all;
            List<String> words = new ArrayList<>();
            int taken = last || !patient ? cut(text, last, words) : 0;
            if (taken == 0 && text.length() > LONGEST) {
                taken = place(text);
                cut(text.substring(0, taken), true, words);
            }
            begun |= taken > 0;
            for (String word : BytePairTokenizer.words(others, words)) {
                out.addAll(tokens.apply(word));
            }
            return space ? Math.max(0, taken - 1) : taken;
        }

        private int cut(String text, boolean last, List<String> words) {
            if (first.isPresent()) {
                return first.get().cut(text, last, words);
            }
            words.add(text); // only at the last
            return text.length();
        }

        @Override
        void ended() {
            begun = false;
        }
    }

    // Where a text that joins everywhere is cut nevertheless: at a line end, else at white space, else anywhere.
    private static int place(String text) {
        int at = text.lastIndexOf('\n');
        at = at > 0 ? at : text.lastIndexOf(' ');
        at = at > 0 ? at : text.length() - 1;
        return Character.isLowSurrogate(text.charAt(at)) ? at - 1 : at;
    }
}
