package adjoint.bench.sidebyside;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// An outcome as Markdown tables.
final class Report {
    private static final String NONE = "–";
    private static final List<Workload> COMPUTING =
            List.of(Workload.MLP_LARGE, Workload.RESNET20, Workload.CHAR_GPT, Workload.LSTM, Workload.ODD_CONV);

    private final Outcome outcome;
    private final List<Entrant> entrants;
    private final StringBuilder text = new StringBuilder();

    private Report(Outcome outcome, List<Entrant> entrants) {
        this.outcome = outcome;
        this.entrants = entrants;
    }

    static String of(Outcome outcome, List<Entrant> entrants) {
        var report = new Report(outcome, entrants);
        report.text.append("%s, %s, Java %s\n".formatted(outcome.date(), outcome.cpu(), outcome.java()));
        report.races();
        if (outcome.heats().isEmpty()) {
            return report.text.toString();
        }
        report.times();
        report.best();
        report.kernels();
        report.shares();
        report.memory();
        report.starts();
        report.agreements();
        return report.text.toString();
    }

    private void races() {
        if (outcome.races().isEmpty()) {
            return;
        }
        title("Seconds for a whole training, from the start of the process; Adjoint against the fastest libtorch");
        header("workload", "threads", "steps", "ratio");
        for (Race.Result race : outcome.races()) {
            List<String> cells = new ArrayList<>(List.of(race.workload().title(), Integer.toString(race.threads())));
            for (Entrant entrant : entrants) {
                double seconds = race.seconds().getOrDefault(entrant, Double.NaN);
                cells.add(Double.isNaN(seconds) ? NONE : format("%.1f", seconds));
            }
            cells.add(Integer.toString(race.steps()));
            cells.add(race.ratio().map(r -> format("%.2f", r)).orElse(NONE));
            line(cells);
        }
    }

    private void times() {
        title("Milliseconds a step: median (fastest block); Adjoint against the fastest libtorch (lower is better)");
        header("workload", "threads", "ratio");
        for (Heat.Result heat : outcome.heats()) {
            row(
                    heat,
                    heat.ratio().map(r -> format("%.2f", r)).orElse(NONE),
                    e ->
                            e.isTimed()
                                    ? format("%.3g (%.3g)", e.median(), e.fastest())
                                    : e.refusal().map(r -> "refused").orElse(NONE));
        }
        outcome.heats().stream()
                .flatMap(h ->
                        h.entries().stream()
                                .flatMap(e ->
                                        e.refusal().stream()
                                                .map(r ->
                                                        e.entrant().title() + ", " + h.workload().title() + ": " + r)))
                .distinct()
                .forEach(refusal -> text.append("\n").append(refusal).append("\n"));
    }

    // A user takes the fastest; and Adjoint as it comes, which is with all processors.
    private void best() {
        int most = outcome.heats().stream().mapToInt(Heat.Result::threads).max().orElse(0);
        if (outcome.heats().stream().allMatch(h -> h.threads() == most)) {
            return;
        }
        title("Adjoint with %d threads against the fastest libtorch with any number of threads".formatted(most));
        line(List.of("workload", "Adjoint", "fastest libtorch", "its threads", "ratio"));
        text.append("|---".repeat(5)).append("|\n");
        for (Heat.Result heat : outcome.heats()) {
            Optional<Heat.Entry> ours = heat.entry(Entrant.ADJOINT).filter(Heat.Entry::isTimed);
            Optional<Heat.Result> rival =
                    outcome.heats().stream()
                            .filter(h -> h.workload() == heat.workload() && h.fastestLibtorch().isPresent())
                            .min(Comparator.comparingDouble(h -> h.fastestLibtorch().orElseThrow().median()));
            if (heat.threads() == most && ours.isPresent() && rival.isPresent()) {
                Heat.Entry theirs = rival.get().fastestLibtorch().orElseThrow();
                line(
                        List.of(
                                heat.workload().title(),
                                format("%.3g", ours.get().median()),
                                format("%.3g, %s", theirs.median(), theirs.entrant().title()),
                                Integer.toString(rival.get().threads()),
                                format("%.2f", ours.get().median() / theirs.median())));
            }
        }
    }

