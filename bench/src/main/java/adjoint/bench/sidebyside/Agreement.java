package adjoint.bench.sidebyside;

import java.util.List;
import java.util.Locale;

/// How far a contender's losses over the first steps are from libtorch's: all begin with the same weights and batches, so
/// only rounding may tell them apart, and rounding grows slowly.
///
/// @param early the largest relative difference of the first five steps
/// @param all that of all steps
record Agreement(double early, double all) {
    private static final int EARLY_STEPS = 5;
    private static final double EARLY_LIMIT = 1e-4;
    private static final double LIMIT = 1e-3;

    static Agreement of(List<Double> losses, List<Double> reference) {
        double early = 0;
        double all = 0;
        int n = Math.min(losses.size(), reference.size());
        for (int i = 0; i < n; i++) {
            double difference = Math.abs(losses.get(i) - reference.get(i)) / Math.abs(reference.get(i));
            all = larger(all, difference);
            early = i < EARLY_STEPS ? larger(early, difference) : early;
        }
        return new Agreement(early, all);
    }

    // NaN is the largest.
    private static double larger(double a, double b) {
        return Double.isNaN(b) ? b : Math.max(a, b);
    }

    boolean holds() {
        return early <= EARLY_LIMIT && all <= LIMIT; // false for NaN
    }

    @Override
    public String toString() {
        String limits = holds() ? "" : String.format(Locale.ROOT, " (allowed: %.0e, %.0e)", EARLY_LIMIT, LIMIT);
        return String.format(Locale.ROOT, "%.1e, %.1e%s", early, all, limits);
    }
}
