package adjoint.lab;

import adjoint.chart.Chart;
import adjoint.data.Augment;
import adjoint.data.Batch;
import adjoint.data.Cifar10;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.models.ResNet;
import adjoint.nn.Init;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;
import adjoint.tensor.Tensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Plain and residual convolutional networks of several depths: which of them a greater depth helps to fit the training examples.
public final class ResidualNets implements Experiment {
    private static final int BATCH = 128;
    private static final double RATE = 0.1;
    private static final int PAPER_EPOCHS = 164; // 64,000 steps of 128 (He et al. 2015, section 4.2)
    private static final double MEAN = 0.4734; // of all values of CIFAR-10's training part
    private static final double DEVIATION = 0.2516; // likewise
    private static final int ASIDE = 2000;
    private static final String MOVED = ", moved by up to 4 pixels and mirrored at random,";
    private static final int FEW = 5000; // examples to learn from in the short form

    /// What is learned from, tested on, and looked at again as a sample of what was learned from.
    private record Data(String name, Dataset train, Dataset test, Dataset seen, int channels) {}

    /// A network's training.
    ///
    /// @param training the error on examples of the training part, as they are, by test
    private record Trial(boolean residual, int depth, Learner.Course course, double[] training) {
        String title() {
            return (residual ? "residual " : "plain ") + depth;
        }

        double last() {
            return training[training.length - 1];
        }

        double[] testErrors() {
            return Arrays.stream(course.accuracies()).map(a -> 1 - a).toArray();
        }
    }

    @Override
    public String name() {
        return "residual";
    }

    @Override
    public String claim() {
        return "Plain convolutional networks fit even their training examples worse when they become deeper; with residual connections"
                + " deeper ones fit better (He et al. 2015, figure 6).";
    }

    @Override
    public Findings run(Setting setting) throws IOException {
        boolean full = setting.size() == Setting.Size.FULL;
        Data data = data(setting);
        List<Integer> depths =
                setting.depths().isEmpty()
                        ? setting.choose(List.of(8, 14), List.of(20, 56), List.of(20, 32, 44, 56))
                        : setting.depths();
        double width = full ? 1 : 0.5;
        int ofEpoch = data.train.size() / BATCH;
        boolean whole = isWhole(setting);
        int steps = whole ? ofEpoch * epochs(setting) : setting.choose(4, 900, 0);
        int every = whole ? ofEpoch : setting.choose(2, 100, 0);
        var batches = data.train.shuffled(setting.seed()).batched(BATCH).droppingLast();
        var learner = new Learner(batches, data.test, steps, every, 2, setting.seed(), setting.engine());
        var again = new Learner(batches, data.seen, steps, every, 2, setting.seed(), setting.engine());
        var rule = Sgd.rate(Schedule.milestones(RATE, 0.1, steps / 2, steps * 3L / 4)).momentum(0.9).weightDecay(1e-4);
        List<Trial> trials = new ArrayList<>();
        for (boolean residual : new boolean[] {false, true}) {
            for (int depth : depths) {
                var form = new ResNet.Form().width(width);
                var net =
                        ResNet.cifar(
                                depth,
                                data.channels,
                                10,
                                residual ? form : form.shortcut(ResNet.Shortcut.NONE),
                                Init.seeded(setting.seed()));
                List<Double> errors = new ArrayList<>();
                Learner.Course course = learner.run(net, rule, o -> o, _ -> errors.add(1 - again.accuracy(net)));
                var trial =
                        new Trial(residual, depth, course, errors.stream().mapToDouble(Double::doubleValue).toArray());
                setting.say(
                        "%s: training error %s, %.0f s", trial.title(), Text.percent(trial.last()), course.seconds());
                trials.add(trial);
            }
        }
        return new Findings(
                settings(data, setting, full, steps, every, width),
                List.of(table(trials)),
                List.of(
                        figure("Training error", trials, Trial::training),
                        figure("Test error", trials, Trial::testErrors)),
                words(trials));
    }

    // Whether all pictures are learned from, for some epochs.
    private static boolean isWhole(Setting setting) {
        return setting.size() == Setting.Size.FULL || setting.epochs().isPresent();
    }

    private static int epochs(Setting setting) {
        return setting.epochs().orElse(PAPER_EPOCHS);
    }

    private static Data data(Setting setting) throws IOException {
        return switch (setting.size()) {
            case QUICK -> {
                Dataset digits = Digits.train(1).take(600);
                yield new Data("digits drawn by the library", digits, Digits.test(1).take(100), digits.take(100), 1);
            }
            case SHORT -> {
                Dataset all = Cifar10.train();
                boolean whole = isWhole(setting);
                Dataset few = whole ? all : some(all, FEW, setting.seed());
                Dataset learned = whole ? changed(all, setting) : few;
                String name =
                        Text.of(
                                "%,d pictures of CIFAR-10%s at 16x16, each 2x2 pixels averaged",
                                few.size(), whole ? MOVED : "");
                yield cifar(name, learned, few, ResidualNets::halved, setting.seed(), ASIDE);
            }
            case FULL -> {
                Dataset all = Cifar10.train();
                String name = "CIFAR-10" + MOVED;
                yield cifar(name, changed(all, setting), all, x -> x, setting.seed(), 10_000);
            }
        };
    }

