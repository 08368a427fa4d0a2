package adjoint.bench.sidebyside;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One workload with one number of threads: all contenders are started, their losses compared, and blocks of steps timed by
/// turns, A B C A B C …, so that whatever disturbs the machine for a while disturbs all.
final class Heat {
    private static final double UNTIMED_BELOW_MS = 50;
    private static final double SLOW_MS = 3000;
    private static final double SPELL_SECONDS = 2;
    private static final double COMPILING = 0.05; // the share of a spell below which a JVM has done with compiling
    private static final int MOST_SPELLS = 30;

    private final Workload workload;
    private final int threads;
    private final Pace pace;

    /// How long to measure.
    ///
    /// @param warmSeconds of steps before anything is timed, for each contender; more if its JVM then still compiles
    /// @param blockSeconds of steps in a block
    /// @param seconds of blocks for each contender
    /// @param fewestBlocks even if they take longer
    /// @param observed steps whose losses are compared, at least 1
    record Pace(double warmSeconds, double blockSeconds, double seconds, int fewestBlocks, int observed) {
        static final Pace FULL = new Pace(16, 0.15, 3, 7, 20);
        static final Pace QUICK = new Pace(12, 0.08, 0.6, 3, 20);

        Pace observing(int steps) {
            return new Pace(warmSeconds, blockSeconds, seconds, fewestBlocks, steps);
        }
    }

    /// What one contender did.
    ///
    /// @param refusal why it does not take part
    /// @param losses of the first steps
    /// @param blocks milliseconds a step, one number a block, in the order of the rounds
    /// @param megabytes peak resident memory
    record Entry(Entrant entrant, Optional<String> refusal, List<Double> losses, List<Double> blocks, long megabytes) {
        boolean isTimed() {
            return !blocks.isEmpty();
        }

        double median() {
            return Heat.median(blocks);
        }

        double fastest() {
            return blocks.stream().mapToDouble(b -> b).min().orElse(Double.NaN);
        }
    }

    /// What all did.
    record Result(Workload workload, int threads, List<Entry> entries) {
        Optional<Entry> entry(Entrant entrant) {
            return entries.stream().filter(e -> e.entrant == entrant).findFirst();
        }

        /// Whether Adjoint's losses are libtorch's, as far as both were observed.
        boolean agrees() {
            return entries.stream()
                    .filter(e -> e.entrant.isAdjoint())
                    .allMatch(e -> Report.agreement(this, e).map(Agreement::holds).orElse(true));
        }

        /// The libtorch to be compared with.
        Optional<Entry> fastestLibtorch() {
            return entries.stream()
                    .filter(e -> e.entrant.isLibtorch() && e.isTimed())
                    .min((a, b) -> Double.compare(a.median(), b.median()));
        }

        /// Adjoint's time over that of the fastest libtorch: the median over the rounds that both ran.
        Optional<Double> ratio() {
            return ratio(entry(Entrant.ADJOINT), fastestLibtorch());
        }

        /// The same for Adjoint with vector kernels only over Adjoint with native ones.
        Optional<Double> vectorRatio() {
            return ratio(entry(Entrant.ADJOINT_VECTOR), entry(Entrant.ADJOINT));
        }

        private static Optional<Double> ratio(Optional<Entry> above, Optional<Entry> below) {
            Optional<Entry> ours = above.filter(Entry::isTimed);
            Optional<Entry> theirs = below.filter(Entry::isTimed);
            if (ours.isEmpty() || theirs.isEmpty()) {
                return Optional.empty();
            }
            List<Double> ratios = new ArrayList<>();
            int rounds = Math.min(ours.get().blocks.size(), theirs.get().blocks.size());
            for (int i = 0; i < rounds; i++) {
                ratios.add(ours.get().blocks.get(i) / theirs.get().blocks.get(i));
            }
            return Optional.of(Heat.median(ratios));
        }
    }

