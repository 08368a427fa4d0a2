package adjoint.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/// The merges of byte-pair encoding, and how they are applied to one word: of all neighbours that may merge, always the pair that was
/// learned first; of equal pairs the leftmost.
final class Merges {
    /// Two neighbours and what they become.
    record Merge(int left, int right, int merged) {}

    private record Known(int rank, int merged) {}

    // A pair of neighbours that may merge; it may be out of date when its turn comes.
    private record Candidate(int rank, int at, int left, int right) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate o) {
            return rank != o.rank ? Integer.compare(rank, o.rank) : Integer.compare(at, o.at);
        }
    }

    private final List<Merge> inOrder;
    private final Map<Long, Known> known = new HashMap<>();

    Merges(List<Merge> inOrder) {
        this.inOrder = List.copyOf(inOrder);
        for (int i = 0; i < inOrder.size(); i++) {
            Merge m = inOrder.get(i);
            known.put(pair(m.left, m.right), new Known(i, m.merged)); // of a pair given twice the last counts
        }
    }

    static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    List<Merge> inOrder() {
        return inOrder;
    }

    /// The tokens of a word: O(n log n), since a word may have millions of letters.
    int[] apply(int... symbols) {
        int n = symbols.length;
        int[] token = symbols.clone(); // -1: merged into the one before
        int[] next = new int[n];
        int[] before = new int[n];
        var queue = new PriorityQueue<Candidate>();
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            before[i] = i - 1;
        }
        for (int i = 0; i + 1 < n; i++) {
            offer(queue, i, token[i], token[i + 1]);
        }
        int left = n;
        for (Candidate c = queue.poll(); c != null; c = queue.poll()) {
            int right = c.at < n ? next[c.at] : n;
            if (token[c.at] != c.left || right >= n || token[right] != c.right) {
                continue; // one of the two has merged with another meanwhile
            }
            token[c.at] = known.get(pair(c.left, c.right)).merged;
            token[right] = -1;
            next[c.at] = next[right];
            if (next[right] < n) {
                before[next[right]] = c.at;
                offer(queue, c.at, token[c.at], token[next[right]]);
            }
            if (before[c.at] >= 0) {
                offer(queue, before[c.at], token[before[c.at]], token[c.at]);
            }
            left--;
        }
        int[] out = new int[left];
        for (int i = 0, to = 0; i < n; i = next[i]) {
            out[to++] = token[i];
        }
        return out;
    }

    private void offer(PriorityQueue<Candidate> queue, int at, int left, int right) {
        Known k = known.get(pair(left, right));
        if (k != null) {
            queue.add(new Candidate(k.rank, at, left, right));
        }
    }
}
