package adjoint.lab;

import java.util.Locale;

/// Numbers in sentences and tables.
final class Text {
    private Text() {}

    /// `String.format`, the same in every country.
    static String of(String format, Object... args) {
        return args.length == 0 ? format : String.format(Locale.ROOT, format, args);
    }

    /// `0.0123`, `1.2e-14`: four digits at most.
    static String number(double x) {
        double size = Math.abs(x);
        return x == 0 ? "0" : size >= 1e-3 && size < 1e5 ? of("%.4g", x) : of("%.1e", x);
    }

    /// `-0.0239`, and `0.0000` without a sign.
    static String slope(double x) {
        return of("%.4f", Math.abs(x) < 0.00005 ? 0 : x);
    }

    /// `97.31 %`
    static String percent(double share) {
        return of("%.2f %%", 100 * share);
    }
}
