package adjoint.lab;

import adjoint.data.Batches;
import adjoint.models.Mlp;
import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.ReZero;
import adjoint.nn.Residual;
import adjoint.optim.Adam;
import adjoint.optim.Rule;
import adjoint.optim.Sgd;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A network that does not learn since its gradients vanish, and the same with each cure alone.
public final class Cures implements Experiment {
    private static final int WIDTH = 100;
    private static final int BATCH = 64;
    private static final double CHANCE = 0.2; // twice that of ten classes: below it nothing was learned
    private static final double FIRST_GOAL = 0.9;
    private static final double SECOND_GOAL = 0.97;

    /// What is changed, and nothing else.
    ///
    /// @param name in tables
    /// @param network makes the network
    /// @param rule trains it at a learning rate
    /// @param rates are tried
    private record Cure(String name, Function<Init, Mlp> network, DoubleFunction<Rule> rule, double[] rates) {}

    /// A cure at one learning rate.
    private record Trial(Cure cure, double rate, Learner.Course course) {
        // Sooner is better; of those that never arrive, what came nearest.
        static final Comparator<Trial> BEST =
                Comparator.comparingInt((Trial t) -> t.course.stepsTo(SECOND_GOAL).orElse(Integer.MAX_VALUE))
                        .thenComparingInt(t -> t.course.stepsTo(FIRST_GOAL).orElse(Integer.MAX_VALUE))
                        .thenComparingDouble(t -> -t.course.best());
    }

    @Override
    public String name() {
        return "cures";
    }

    @Override
    public String claim() {
        return "A deep sigmoid network with small random weights stays at chance. Each of these alone lets it learn: rectifiers with fitting"
                + " weights (He et al. 2015), batch norm (Ioffe & Szegedy 2015), residual connections (He et al. 2015), orthogonal weights"
                + " with tanh (Saxe et al. 2014), ReZero (Bachlechner et al. 2020). A better optimizer alone does not.";
    }

    private static List<Cure> cures(int depth) {
        Mlp.Form ill = new Mlp.Form().activation(Activation.SIGMOID).scheme(Init.lecunNormal());
        DoubleFunction<Rule> sgd = rate -> Sgd.rate(rate).momentum(0.9);
        double[] rates = {0.003, 0.01, 0.1};
        return List.of(
                new Cure("none", deep(depth, ill), sgd, rates),
                new Cure("Adam", deep(depth, ill), Adam::rate, new double[] {0.001, 0.01}),
                new Cure("ReLU, He", deep(depth, ill.activation(Activation.RELU).scheme(Init.heNormal())), sgd, rates),
                new Cure("batch norm", deep(depth, ill.norm(true)), sgd, rates),
                new Cure("residual", deep(depth, ill.residual(true)), sgd, rates),
                new Cure(
                        "tanh, orthogonal",
                        deep(depth, ill.activation(Activation.TANH).scheme(Init.orthogonal(1))),
                        sgd,
                        rates),
                new Cure("ReZero", init -> reZero(deep(depth, ill.residual(true)).apply(init), init), sgd, rates));
    }

    private static Function<Init, Mlp> deep(int depth, Mlp.Form form) {
        return init -> Mlp.deep(784, WIDTH, depth, 10, form, init);
    }

    private static Mlp reZero(Mlp residual, Init init) {
        return new Mlp(
                residual.flatten(),
                residual.hidden().stream()
                        .map(layer -> layer instanceof Residual r ? new ReZero(r.inner(), init) : layer)
                        .toList(),
                residual.head());
    }

