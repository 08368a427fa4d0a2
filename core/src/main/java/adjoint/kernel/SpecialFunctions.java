package adjoint.kernel;

/// Functions that `java.lang.Math` lacks, in double precision.
final class SpecialFunctions {
    private static final double TWO_OVER_SQRT_PI = 1.1283791670955126;

    private SpecialFunctions() {}

    /// The error function `2/√π ∫₀ˣ exp(-t²) dt`, to a few units in the last place.
    static double erf(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        double a = Math.abs(x);
        if (a > 6) {
            return Math.signum(x);
        }
        return Math.copySign(a < 2.5 ? series(a) : 1 - complement(a), x);
    }

    // 2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!: all terms positive, nothing cancels.
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
    }

    // erfc by its continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + …))), evaluated from the back.
    private static double complement(double x) {
        double fraction = x;
        for (int n = 60; n >= 1; n--) {
            fraction = x + n / 2.0 / fraction;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
    }
}
