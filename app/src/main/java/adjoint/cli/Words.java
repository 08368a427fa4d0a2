package adjoint.cli;

import java.util.Locale;

/// Numbers as one writes them.
final class Words {
    private Words() {}

    /// `1 epoch`, `2 epochs`.
    static String count(long n, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", n, what, n == 1 ? "" : "s");
    }

    /// `0.001`, `1e30`.
    static String number(double x) {
        return Double.toString(x).replaceFirst("\\.0(?=E|$)", "").replace('E', 'e');
    }
}
