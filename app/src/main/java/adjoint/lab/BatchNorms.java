package adjoint.lab;

import adjoint.chart.Chart;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.models.Mlp;
import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.optim.Sgd;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Steps to the best accuracy of a network without batch norm, with it, at several learning rates.
public final class BatchNorms implements Experiment {
    private static final int BATCH = 60; // Ioffe & Szegedy 2015, section 4.1
    private static final int WIDTH = 100; // likewise
    private static final double SMALL = 0.01; // likewise, which only says "small random Gaussian values"
    private static final double GOAL = 0.95;
    private static final int PAPER = 14; // how many times fewer steps, its abstract

    /// A network in two forms.
    ///
    /// @param name in tables
    /// @param depth hidden layers
    /// @param form without the norm
    private record Kind(String name, int depth, Mlp.Form form) {
        Mlp network(boolean norm, long seed) {
            return Mlp.deep(784, WIDTH, depth, 10, form.norm(norm), Init.seeded(seed));
        }
    }

    /// A network's training at one rate.
    private record Trial(Kind kind, boolean norm, double rate, Learner.Course course) {
        String title() {
            return (norm ? "with" : "without") + " norm, rate " + rate;
        }
    }

    /// How much sooner the best with the norm is where the best without ever was.
    ///
    /// @param accuracy the highest without
    /// @param plain where it was first seen
    /// @param normed the first with the norm that is as good; empty if none is
    private record Gain(Kind kind, double accuracy, Trial plain, Optional<Trial> normed) {
        int steps() {
            return plain.course.stepsTo(accuracy).orElseThrow();
        }

        OptionalInt normedSteps() {
            return normed.map(t -> t.course.stepsTo(accuracy)).orElse(OptionalInt.empty());
        }

        double times() {
            return normedSteps().isPresent() ? (double) steps() / normedSteps().getAsInt() : 0;
        }
    }

    @Override
    public String name() {
        return "batch-norm";
    }

    @Override
    public String claim() {
        return "With batch norm a network reaches the same accuracy in up to 14 times fewer steps, mostly since it bears higher learning"
                + " rates (Ioffe & Szegedy 2015).";
    }

    private static List<Kind> kinds() {
        return List.of(
                new Kind( // as in the paper
                        "3 sigmoid layers, small weights",
                        3,
                        new Mlp.Form().activation(Activation.SIGMOID).scheme(Init.normal(SMALL))),
                new Kind(
                        "3 sigmoid layers",
                        3,
                        new Mlp.Form().activation(Activation.SIGMOID).scheme(Init.xavierNormal())),
                new Kind("10 ReLU layers", 10, new Mlp.Form().scheme(Init.heNormal())));
    }

    @Override
    public Findings run(Setting setting) throws java.io.IOException {
        int steps = setting.choose(6, 2000, 20_000);
        double[] rates =
                setting.choose(
                        new double[] {0.1, 1},
                        new double[] {0.01, 0.03, 0.1, 0.3, 1, 3},
                        new double[] {0.01, 0.03, 0.1, 0.3, 1, 3, 10});
        Examples examples = Examples.of(setting);
        Batches train = examples.train().shuffled(setting.seed()).batched(BATCH);
        Dataset test = examples.someTests(setting.choose(100, 2000, 10_000), setting.seed());
        int every = setting.choose(2, 50, 100);
        var learner = new Learner(train, test, steps, every, 2, setting.seed(), setting.engine());
        List<Table> tables = new ArrayList<>();
        List<Findings.Figure> figures = new ArrayList<>();
        List<Gain> gains = new ArrayList<>();
        for (Kind kind : kinds()) {
            List<Trial> trials = new ArrayList<>();
            for (double rate : rates) {
                for (boolean norm : new boolean[] {false, true}) {
                    var trial =
                            new Trial(
                                    kind, norm, rate, learner.run(kind.network(norm, setting.seed()), Sgd.rate(rate)));
                    setting.say(
                            "%s, %s: %s at best, %.1f s",
                            kind.name, trial.title(), Text.percent(trial.course.best()), trial.course.seconds());
                    trials.add(trial);
                }
            }
            Gain gain = gain(kind, trials);
            gains.add(gain);
            tables.add(table(kind, trials, gain, steps));
            figures.add(figure(kind, trials));
        }
        return new Findings(
                List.of(
                        Text.of(
                                "%s, batches of %d, %,d steps of gradient descent without momentum",
                                examples.name(), BATCH, steps),
                        Text.of(
                                "784-%d-…-10; small weights: N(0, %s²), else sigmoid with Xavier's, ReLU with He's; the norm in front of each activation",
                                WIDTH, SMALL),
                        Text.of("accuracy on %,d test examples every %d steps", test.size(), every),
                        "goal of the comparison, as in the paper: the best accuracy that any rate gives without the norm"),
                tables,
                figures,
                words(gains));
    }

