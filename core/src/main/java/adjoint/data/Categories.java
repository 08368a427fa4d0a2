package adjoint.data;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Different values in order, whole numbers by value.
final class Categories {
    private final boolean whole;
    private final List<String> names;
    private final TreeMap<String, Integer> labels = new TreeMap<>();

    Categories(Collection<String> values) {
        whole = values.stream().allMatch(Numbers::isWhole);
        Set<String> sorted =
                new TreeSet<>(whole ? Comparator.comparingLong(Long::parseLong) : Comparator.<String>naturalOrder());
        values.forEach(v -> sorted.add(name(v)));
        names = List.copyOf(sorted);
        names.forEach(n -> labels.put(n, labels.size()));
    }

    private String name(String value) {
        return whole ? Long.toString((long) Double.parseDouble(value)) : value;
    }

    List<String> names() {
        return names;
    }

    /// The place of one of the values.
    int label(String value) {
        return labels.get(name(value));
    }
}
