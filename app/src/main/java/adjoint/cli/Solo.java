package adjoint.cli;

import adjoint.games.Breakout;
import adjoint.games.Chance;
import adjoint.games.Environment;
import adjoint.games.Policy;
import adjoint.games.Snake;
import adjoint.tensor.Tensor;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A task for one, and who plays it.
///
/// @param acting what it does next
record Solo(Environment task, Supplier<float[]> acting) {
    // Moves a terminal's cursor to the upper left, and clears what is below it.
    private static final String ANEW = "\u001b[H\u001b[J";

    /// What has come of an episode so far.
    ///
    /// @param total the sum of its rewards
    record Tally(int steps, double total, boolean over) {
        private String text() {
            return String.format(Locale.ROOT, "return %.2f after %s", total, Words.count(steps, "step"));
        }
    }

    /// Plays by what was learned.
    static Solo by(Policy policy, Environment task) {
        return new Solo(
                task,
                () -> {
                    float[] seen = new float[Math.toIntExact(task.observation().size())];
                    task.observe(seen, 0);
                    return policy.act(Tensor.of(seen, task.observation().insert(0, 1)));
                });
    }

    /// Who can play it without a network, by name.
    static Map<String, Supplier<float[]>> levels(Environment task, long seed) {
        Map<String, Supplier<float[]>> levels = new LinkedHashMap<>();
        var chance = Chance.of(seed, -1);
        levels.put("random", () -> task.actions().drawn(chance));
        if (task instanceof Snake snake) {
            levels.put("greedy", () -> new float[] {snake.greedy()});
        }
        if (task instanceof Breakout breakout) {
            levels.put("greedy", () -> new float[] {breakout.greedy()});
            levels.put("foresighted", () -> new float[] {breakout.foresighted()});
        }
        return levels;
    }

    /// Plays an episode.
    Tally play(RandomGenerator chance) {
        return play(chance, tally -> {});
    }

    /// Plays an episode for somebody to see, step by step.
    ///
    /// @param redrawn whether each step takes the place of the one before, as a terminal can
    /// @param pace steps a second; 0: no waiting
    Tally show(RandomGenerator chance, PrintWriter out, boolean redrawn, int pace) {
        return play(
                chance,
                tally -> {
                    out.println((redrawn ? ANEW : "") + task.text().stripTrailing());
                    out.println(tally.text() + (redrawn || tally.over ? "" : "\n"));
                    out.flush();
                    if (!tally.over) {
                        rest(pace);
                    }
                });
    }

    private Tally play(RandomGenerator chance, Consumer<Tally> watcher) {
        task.reset(chance);
        var tally = new Tally(0, 0, false);
        watcher.accept(tally);
        while (!tally.over) {
            Environment.Outcome outcome = task.step(acting.get());
            int steps = tally.steps + 1;
            tally = new Tally(steps, tally.total + outcome.reward(), outcome.terminal() || steps == task.limit());
            watcher.accept(tally);
        }
        return tally;
    }

    private static void rest(int pace) {
        try {
            Thread.sleep(pace == 0 ? 0 : 1000 / pace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