    @Override
    public Findings run(Setting setting) {
        int depth = setting.choose(8, 30, 30);
        int steps = setting.choose(4, 1500, 9380);
        Examples examples = Examples.of(setting);
        Batches train = examples.train().shuffled(setting.seed()).batched(BATCH);
        var test = examples.someTests(setting.choose(100, 2000, 10_000), setting.seed());
        var learner =
                new Learner(
                        train, test, steps, setting.choose(2, 50, 100), SECOND_GOAL, setting.seed(), setting.engine());
        List<Trial> best = new ArrayList<>();
        for (Cure cure : cures(depth)) {
            List<Trial> trials = new ArrayList<>();
            for (double rate : cure.rates) {
                Learner.Course course =
                        learner.run(cure.network.apply(Init.seeded(setting.seed())), cure.rule.apply(rate));
                setting.say(
                        "%s, rate %s: %s after %d steps, %.1f s",
                        cure.name,
                        rate,
                        Text.percent(course.last()),
                        course.points().getLast().step(),
                        course.seconds());
                trials.add(new Trial(cure, rate, course));
            }
            best.add(trials.stream().min(Trial.BEST).orElseThrow());
        }
        return new Findings(
                List.of(
                        Text.of(
                                "%s, batches of %d, %d steps at most, until %.0f %%",
                                examples.name(), BATCH, steps, 100 * SECOND_GOAL),
                        Text.of(
                                "784-%d x %d-10; without a cure: sigmoid, weights N(0, 1/n), momentum 0.9",
                                WIDTH, depth),
                        Text.of(
                                "rates tried: 0.003, 0.01 and 0.1 (Adam: 0.001 and 0.01), the best one is shown; accuracy on %,d test examples"
                                        + " every %d steps",
                                test.size(), learner.every())),
                List.of(table(best, steps)),
                List.of(figure(best)),
                words(best));
    }

    private static Table table(List<Trial> best, int steps) {
        return new Table(
                "Steps to a test accuracy",
                List.of("cure", "rate", "to 90 %", "to 97 %", "best", "ms a step"),
                best.stream()
                        .map(t ->
                                List.of(
                                        t.cure.name,
                                        String.valueOf(t.rate),
                                        reached(t.course.stepsTo(FIRST_GOAL), steps),
                                        reached(t.course.stepsTo(SECOND_GOAL), steps),
                                        Text.percent(t.course.best()),
                                        Text.of(
                                                "%.1f",
                                                1000 * t.course.seconds() / t.course.points().getLast().step())))
                        .toList());
    }

    /// `650`, `not in 1500`.
    static String reached(OptionalInt step, int steps) {
        return step.isPresent() ? String.valueOf(step.getAsInt()) : "not in " + steps;
    }

    private static Findings.Figure figure(List<Trial> best) {
        return Findings.Figure.bySteps(
                "Test accuracy by steps",
                "test accuracy",
                IntStream.range(0, best.size())
                        .mapToObj(i -> best.get(i).course.line(best.get(i).cure.name, i))
                        .toList());
    }

    private static List<String> words(List<Trial> best) {
        Trial none = best.getFirst();
        List<Trial> cured = best.subList(1, best.size());
        String helping = names(cured.stream().filter(t -> t.course.stepsTo(FIRST_GOAL).isPresent()).toList());
        String partly =
                names(
                        cured.stream()
                                .filter(t -> t.course.stepsTo(FIRST_GOAL).isEmpty() && t.course.best() >= CHANCE)
                                .toList());
        String useless = names(cured.stream().filter(t -> t.course.best() < CHANCE).toList());
        Trial first = cured.stream().min(Trial.BEST).orElseThrow();
        OptionalInt soonest = first.course.stepsTo(FIRST_GOAL);
        String firsts =
                soonest.isEmpty()
                        ? first.cure.name
                        : names(cured.stream().filter(t -> t.course.stepsTo(FIRST_GOAL).equals(soonest)).toList());
        List<String> words = new ArrayList<>();
        words.add(
                Text.of(
                        "Without a cure the network %s: its best test accuracy is %s.",
                        none.course.best() < CHANCE ? "stays at chance" : "learns something",
                        Text.percent(none.course.best())));
        say(words, "Each of these alone brings it to 90 %%: %s.", helping);
        say(words, "These help, but less: %s.", partly);
        say(words, "At chance all along stays %s.", useless);
        words.add(
                soonest.isPresent()
                        ? Text.of("Soonest, after %d steps: %s.", soonest.getAsInt(), firsts)
                        : Text.of("The nearest to it is %s.", firsts));
        return words;
    }

    private static void say(List<String> words, String sentence, String names) {
        if (!names.isEmpty()) {
            words.add(Text.of(sentence, names));
        }
    }

    private static String names(List<Trial> trials) {
        return trials.stream().map(t -> t.cure.name).collect(Collectors.joining(", "));
    }
}
