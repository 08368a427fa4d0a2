package adjoint.cli;

import adjoint.chart.Chart;
import adjoint.io.AtomicFile;
import adjoint.io.SafeTensors;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.train.Epoch;
import adjoint.train.RunFolder;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;

/// `adjoint train game`: an agent learns to play.
@Command(
        name = "game",
        description = "Trains an agent to play a game, by playing it.",
        footer = {
            "",
            "Tasks for one: cart-pole, mountain-car, acrobot, pendulum, frozen-lake, snake, breakout.",
            "Games for two, learned by playing against itself: tic-tac-toe, connect-four, othello-6x6.",
            "",
            "The weights with the best test are saved as best.safetensors. In the end they",
            "are tried once more, in episodes, games or positions drawn anew.",
            "",
            "For example: adjoint train game cart-pole",
            "             adjoint play connect-four --agent runs/connect-four-1"
        })
final class TrainGameCommand extends TrainTask {
    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            converter = Choices.OfGame.class,
            description = "The game: see below.")
    private Optional<String> given;

    @Mixin private GameOptions options;

    private final List<Epoch> history = new ArrayList<>();
    private final HeapGuard heap = new HeapGuard();
    private int best; // index in the history

    @Override
    int work() throws Exception {
        require(
                given.isPresent(),
                "no game was named: adjoint train game NAME, with one of " + String.join(", ", GameBlueprint.names()));
        GameBlueprint blueprint = options.blueprint(given.get());
        blueprint
                .refusal()
                .ifPresent(why -> {
                    throw refusal(why);
                });
        return inFolder(blueprint.name(), (folder, interrupt) -> train(blueprint, folder, interrupt));
    }

    private int train(GameBlueprint blueprint, RunFolder folder, Interrupt interrupt) throws IOException {
        Instant started = Instant.now();
        Engine engine = engine();
        if (blueprint.game().isPresent()) {
            say("preparing tests …");
        }
        Course course = options.course(blueprint, engine);
        long parameters = count(course.parameters());
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("started", started.toString());
        facts.put("adjoint", Main.version());
        facts.put("command", command());
        facts.put("game", blueprint);
        facts.put("machine", engine.kernels().description() + ", " + engine.threads() + " threads");
        facts.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        facts.put("seed", options.seed());
        facts.put("parameters", parameters);
        say("%s: %s, %s", blueprint.name(), Choices.name(blueprint.algorithm()), course.describe());
        say(
                "network: %s, %,d parameters; seed %d, %s on %s",
                blueprint.describe(),
                parameters,
                options.seed(),
                engine.kernels().description(),
                Words.count(engine.threads(), "thread"));
        SequencedMap<String, Double> exam;
        try {
            interrupt.check();
            while (course.done() < course.total()) {
                stretch(course, folder, facts, interrupt);
            }
            SafeTensors.read(folder.path().resolve(RunFolder.BEST)).load(course.parameters());
            exam = course.exam(interrupt::check);
        } catch (CancellationException e) {
            if (!history.isEmpty()) {
                save(folder, "interrupted", facts, Map.of());
            }
            var reached = new Reached(course.unit(), course.done(), course.total(), saved(), course.every());
            throw interrupted(folder.path(), reached, e);
        } catch (AdjointException e) {
            throw failed(course, folder, facts, e);
        }
        save(folder, "finished", facts, exam);
        AtomicFile.write(folder.path().resolve(RunFolder.CURVE), curve(course).getBytes(StandardCharsets.UTF_8));
        tell(course, folder.path(), exam);
        return 0;
    }

    private void stretch(Course course, RunFolder folder, Map<String, Object> facts, Interrupt interrupt) {
        long before = course.done();
        long began = System.nanoTime();
        course.learn(event -> {
            interrupt.check();
            heap.check();
        });
        double trained = (System.nanoTime() - began) / 1e9;
        if (!course.isSound()) {
            throw new AdjointException(lost(course));
        }
        SequencedMap<String, Double> test = course.test(interrupt::check);
        double all = (System.nanoTime() - began) / 1e9;
        history.add(new Epoch(history.size() + 1, course.done(), all, trained, test));
        boolean better = history.size() == 1 || course.score(test) >= course.score(history.get(best).metrics());
        if (better) {
            best = history.size() - 1;
        }
        if (history.size() == 1) {
            folder.clear();
        }
        folder.weights(RunFolder.LAST, course.parameters());
        if (better) {
            folder.weights(RunFolder.BEST, course.parameters());
        }
        save(folder, "running", facts, Map.of());
        say(
                "%,d of %s: %s; %.1f s, %,.0f %ss/s",
                course.done(),
                Words.count(course.total(), course.unit()),
                numbers(course, test),
                all,
                (course.done() - before) / trained,
                course.unit());
        interrupt.check();
    }

    private long saved() {
        return history.isEmpty() ? 0 : history.getLast().steps();
    }

    /// What to say of a training that has gone astray, once its record says so too.
    private AdjointException failed(
            Course course, RunFolder folder, Map<String, Object> facts, AdjointException cause) {
        String what = course.isSound() ? cause.getMessage() : lost(course);
        if (history.isEmpty()) {
            return new AdjointException(what + "; nothing was saved", cause);
        }
        save(folder, "failed: " + what, facts, Map.of());
        String kept =
                String.format(
                        Locale.ROOT,
                        "; what it had learned by %s %,d lies in %s",
                        course.unit(),
                        saved(),
                        folder.path());
        return new AdjointException(what + kept, cause);
    }

    private static String lost(Course course) {
        return String.format(
                Locale.ROOT,
                "weights became NaN or infinite by %s %,d: a smaller --rate may help",
                course.unit(),
                course.done());
    }

    private static String numbers(Course course, SequencedMap<String, Double> test) {
        List<String> parts = new ArrayList<>();
        course.lines()
                .forEach((name, title) -> {
                    if (test.containsKey(name)) {
                        parts.add(String.format(Locale.ROOT, "%s %.1f", title, test.get(name)));
                    }
                });
        return String.join(", ", parts);
    }

    private void save(RunFolder folder, String state, Map<String, Object> facts, Map<String, Double> exam) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("state", state);
        all.putAll(facts);
        all.put("results", exam.isEmpty() ? history.get(best).metrics() : exam);
        all.put("best", best + 1);
        all.put("history", history);
        folder.record(all);
    }

    private static long count(Map<String, Parameter> parameters) {
        return parameters.values().stream().mapToLong(p -> p.value().shape().size()).sum();
    }

    private String curve(Course course) {
        List<Chart.Line> lines = new ArrayList<>();
        course.lines()
                .forEach((name, title) -> {
                    List<Epoch> with = history.stream().filter(e -> e.metrics().containsKey(name)).toList();
                    double[] x = with.stream().mapToDouble(Epoch::steps).toArray();
                    double[] y = with.stream().mapToDouble(e -> e.metrics().get(name)).toArray();
                    lines.add(Chart.Line.of(title, lines.size(), x, y));
                });
        var along = new Chart.Axis(course.unit() + "s", Chart.Scale.LINEAR);
        return new Chart(along, new Chart.Axis("", Chart.Scale.LINEAR), lines).svg();
    }

    private void tell(Course course, Path folder, SequencedMap<String, Double> exam) throws IOException {
        Epoch chosen = history.get(best);
        double seconds = history.stream().mapToDouble(Epoch::seconds).sum();
        double training = history.stream().mapToDouble(Epoch::trainSeconds).sum();
        say("");
        say("after %s, tried once more:", Words.count(chosen.steps(), course.unit()));
        exam.forEach((name, value) -> say("  %-28s %.2f", name, value));
        say(
                "%.1f s, of which %.1f s learning (%,.0f %ss/s); results: %s (%s, %s, %s)",
                seconds,
                training,
                course.done() / training,
                course.unit(),
                folder,
                RunFolder.BEST,
                RunFolder.CURVE,
                RunFolder.RECORD);
        say("see it play: adjoint play %s --agent %s", given.orElseThrow(), folder);
        Map<String, Object> results = new LinkedHashMap<>(exam);
        results.put("done", course.done());
        results.put("best", chosen.steps());
        results.put("seconds", Machine.rounded(seconds));
        results.put("trainSeconds", Machine.rounded(training));
        results.put("peakMemoryMiB", Machine.rounded(Machine.peakMemoryMiB()));
        results.put("seed", options.seed());
        results.put("weightsSha256", SafeTensors.sha256(folder.resolve(RunFolder.BEST)));
        results.put("out", folder.toString());
        report(results);
    }
}
