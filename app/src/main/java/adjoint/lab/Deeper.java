package adjoint.lab;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.models.ResNet;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// Networks of thousands of layers: whether they learn, and what a step of them costs.
public final class Deeper implements Experiment {
    private static final int WIDTH = 64;
    private static final int BATCH = 128;
    private static final double RATE = 0.003; // of the first and the last layer
    private static final double DEEP_RATE = 1e-3; // of the weights between
    private static final double SCALE_RATE = 3; // of all α together: divided by their number
    private static final double GOAL = 0.95;
    private static final int IMAGE = 32;

    /// A network of so many layers that learned, or tried to.
    ///
    /// @param without the test accuracy that is left without the layers between the first and the head
    private record Deep(int depth, long numbers, Learner.Course course, double without, double memory) {
        int steps() {
            return course.points().getLast().step();
        }

        OptionalInt reached() {
            return course.stepsTo(GOAL);
        }
    }

    /// What steps took.
    ///
    /// @param depth layers
    /// @param first seconds of the first step: with the planning
    /// @param each seconds of each of the others
    private record Cost(int depth, double first, double each) {
        double planning() {
            return Math.max(first - each, 0);
        }
    }

    @Override
    public String name() {
        return "deeper";
    }

    @Override
    public String claim() {
        return "With the right start depth is no obstacle: networks of 1,000 (He et al. 2016b) and 10,000 layers (Xiao et al. 2018; Bachlechner et al. 2020)"
                + " train, and recomputing activations (Chen et al. 2016) lets even a ResNet-1202 take its steps in the memory of a usual machine.";
    }

    @Override
    public Findings run(Setting setting) throws IOException {
        Examples examples = Examples.of(setting);
        List<Deep> deep = new ArrayList<>();
        for (int depth : setting.choose(new int[] {30, 60}, new int[] {1000}, new int[] {1000, 10_000})) {
            deep.add(learned(setting, examples, depth));
        }
        int layers = setting.choose(14, 1202, 1202);
        int batch = setting.choose(2, 16, 128);
        Cost resNet = resNet(setting, layers, batch);
        double resNetMemory = setting.peakMemory().getAsDouble();
        List<Cost> costs = new ArrayList<>();
        for (int depth : setting.choose(new int[] {20}, new int[] {250, 500, 2000}, new int[] {250, 500, 2000, 4000})) {
            costs.add(cost(setting, examples, depth));
        }
        deep.forEach(d -> costs.add(new Cost(d.depth, d.course.first(), d.course.each())));
        costs.sort(Comparator.comparingInt(Cost::depth));
        return new Findings(
                List.of(
                        Text.of(
                                "%s, batches of %d; 784-%d with ReLU, then layers of %d neurons x + α relu(W x + b), W orthogonal, α = 0 at first, then ten logits",
                                examples.name(), BATCH, WIDTH, WIDTH),
                        Text.of(
                                "Adam: rate %s for the first and last layer, %s for W and b, %s divided by the number of layers for α",
                                RATE, DEEP_RATE, Text.number(SCALE_RATE)),
                        "activations recomputed in the backward pass, in sections of √depth layers",
                        Text.of("trained until %.0f %% of the test examples are right", 100 * GOAL),
                        Text.of(
                                "ResNet-%d: the paper's network for CIFAR-10 with every block recomputed, batches of %d random images of 32x32;"
                                        + " what a step costs does not depend on what it sees",
                                layers, batch),
                        "first step: with planning, and before the JIT has compiled everything; s a step: of networks that learned the mean"
                                + " of all others, elsewhere the least of three; memory: the most that the process has used so far"),
                List.of(
                        learnedTable(deep),
                        costTable(costs),
                        new Table(
                                "A residual network for images",
                                List.of(
                                        "network",
                                        "batch",
                                        "first step, s",
                                        "s a step",
                                        "images a second",
                                        "memory, MiB"),
                                List.of(
                                        List.of(
                                                "ResNet-" + layers,
                                                String.valueOf(batch),
                                                Text.of("%.1f", resNet.first),
                                                Text.of("%.2f", resNet.each),
                                                Text.of("%.1f", batch / resNet.each),
                                                Text.of("%.0f", resNetMemory))))),
                List.of(figure(deep)),
                words(deep, costs, resNet, layers));
    }

    private static Deep learned(Setting setting, Examples examples, int depth) {
        setting.say("%,d layers", depth);
        Batches train = examples.train().shuffled(setting.seed()).batched(BATCH);
        Dataset test = examples.someTests(setting.choose(100, 2000, 10_000), setting.seed());
        int steps = setting.choose(4, 1000, 5000);
        var net = new NarrowNet(depth, WIDTH, Init.seeded(setting.seed()));
        var learner =
                new Learner(train, test, steps, setting.choose(2, 50, 50), GOAL, setting.seed(), setting.engine());
        Learner.Course course =
                learner.run(
                        net,
                        Adam.rate(RATE),
                        o -> rates(o, depth),
                        point ->
                                setting.say(
                                        "%,d layers: %s after %d steps",
                                        depth, Text.percent(point.accuracy()), point.step()));
        long numbers = net.parameters().values().stream().mapToLong(p -> p.shape().size()).sum();
        var deep =
                new Deep(
                        depth,
                        numbers,
                        course,
                        learner.accuracy(net.withoutSections()),
                        setting.peakMemory().getAsDouble());
        setting.say(
                "%,d layers: %s after %d steps, %.0f s",
                depth, Text.percent(course.last()), deep.steps(), course.seconds());
        return deep;
    }

