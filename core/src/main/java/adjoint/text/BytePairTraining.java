package adjoint.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;

/// Learns merges: the most frequent pair of neighbours becomes a token, and so on; of equally frequent ones that with the smaller ids.
/// Counts are kept up to date, so that a merge costs no more than the words it stands in.
final class BytePairTraining {
    private static final int BYTES = 256;
    private static final int LEAST = 2; // a pair seen once says nothing of other texts

    // A pair and how often it was seen when it was put into the queue.
    private record Counted(long count, long pair) {}

    private final List<String> special;
    private final List<Optional<byte[]>> pieces = new ArrayList<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private final Map<String, Integer> merged = new HashMap<>(); // ids of merged pieces, by byte letters
    private final Map<Long, Long> counts = new HashMap<>();
    private final Map<Long, Set<Integer>> places = new HashMap<>(); // words that may hold the pair
    private final PriorityQueue<Counted> queue =
            new PriorityQueue<>(Comparator.comparingLong(Counted::count).reversed().thenComparingLong(Counted::pair));

    BytePairTraining(List<String> special) {
        this.special = special;
    }

    BytePairTokenizer train(Iterable<String> texts, int size) {
        if (size < BYTES + special.size()) {
            throw new TokenException(
                    "byte pairs need room for the 256 bytes and "
                            + special.size()
                            + " special tokens, got a size of "
                            + size);
        }
        List<BytePairTokenizer.Added> added = new ArrayList<>();
        for (String s : special) {
            if (s.isEmpty() || special.indexOf(s) != added.size()) {
                throw new TokenException("special tokens must differ and not be empty, got " + special);
            }
            added.add(new BytePairTokenizer.Added(pieces.size(), s, true, false, false, false));
            pieces.add(Optional.of(s.getBytes(StandardCharsets.UTF_8)));
        }
        int[] ofByte = new int[BYTES];
        IntStream.range(0, BYTES)
                .boxed()
                .sorted(Comparator.comparing(b -> ByteLetters.of(new byte[] {(byte) (int) b}))) // GPT-2's order
                .forEach(b -> {
                    ofByte[b] = pieces.size();
                    pieces.add(Optional.of(new byte[] {(byte) (int) b}));
                });
        List<PreTokenizer> steps = List.of(new PreTokenizer.ByteLevel(false, true));
        read(texts, steps, ofByte);
        var merges = new Merges(learn(size));
        return new BytePairTokenizer(
                new BytePairTokenizer.Parts(pieces, merges, steps, false, false, Optional.empty(), added));
    }

    private void read(Iterable<String> texts, List<PreTokenizer> steps, int... ofByte) {
        Map<String, Long> seen = new LinkedHashMap<>();
        for (String text : texts) {
            for (String word : BytePairTokenizer.words(steps, List.of(text))) {
                seen.merge(word, 1L, Long::sum);
            }
        }
        seen.forEach((word, n) -> {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            int[] symbols = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                symbols[i] = ofByte[bytes[i] & 255];
            }
            words.add(symbols);
            times.add(n);
        });
        for (int w = 0; w < words.size(); w++) {
            count(w, 1, null);
        }
        counts.forEach((pair, n) -> queue.add(new Counted(n, pair)));
    }

    // Adds a word's pairs to the counts, or takes them away.
    private void count(int word, int sign, Set<Long> changed) {
        int[] s = words.get(word);
        for (int i = 0; i + 1 < s.length; i++) {
            long pair = Merges.pair(s[i], s[i + 1]);
            counts.merge(pair, sign * times.get(word), Long::sum);
            if (sign > 0) {
                places.computeIfAbsent(pair, _ -> new LinkedHashSet<>()).add(word);
            }
            if (changed != null) {
                changed.add(pair);
            }
        }
    }

    private List<Merges.Merge> learn(int size) {
        List<Merges.Merge> merges = new ArrayList<>();
        while (pieces.size() < size) {
            Counted best = queue.poll();
            if (best == null) {
                break;
            }
            long now = counts.getOrDefault(best.pair, 0L);
            if (now != best.count) {
                continue; // it was put into the queue again when it changed
            }
            if (now < LEAST) {
                break;
            }
            int left = (int) (best.pair >> 32);
            int right = (int) best.pair;
            int merged = token(joined(pieces.get(left).get(), pieces.get(right).get()));
            merges.add(new Merges.Merge(left, right, merged));
            Set<Long> changed = new LinkedHashSet<>();
            for (int word : places.remove(best.pair)) {
                count(word, -1, changed);
                words.set(word, merge(words.get(word), left, right, merged));
                count(word, 1, changed);
            }
            counts.remove(best.pair);
            for (long pair : changed) {
                long n = counts.getOrDefault(pair, 0L);
                if (n > 0) {
                    queue.add(new Counted(n, pair));
                } else {
                    counts.remove(pair);
                }
            }
        }
        return merges;
    }

    // Two pairs may make the same piece: ab·c and a·bc.
    private int token(byte[] piece) {
        Integer known = merged.putIfAbsent(ByteLetters.of(piece), pieces.size());
        if (known != null) {
            return known;
        }
        pieces.add(Optional.of(piece));
        return pieces.size() - 1;
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static int[] merge(int[] symbols, int left, int right, int merged) {
        int n = 0;
        int[] out = new int[symbols.length];
        for (int i = 0; i < symbols.length; i++) {
            if (i + 1 < symbols.length && symbols[i] == left && symbols[i + 1] == right) {
                out[n++] = merged;
                i++;
            } else {
                out[n++] = symbols[i];
            }
        }
        return Arrays.copyOf(out, n);
    }
}