    private void kernels() {
        if (outcome.heats().stream().allMatch(h -> h.vectorRatio().isEmpty())) {
            return;
        }
        title("Vector kernels only, as a multiple of the time with native ones");
        line(List.of("workload", "threads", "multiple"));
        text.append("|---".repeat(3)).append("|\n");
        for (Heat.Result heat : outcome.heats()) {
            line(
                    List.of(
                            heat.workload().title(),
                            Integer.toString(heat.threads()),
                            heat.vectorRatio().map(r -> format("%.2f", r)).orElse(NONE)));
        }
    }

    private void shares() {
        List<Heat.Result> heats = outcome.heats().stream().filter(h -> COMPUTING.contains(h.workload())).toList();
        if (heats.isEmpty()) {
            return;
        }
        title("Share of the machine's peak");
        outcome.peaks()
                .forEach((threads, peak) ->
                        text.append(
                                "Peak with %d thread%s: %.0f GFLOP/s. "
                                        .formatted(threads, threads == 1 ? "" : "s", peak)));
        text.append("\n\n");
        header("workload", "threads", "GFLOP a step");
        for (Heat.Result heat : heats) {
            double operations = heat.workload().operations() * 1e-9;
            double peak = outcome.peaks().get(heat.threads());
            row(
                    heat,
                    format("%.3g", operations),
                    e -> e.isTimed() ? format("%.0f %%", 100 * operations / (e.median() * 1e-3) / peak) : NONE);
        }
    }

    private void memory() {
        title("Peak resident memory, MB");
        header("workload", "threads");
        for (Heat.Result heat : outcome.heats()) {
            row(heat, null, e -> e.megabytes() < 0 ? NONE : Long.toString(e.megabytes()));
        }
    }

    private void starts() {
        if (outcome.starts().isEmpty()) {
            return;
        }
        title("Seconds from the start of the process to the end of the first step of mlp-small: median (fastest)");
        outcome.starts()
                .forEach((entrant, seconds) ->
                        text.append(
                                "- %s: %s\n"
                                        .formatted(
                                                entrant.title(),
                                                format(
                                                        "%.2f (%.2f)",
                                                        Heat.median(seconds),
                                                        seconds.stream()
                                                                .mapToDouble(s -> s)
                                                                .min()
                                                                .orElse(Double.NaN)))));
    }

    private void agreements() {
        List<Heat.Result> heats =
                outcome.heats().stream()
                        .filter(h -> h.entries().stream().anyMatch(e -> e.losses().size() > 1))
                        .toList();
        if (heats.isEmpty()) {
            return;
        }
        title("Largest relative difference from libtorch's loss: first 5 steps, 20 steps");
        header("workload", "threads");
        for (Heat.Result heat : heats) {
            row(heat, null, e -> agreement(heat, e).map(Agreement::toString).orElse(NONE));
        }
    }

    /// How well a contender's losses fit libtorch's, where both are known.
    static Optional<Agreement> agreement(Heat.Result heat, Heat.Entry entry) {
        return heat.entry(Entrant.LIBTORCH)
                .filter(reference -> entry != reference && !reference.losses().isEmpty() && !entry.losses().isEmpty())
                .map(reference -> Agreement.of(entry.losses(), reference.losses()));
    }

    private void title(String words) {
        text.append("\n### ").append(words).append("\n\n");
    }

    private void header(String... first) {
        List<String> cells = new ArrayList<>(List.of(first));
        cells.addAll(2, entrants.stream().map(Entrant::title).toList());
        line(cells);
        text.append("|---".repeat(cells.size())).append("|\n");
    }

    private void row(Heat.Result heat, String last, Function<Heat.Entry, String> cell) {
        List<String> cells = new ArrayList<>(List.of(heat.workload().title(), Integer.toString(heat.threads())));
        for (Entrant entrant : entrants) {
            cells.add(heat.entry(entrant).map(cell).orElse(NONE));
        }
        if (last != null) {
            cells.add(last);
        }
        line(cells);
    }

    private void line(List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