    private static Optimizer rates(Optimizer optimizer, int depth) {
        return optimizer
                .group("sections.*", rule -> rule.scheduled(Schedule.constant(DEEP_RATE)))
                .group(name -> name.endsWith("scale"), rule -> rule.scheduled(Schedule.constant(SCALE_RATE / depth)));
    }

    private static Cost cost(Setting setting, Examples examples, int depth) {
        var net = new NarrowNet(depth, WIDTH, Init.seeded(setting.seed()));
        Batch batch = examples.train().batch(Examples.first(BATCH));
        Optimizer optimizer = rates(new Optimizer(Adam.rate(RATE), net.parameters()), depth).on(setting.engine());
        return cost(setting, depth, net, batch, optimizer);
    }

    private static Cost resNet(Setting setting, int layers, int size) {
        setting.say("ResNet-%d", layers);
        Init init = Init.seeded(setting.seed());
        var net = ResNet.cifar(layers, 3, 10, new ResNet.Form().checkpoints(true), init);
        Tensor images = Init.seeded(setting.seed() + 1).make(Init.normal(1), 1, 1, size, IMAGE, IMAGE, 3);
        int[] labels = IntStream.range(0, size).map(i -> i % 10).toArray();
        var batch = new Batch(images, Tensor.of(labels, size));
        var optimizer =
                new Optimizer(Sgd.rate(0.01).momentum(0.9).weightDecay(1e-4), net.parameters()).on(setting.engine());
        return cost(setting, layers, net, batch, optimizer);
    }

    private static Cost cost(Setting setting, int layers, Layer net, Batch batch, Optimizer optimizer) {
        int steps = setting.choose(2, 4, 4);
        double[] seconds = new double[steps];
        for (int step = 0; step < steps; step++) {
            long start = System.nanoTime();
            Pass pass = Pass.training(RandomKey.of(setting.seed()).fold(step));
            optimizer.step(Loss.crossEntropy(net.apply(batch.x(), pass), batch.y()), pass.updates());
            seconds[step] = (System.nanoTime() - start) / 1e9;
        }
        var cost = new Cost(layers, seconds[0], Arrays.stream(seconds).skip(1).min().orElseThrow());
        setting.say("%,d layers: the first step %.1f s, the others %.3f s", layers, cost.first, cost.each);
        return cost;
    }

    private static Table learnedTable(List<Deep> deep) {
        return new Table(
                "Networks that learn",
                List.of(
                        "layers",
                        "parameters",
                        "test accuracy",
                        "without them",
                        "steps",
                        "first step, s",
                        "s a step",
                        "s in all",
                        "memory, MiB"),
                deep.stream()
                        .map(d ->
                                List.of(
                                        Text.of("%,d", d.depth),
                                        Text.of("%,d", d.numbers),
                                        Text.percent(d.course.last()),
                                        Text.percent(d.without),
                                        String.valueOf(d.steps()),
                                        Text.of("%.1f", d.course.first()),
                                        Text.of("%.3f", d.course.each()),
                                        Text.of("%.0f", d.course.seconds()),
                                        Text.of("%.0f", d.memory)))
                        .toList());
    }

    private static Table costTable(List<Cost> costs) {
        return new Table(
                "What depth costs",
                List.of("layers", "planning, s", "ms a layer", "s a step", "ms a layer and step"),
                costs.stream()
                        .map(c ->
                                List.of(
                                        Text.of("%,d", c.depth),
                                        Text.of("%.1f", c.planning()),
                                        Text.of("%.2f", 1000 * c.planning() / c.depth),
                                        Text.of("%.3f", c.each),
                                        Text.of("%.3f", 1000 * c.each / c.depth)))
                        .toList());
    }

    private static Findings.Figure figure(List<Deep> deep) {
        return Findings.Figure.bySteps(
                "Test accuracy by steps",
                "test accuracy",
                IntStream.range(0, deep.size())
                        .mapToObj(i -> deep.get(i).course.line(Text.of("%,d layers", deep.get(i).depth), i))
                        .toList());
    }

    private static List<String> words(List<Deep> deep, List<Cost> costs, Cost resNet, int layers) {
        List<String> words = new ArrayList<>();
        for (Deep d : deep) {
            words.add(
                    d.reached().isPresent()
                            ? Text.of(
                                    "%,d layers reach %.0f %% after %d steps, %.0f seconds in all; with the layers between the first and the head"
                                            + " taken out, %s is left.",
                                    d.depth,
                                    100 * GOAL,
                                    d.reached().getAsInt(),
                                    d.course.seconds(),
                                    Text.percent(d.without))
                            : Text.of(
                                    "%,d layers do not reach %.0f %% in %d steps: %s at best.",
                                    d.depth, 100 * GOAL, d.steps(), Text.percent(d.course.best())));
        }
        Cost few = costs.getFirst();
        Cost many = costs.getLast();
        words.add(
                Text.of(
                        "From %,d to %,d layers, %.0f times as many, a step takes %.1f times as long%s.",
                        few.depth,
                        many.depth,
                        (double) many.depth / few.depth,
                        many.each / few.each,
                        few.planning() > 0
                                ? Text.of(", and planning %.1f times", many.planning() / few.planning())
                                : ""));
        words.add(Text.of("ResNet-%d takes %.2f seconds a step.", layers, resNet.each));
        return words;
    }
}
