package adjoint.data;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The name that was probably meant: the one that shares most pairs of neighbouring letters (Dice's coefficient).
final class Nearest {
    private static final double ALIKE = 0.4;

    private Nearest() {}

    /// `; did you mean "text"?` for `txt`, or nothing.
    static String hint(String told, List<String> names) {
        Optional<String> best = Optional.empty();
        double most = ALIKE;
        for (String name : names) {
            double alike = alike(told, name);
            if (alike >= most && (best.isEmpty() || alike > most)) {
                most = alike;
                best = Optional.of(name);
            }
        }
        return best.map(n -> "; did you mean \"" + n + "\"?").orElse("");
    }

    private static double alike(String a, String b) {
        Set<String> pairs = pairs(a);
        Set<String> others = pairs(b);
        Set<String> shared = new HashSet<>(pairs);
        shared.retainAll(others);
        return 2.0 * shared.size() / Math.max(1, pairs.size() + others.size());
    }

    private static Set<String> pairs(String name) {
        String text = name.toLowerCase(Locale.ROOT);
        return IntStream.range(0, text.length() - 1)
                .mapToObj(i -> text.substring(i, i + 2))
                .collect(Collectors.toSet());
    }
}
