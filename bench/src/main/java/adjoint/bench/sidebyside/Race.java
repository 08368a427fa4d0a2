package adjoint.bench.sidebyside;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How long a whole training takes, from the start of the process to the end of the last step: what compiles while it runs
/// counts. Contenders take turns, some steps each.
final class Race {
    private static final int TURN = 100; // steps

    /// How long it took.
    ///
    /// @param seconds that each contender was at work, those of the start and the first weights included
    record Result(Workload workload, int threads, int steps, Map<Entrant, Double> seconds) {
        /// Adjoint's time over that of the fastest libtorch.
        Optional<Double> ratio() {
            double libtorch =
                    seconds.entrySet().stream()
                            .filter(e -> e.getKey().isLibtorch() && e.getValue() > 0)
                            .mapToDouble(Map.Entry::getValue)
                            .min()
                            .orElse(Double.NaN);
            double ratio = seconds.getOrDefault(Entrant.ADJOINT, Double.NaN) / libtorch;
            return Double.isNaN(ratio) ? Optional.empty() : Optional.of(ratio);
        }
    }

    private Race() {}

    private static final class Runner {
        final Rival rival;
        int steps;
        double seconds;

        Runner(Rival rival) {
            this.rival = rival;
        }
    }

    static Result run(
            Workload workload, int threads, int steps, List<Entrant> entrants, Path bench, Path weights, Path logs)
            throws IOException {
        List<Runner> runners = new ArrayList<>();
        Map<Entrant, Double> seconds = new EnumMap<>(Entrant.class);
        try {
            for (Entrant entrant : entrants.stream().filter(e -> e.enters(workload)).toList()) {
                var runner = new Runner(new Rival(entrant, bench, threads, logs));
                runners.add(runner);
                if (ask(runner, "prepare", workload.title(), weights)) {
                    runner.seconds = runner.rival.seconds();
                } else {
                    runner.steps = steps; // it cannot
                    runner.seconds = Double.NaN;
                }
            }
            while (runners.stream().anyMatch(r -> r.steps < steps)) {
                for (Runner r : runners.stream().filter(r -> r.steps < steps).toList()) {
                    int turn = Math.min(TURN, steps - r.steps);
                    long start = System.nanoTime();
                    boolean done = ask(r, "block", 0, turn);
                    r.seconds += done ? (System.nanoTime() - start) * 1e-9 : Double.NaN;
                    r.steps = done ? r.steps + turn : steps;
                }
            }
        } finally {
            runners.forEach(r -> r.rival.close());
        }
        runners.forEach(r -> seconds.put(r.rival.entrant(), r.seconds));
        return new Result(workload, threads, steps, seconds);
    }

    private static boolean ask(Runner runner, Object... words) throws IOException {
        try {
            runner.rival.ask(words);
            return true;
        } catch (Rival.Refusal e) {
            System.out.println(e.getMessage());
            return false;
        }
    }
}
