package adjoint.data;

import java.util.Locale;
import java.util.Set;

/// What a cell of text stands for.
final class Numbers {
    private static final Set<String> NOT_FINITE = Set.of("nan", "inf", "infinity");
    private static final double WHOLE_LIMIT = 1L << 53;

    private Numbers() {}

    /// Whether it is a decimal number, perhaps with an exponent; not `NaN`, not `1f`.
    static boolean isNumber(String cell) {
        if (cell.isEmpty() || cell.chars().anyMatch(c -> "0123456789.+-eE".indexOf(c) < 0)) {
            return false;
        }
        try {
            Double.parseDouble(cell);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /// Whether it is one of the words that other programs write for a value that is no number or infinite.
    static boolean isNotFinite(String cell) {
        String word = cell.startsWith("-") || cell.startsWith("+") ? cell.substring(1) : cell;
        return NOT_FINITE.contains(word.toLowerCase(Locale.ROOT));
    }

    /// Whether it is a number without a fraction, such as `3` or `3.0`.
    static boolean isWhole(String cell) {
        return isNumber(cell)
                && Math.rint(Double.parseDouble(cell)) == Double.parseDouble(cell)
                && Math.abs(Double.parseDouble(cell)) <= WHOLE_LIMIT;
    }
}