    Heat(Workload workload, int threads, Pace pace) {
        this.workload = workload;
        this.threads = threads;
        this.pace = pace;
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    // A contender in the race; its block is as many steps as fit the time.
    private static final class Runner {
        final Rival rival;
        final List<Double> losses = new ArrayList<>();
        final List<Double> blocks = new ArrayList<>();
        double stepMs;
        double spentMs;

        Runner(Rival rival) {
            this.rival = rival;
        }

        Entry observed() {
            return new Entry(rival.entrant(), Optional.empty(), losses, List.of(), -1);
        }
    }

    Result run(List<Entrant> entrants, Path bench, Path weights, Path logs) throws IOException {
        Map<Entrant, Entry> entries = new LinkedHashMap<>();
        List<Runner> runners = new ArrayList<>();
        try {
            for (Entrant entrant : entrants.stream().filter(e -> e.enters(workload)).toList()) {
                var runner = new Runner(new Rival(entrant, bench, threads, logs));
                runners.add(runner);
                entries.put(entrant, null); // keeps the order
                attempt(runner, runners, entries, () -> prepare(runner, weights));
            }
            var observed = new Result(workload, threads, runners.stream().map(Runner::observed).toList());
            if (!observed.agrees()) { // their times would be those of different work
                return observed;
            }
            for (Runner runner : List.copyOf(runners)) {
                attempt(runner, runners, entries, () -> warm(runner));
            }
            while (runners.stream().anyMatch(this::unfinished)) {
                for (Runner runner : runners.stream().filter(this::unfinished).toList()) {
                    attempt(runner, runners, entries, () -> block(runner));
                }
            }
            for (Runner runner : List.copyOf(runners)) {
                attempt(
                        runner,
                        runners,
                        entries,
                        () -> {
                            long megabytes = (long) runner.rival.number("memory");
                            var entry =
                                    new Entry(
                                            runner.rival.entrant(),
                                            Optional.empty(),
                                            runner.losses,
                                            runner.blocks,
                                            megabytes);
                            entries.put(entry.entrant, entry);
                        });
            }
        } finally {
            runners.forEach(r -> r.rival.close());
        }
        return new Result(workload, threads, List.copyOf(entries.values()));
    }

    private interface Action {
        void run() throws IOException, Rival.Refusal;
    }

    // Whoever refuses is out, the others go on.
    private static void attempt(Runner runner, List<Runner> runners, Map<Entrant, Entry> entries, Action action)
            throws IOException {
        try {
            action.run();
        } catch (Rival.Refusal e) {
            Entrant entrant = runner.rival.entrant();
            entries.put(entrant, new Entry(entrant, Optional.of(e.getMessage()), runner.losses, List.of(), -1));
            runners.remove(runner);
            runner.rival.close();
        }
    }

    private void prepare(Runner runner, Path weights) throws IOException, Rival.Refusal {
        Rival rival = runner.rival;
        rival.ask("prepare", workload.title(), weights);
        if (rival.entrant().compares(workload)) {
            String losses = rival.ask("observe", pace.observed);
            Arrays.stream(losses.split(" ")).map(Double::valueOf).forEach(runner.losses::add);
        }
    }

    private void warm(Runner runner) throws IOException, Rival.Refusal {
        runner.rival.ask("fill");
        runner.stepMs = runner.rival.number("warm", pace.warmSeconds);
        double compiling = SPELL_SECONDS;
        for (int i = 0;
                i < MOST_SPELLS && Math.abs(compiling) > COMPILING * SPELL_SECONDS && runner.stepMs < SLOW_MS;
                i++) {
            double before = runner.rival.compilerSeconds();
            runner.stepMs = runner.rival.number("warm", SPELL_SECONDS);
            compiling = runner.rival.compilerSeconds() - before; // below 0 where a compiler thread has ended
        }
    }

    private boolean unfinished(Runner runner) {
        boolean few = runner.blocks.size() < pace.fewestBlocks && runner.stepMs < SLOW_MS;
        return runner.blocks.isEmpty() || few || runner.spentMs < pace.seconds * 1e3;
    }

    private void block(Runner runner) throws IOException, Rival.Refusal {
        int steps = (int) Math.clamp(pace.blockSeconds * 1e3 / runner.stepMs, 1, 100_000);
        // The others have pushed its data out of the caches, and its threads may have gone to sleep.
        int untimed = runner.stepMs < UNTIMED_BELOW_MS ? Math.max(1, steps / 10) : 0;
        double ms = runner.rival.number("block", untimed, steps);
        runner.blocks.add(ms);
        runner.spentMs += ms * (steps + untimed);
    }
}
