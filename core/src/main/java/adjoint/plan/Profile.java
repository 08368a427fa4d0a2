package adjoint.plan;

import java.util.List;
import java.util.Locale;

/// Where the time of a plan goes: what each step takes, and how that compares with what the machine can do.
///
/// @param rows one for each step, in order
/// @param threads of the team that shared the longer steps
/// @param peakGigaflops the most that the machine gives to so many threads, or NaN where that is not known
public record Profile(List<Row> rows, int threads, double peakGigaflops) {
    private static final int SHOWN = 56;

    /// One step.
    ///
    /// @param computes its operations
    /// @param operands types and shapes of what it reads and writes
    /// @param nanoseconds the median of several runs
    /// @param flops its floating-point operations
    /// @param bytes what it reads and writes
    public record Row(String computes, String operands, double nanoseconds, long flops, long bytes) {
        /// 10⁹ floating-point operations a second.
        public double gigaflops() {
            return flops / nanoseconds;
        }

        /// 10⁹ bytes a second.
        public double gigabytes() {
            return bytes / nanoseconds;
        }
    }

    /// The sum over all steps.
    public double nanoseconds() {
        return rows.stream().mapToDouble(Row::nanoseconds).sum();
    }

    /// The share of the machine's peak that the whole reaches.
    public double shareOfPeak() {
        return rows.stream().mapToLong(Row::flops).sum() / nanoseconds() / peakGigaflops;
    }

    /// As a table.
    public String describe() {
        double all = nanoseconds();
        int width = rows.stream().mapToInt(r -> Math.min(SHOWN, r.computes.length())).max().orElse(8);
        String line = "%4s  %-" + Math.max(8, width) + "s  %10s  %5s  %8s  %7s  %5s  %s%n";
        var text =
                new StringBuilder(String.format(line, "step", "computes", "µs", "%", "GFLOP/s", "GB/s", "peak", "on"));
        for (int i = 0; i < rows.size(); i++) {
            Row r = rows.get(i);
            String what = r.computes.length() <= SHOWN ? r.computes : r.computes.substring(0, SHOWN - 1) + "…";
            text.append(
                    String.format(
                            Locale.ROOT,
                            line,
                            i,
                            what,
                            number("%.1f", r.nanoseconds / 1000),
                            number("%.1f", 100 * r.nanoseconds / all),
                            number("%.1f", r.gigaflops()),
                            number("%.1f", r.gigabytes()),
                            number("%.0f%%", 100 * r.gigaflops() / peakGigaflops),
                            r.operands));
        }
        return text.append(
                        String.format(
                                Locale.ROOT,
                                "%d steps on %d thread%s: %.3f ms, %s GFLOP/s, %s %% of the peak of %.0f%n",
                                rows.size(),
                                threads,
                                threads == 1 ? "" : "s",
                                all / 1e6,
                                number("%.1f", shareOfPeak() * peakGigaflops),
                                number("%.0f", 100 * shareOfPeak()),
                                peakGigaflops))
                .toString();
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
    }

    @Override
    public String toString() {
        return describe();
    }
}
