package adjoint.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// One axis: from where to where, and the round numbers on it.
///
/// @param low the left or lower end; of a logarithmic axis its power of ten
/// @param high the right or upper end, likewise
/// @param logarithmic whether equal distances are equal ratios
/// @param at where the ticks stand
record Ticks(double low, double high, boolean logarithmic, List<Double> at) {
    private static final int FEW_DECADES = 2;
    private static final double FINE = 1e-12; // of the largest value: ticks nearer than that would be one number

    /// An axis that holds all values.
    ///
    /// @param about how many ticks to make
    /// @param rounded whether the ends are ticks; otherwise they are the values' ends, or 0
    static Ticks of(double[] values, boolean logarithmic, int about, boolean rounded) {
        double least = Arrays.stream(values).min().orElse(logarithmic ? 1 : 0);
        double most = Arrays.stream(values).max().orElse(1);
        return logarithmic ? decades(least, most, about) : linear(least, most, about, rounded);
    }

    private static Ticks linear(double least, double most, int about, boolean rounded) {
        double start = rounded ? least : Math.min(0, least);
        double size = Math.max(Math.abs(start), Math.abs(most));
        double step = Math.max(step((most - start) / about), step(FINE * size));
        if (!rounded && most >= 1) {
            step = Math.max(1, step); // steps, layers and epochs are counted
        }
        double low = rounded ? step * Math.floor(start / step) : start;
        double high = rounded ? Math.max(low + step, step * Math.ceil(most / step)) : most > low ? most : low + step;
        List<Double> at = new ArrayList<>();
        for (long i = Math.round(Math.ceil(low / step - 1e-9)); i * step <= high + 1e-9 * step; i++) {
            at.add(i * step);
        }
        return new Ticks(low, high, false, at);
    }

    private static Ticks decades(double least, double most, int about) {
        int low = (int) Math.floor(Math.log10(least) + 1e-9);
        int high = Math.max(low + 1, (int) Math.ceil(Math.log10(most) - 1e-9));
        int every = (int) Math.max(1, step((high - low) / (double) about));
        if (every > 1) { // ends on ticks
            low = every * Math.floorDiv(low, every);
            high = every * Math.ceilDiv(high, every);
        }
        List<Double> at = new ArrayList<>();
        for (int power = low; power <= high; power += every) {
            if (Math.pow(10, power) == 0 || Double.isInfinite(Math.pow(10, power))) {
                continue; // outside what a double holds
            }
            at.add(Math.pow(10, power));
            if (high - low <= FEW_DECADES && power < high) {
                at.add(2 * Math.pow(10, power));
                at.add(5 * Math.pow(10, power));
            }
        }
        return new Ticks(low, high, true, at);
    }

    // 1, 2 or 5 times a power of ten: the next above, so that a scale is easy to read.
    private static double step(double atLeast) {
        if (!(atLeast > 0 && atLeast < Double.POSITIVE_INFINITY)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
        double leading = atLeast / power;
        return power * (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10);
    }

    /// 0 at the lower end, 1 at the upper.
    double place(double value) {
        return ((logarithmic ? Math.log10(value) : value) - low) / (high - low);
    }

    /// `0.001`, `1000`, `1e-12`.
    static String label(double value) {
        double size = Math.abs(value);
        if (size != 0 && (size < 0.9e-3 || size >= 1e5)) {
            return String.format(Locale.ROOT, "%.3e", value).replaceFirst("\\.?0*e\\+?(-?)0*(\\d)", "e$1$2");
        }
        String text = String.format(Locale.ROOT, "%.5f", value).replaceFirst("\\.?0+$", "");
        return text.equals("-0") ? "0" : text;
    }
}