    private static Dataset changed(Dataset all, Setting setting) {
        return all.augmented(Augment.of(setting.seed()).crop(4).flip());
    }

    private static Data cifar(
            String name, Dataset learned, Dataset unchanged, UnaryOperator<Tensor> size, long seed, int tested)
            throws IOException {
        UnaryOperator<Dataset> prepared =
                set -> set.map(b -> Examples.standardized(new Batch(size.apply(b.x()), b.y()), MEAN, DEVIATION));
        return new Data(
                name,
                prepared.apply(learned),
                prepared.apply(some(Cifar10.test(), tested, seed)),
                prepared.apply(some(unchanged, tested, seed)),
                3);
    }

    private static Dataset some(Dataset all, int n, long seed) {
        return all.select(Arrays.copyOf(Dataset.shuffledIndices(all.size(), seed, 0), n));
    }

    // [N, H, W, C] -> [N, H / 2, W / 2, C]
    private static Tensor halved(Tensor x) {
        int n = x.dim(0);
        int height = x.dim(1) / 2;
        int width = x.dim(2) / 2;
        return x.reshape(n, height, 2, width, 2, x.dim(3)).mean(2, 4);
    }

    private static List<String> settings(Data data, Setting setting, boolean full, int steps, int every, double width) {
        List<String> settings = new ArrayList<>();
        settings.add(Text.of("%s; batches of %d, %,d steps", data.name, BATCH, steps));
        settings.add(
                Text.of(
                        "momentum 0.9, weight decay 1e-4, rate %s, a tenth of it after a half and again after three quarters",
                        RATE));
        settings.add(
                Text.of(
                        "errors on %,d training examples, unchanged, and %,d test examples, every %d steps",
                        data.seen.size(), data.test.size(), every));
        if (isWhole(setting)) {
            settings.add(Text.of("%d epochs; the paper's 64,000 steps are %d", epochs(setting), PAPER_EPOCHS));
        }
        if (isWhole(setting) && !full) {
            settings.add(
                    Text.of(
                            "reduced: the pictures to a quarter of their size, the networks to %s of the paper's channels",
                            width));
        } else if (!full) {
            settings.add(
                    Text.of(
                            "reduced: a tenth of the pictures, which are never changed, at a quarter of the size, %s of the paper's"
                                    + " channels, and a seventieth of its 64,000 steps: what is compared is how well the networks can"
                                    + " fit what they learn from, not how well they end",
                            width));
        }
        return settings;
    }

    private static Table table(List<Trial> trials) {
        return new Table(
                "Errors at the end",
                List.of("network", "training error", "training loss", "test error", "ms a step"),
                trials.stream()
                        .map(t ->
                                List.of(
                                        t.title(),
                                        Text.percent(t.last()),
                                        Text.number(t.course.points().getLast().loss()),
                                        Text.percent(1 - t.course.last()),
                                        Text.of("%.0f", 1000 * t.course.each())))
                        .toList());
    }

    private static Findings.Figure figure(String title, List<Trial> trials, Function<Trial, double[]> errors) {
        int depths = trials.size() / 2;
        List<Chart.Line> lines = new ArrayList<>();
        for (int i = 0; i < depths; i++) {
            Trial residual = trials.get(depths + i);
            var line = Chart.Line.of(residual.depth + " layers", i, residual.course.steps(), errors.apply(residual));
            lines.add(line);
            lines.add(line.beside(trials.get(i).course.steps(), errors.apply(trials.get(i))));
        }
        return Findings.Figure.bySteps(
                title + ", residual networks (solid) and plain ones (dashed)", title.toLowerCase(Locale.ROOT), lines);
    }

    private static List<String> words(List<Trial> trials) {
        double plain = gap(trials.stream().filter(t -> !t.residual));
        double residual = gap(trials.stream().filter(Trial::residual));
        String verdict =
                plain > 0 && residual < 0
                        ? "The order is that of the paper."
                        : plain > residual && plain > 0
                                ? "As in the paper depth hurts plain networks more, but here it does not yet help residual ones"
                                        + "."
                                : "That is not what the paper shows.";
        return List.of(
                Text.of(
                        "From %d to %d layers the training error of plain networks changes by %+.2f points, that of residual ones by %+.2f. %s",
                        trials.getFirst().depth, trials.getLast().depth, 100 * plain, 100 * residual, verdict));
    }

    // By how much the deepest one's training error is above the shallowest one's.
    private static double gap(Stream<Trial> trials) {
        List<Trial> sorted = trials.toList();
        return sorted.getLast().last() - sorted.getFirst().last();
    }
}
