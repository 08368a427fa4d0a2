package adjoint.optim;

import adjoint.tensor.AdjointException;

import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Picks parameters by name: `*` stands for any characters, dots included, and `?` for one.
///
/// ```java
/// optimizer.group("head.*", rule -> rule.scheduled(rule.rate().times(10)))
///         .freeze(Names.except("head.*", "*.bias"));
/// ```
///
/// @param patterns which names
/// @param except whether all names but those are meant
public record Names(List<String> patterns, boolean except) implements Predicate<String> {
    /// @throws AdjointException if there is no pattern
    public Names {
        patterns = List.copyOf(patterns);
        if (patterns.isEmpty()) {
            throw new AdjointException("names need a pattern or more, such as \"head.*\", got none");
        }
    }

    /// Names that match one of the patterns as a whole.
    public static Names like(String... patterns) {
        return new Names(List.of(patterns), false);
    }

    /// Names that match none of the patterns.
    public static Names except(String... patterns) {
        return new Names(List.of(patterns), true);
    }

    @Override
    public boolean test(String name) {
        return except != patterns.stream().anyMatch(p -> matches(p, name));
    }

    @Override
    public Names negate() {
        return new Names(patterns, !except);
    }

    private static boolean matches(String pattern, String name) {
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return name.matches(regex);
    }

    @Override
    public String toString() {
        return (except ? "all but " : "") + String.join(", ", patterns);
    }
}