    private static Gain gain(Kind kind, List<Trial> trials) {
        double best = trials.stream().filter(t -> !t.norm).mapToDouble(t -> t.course.best()).max().orElseThrow();
        Comparator<Trial> soonest = Comparator.comparingInt(t -> t.course.stepsTo(best).orElse(Integer.MAX_VALUE));
        return new Gain(
                kind,
                best,
                trials.stream().filter(t -> !t.norm).min(soonest).orElseThrow(),
                trials.stream().filter(t -> t.norm && t.course.stepsTo(best).isPresent()).min(soonest));
    }

    private static Table table(Kind kind, List<Trial> trials, Gain gain, int steps) {
        List<String> columns = new ArrayList<>(List.of("rate"));
        for (String form : List.of("without", "with norm")) {
            columns.add(form + ": to 95 %");
            columns.add(Text.of("to %s", Text.percent(gain.accuracy)));
            columns.add("best");
        }
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < trials.size(); i += 2) {
            List<String> row = new ArrayList<>(List.of(String.valueOf(trials.get(i).rate)));
            for (Trial trial : trials.subList(i, i + 2)) {
                row.add(Cures.reached(trial.course.stepsTo(GOAL), steps));
                row.add(Cures.reached(trial.course.stepsTo(gain.accuracy), steps));
                row.add(trial.course.best() == 0 ? "diverged" : Text.percent(trial.course.best()));
            }
            rows.add(row);
        }
        return new Table(kind.name + ": steps to a test accuracy", columns, rows);
    }

    private static Findings.Figure figure(Kind kind, List<Trial> trials) {
        List<Chart.Line> lines = new ArrayList<>();
        for (Trial t : trials) {
            Chart.Line line = t.course.line("rate " + t.rate, lines.size() / 2);
            lines.add(t.norm ? line : line.beside(line.x(), line.y()));
        }
        return Findings.Figure.bySteps(
                kind.name + ": test accuracy, with batch norm (solid) and without (dashed)", "test accuracy", lines);
    }

    private static List<String> words(List<Gain> gains) {
        List<String> words = new ArrayList<>();
        for (Gain gain : gains) {
            String best =
                    Text.of(
                            "%s: without the norm the best accuracy is %s, after %d steps (rate %s)",
                            gain.kind.name, Text.percent(gain.accuracy), gain.steps(), gain.plain.rate);
            words.add(
                    best
                            + gain.normed
                                    .map(t ->
                                            Text.of(
                                                    "; with it the same takes %d (rate %s): %s.",
                                                    gain.normedSteps().getAsInt(),
                                                    t.rate,
                                                    gain.times() > 1.05
                                                            ? Text.of("%.1f times fewer", gain.times())
                                                            : "no fewer"))
                                    .orElse("; with it that is not reached."));
        }
        double most = gains.stream().mapToDouble(Gain::times).max().orElse(0);
        words.add(
                Text.of(
                        "The most is %.1f times; the paper's is %d, for Inception on ImageNet: batch norm %s.",
                        most,
                        PAPER,
                        most > 1.5
                                ? most < PAPER ? "helps here too, if less" : "helps here as much"
                                : "hardly helps here"));
        return words;
    }
}
