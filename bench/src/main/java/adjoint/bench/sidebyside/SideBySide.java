package adjoint.bench.sidebyside;

import adjoint.kernel.Peak;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Measures Adjoint beside libtorch, DJL and Deeplearning4j: the same networks, weights, batches and optimizers, each in a
/// process of its own, by turns. `bench/run` builds and starts it; `bench/README.md` says what it prints.
public final class SideBySide {
    private final Options options;
    private final PrintStream out;
    private final Path files;
    private final List<Heat.Result> heats = new ArrayList<>();
    private final List<Race.Result> races = new ArrayList<>();

    private SideBySide(Options options, PrintStream out) throws IOException {
        this.options = options;
        this.out = out;
        this.files = Files.createTempDirectory("side-by-side-");
    }

    /// Runs, prints the tables, and ends with 1 if Adjoint's losses are not libtorch's.
    public static void main(String[] args) throws IOException {
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) { // NumberFormatException too
            System.err.println("bench/run: " + e.getMessage());
            System.err.print(Options.USAGE);
            System.exit(2);
            return;
        }
        System.exit(new SideBySide(options, System.out).run() ? 0 : 1);
    }

    private boolean run() throws IOException {
        out.println("Weights and logs are in " + files);
        Map<Integer, Double> peaks = new TreeMap<>();
        options.threads().forEach(threads -> peaks.put(threads, Peak.gigaflops(threads)));
        for (Workload workload : options.workloads()) {
            Weights.write(workload, weights(workload));
        }
        Map<Entrant, List<Double>> starts = options.race() > 0 ? Map.of() : starts();
        boolean agree = true;
        for (Workload workload : options.workloads()) {
            for (int threads : options.threads()) {
                if (options.race() > 0) {
                    race(workload, threads);
                    continue;
                }
                // Two numbers of threads give the same losses, or nearly so: compared once.
                boolean first = threads == options.threads().getFirst();
                if (!heat(workload, threads, first ? options.pace() : options.pace().observing(1))) {
                    agree = false;
                    break; // with more threads it is the same
                }
            }
        }
        options.threads().forEach(threads -> peaks.merge(threads, Peak.gigaflops(threads), Math::max));
        String date = LocalDateTime.now().truncatedTo(ChronoUnit.MINUTES).toString();
        var outcome = new Outcome(date, cpu(), System.getProperty("java.version"), peaks, starts, heats, races);
        Files.createDirectories(options.json().toAbsolutePath().getParent());
        JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValue(options.json(), outcome);
        out.println();
        out.print(Report.of(outcome, options.entrants()));
        return agree;
    }

    private Path weights(Workload workload) {
        return files.resolve(workload.title() + ".weights");
    }

    private Map<Entrant, List<Double>> starts() throws IOException {
        Map<Entrant, List<Double>> starts = new EnumMap<>(Entrant.class);
        Path weights = weights(Workload.MLP_SMALL);
        if (options.starts() == 0) {
            return starts;
        }
        Weights.write(Workload.MLP_SMALL, weights);
        for (int i = -1; i < options.starts(); i++) { // the first fills the caches and does not count
            for (Entrant entrant : options.entrants()) {
                if (!entrant.enters(Workload.MLP_SMALL)) {
                    continue;
                }
                try (var rival = new Rival(entrant, options.bench(), 1, files)) {
                    rival.ask("prepare", Workload.MLP_SMALL.title(), weights);
                    rival.ask("observe", 1);
                    if (i >= 0) {
                        starts.computeIfAbsent(entrant, e -> new ArrayList<>()).add(rival.seconds());
                    }
                } catch (Rival.Refusal e) {
                    out.println(e.getMessage());
                }
            }
        }
        return starts;
    }

    // False if there is nothing to time, since the losses differ.
    private boolean heat(Workload workload, int threads, Heat.Pace pace) throws IOException {
        var heat = new Heat(workload, threads, pace);
        Heat.Result result = heat.run(options.entrants(), options.bench(), weights(workload), files);
        heats.add(result);
        for (Heat.Entry ours : result.entries().stream().filter(e -> e.entrant().isAdjoint()).toList()) {
            Optional<Agreement> agreement = Report.agreement(result, ours);
            if (agreement.isPresent() && !agreement.get().holds()) {
                out.println(
                        "The losses of "
                                + ours.entrant().title()
                                + " on "
                                + workload.title()
                                + " are not libtorch's: they differ by "
                                + agreement.get()
                                + ". Nothing is timed here, since it would be different work.");
                return false;
            }
            if (agreement.isEmpty() && !ours.losses().isEmpty()) {
                out.println(
                        workload.title()
                                + ": the losses of "
                                + ours.entrant().title()
                                + " are compared with nobody's,"
                                + " since libtorch does not take part");
            }
        }
        List<String> parts = new ArrayList<>();
        for (Heat.Entry entry : result.entries()) {
            String fit =
                    pace.observed() == 1
                            ? ""
                            : Report.agreement(result, entry).map(a -> ", loss within " + a).orElse("");
            parts.add(
                    entry.entrant().title()
                            + " "
                            + entry.refusal()
                                    .map(r -> "refused: " + r)
                                    .orElseGet(() -> String.format(Locale.ROOT, "%.3g ms", entry.median()) + fit));
        }
        out.println(workload.title() + " x" + threads + ": " + String.join("; ", parts));
        return true;
    }

    private void race(Workload workload, int threads) throws IOException {
        Race.Result result =
                Race.run(
                        workload,
                        threads,
                        options.race(),
                        options.entrants(),
                        options.bench(),
                        weights(workload),
                        files);
        races.add(result);
        out.println(workload.title() + " x" + threads + ": " + result.seconds());
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        String name = "unknown processor";
        if (Files.isReadable(info)) {
            name =
                    Files.readAllLines(info).stream()
                            .filter(line -> line.startsWith("model name"))
                            .map(line -> line.substring(line.indexOf(':') + 2))
                            .findFirst()
                            .orElse(name);
        }
        return name + " (" + Runtime.getRuntime().availableProcessors() + " processors)";
    }
}
