package adjoint.cli;

import adjoint.data.Augment;
import adjoint.models.Airbench;
import adjoint.nn.Criterion;
import adjoint.optim.Optimizer;
import adjoint.optim.Rule;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;

import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Options that say how to train.
final class TrainingOptions extends OptionGroup {
    static final String OPTIMIZERS =
            "sgd, momentum, nesterov, adam, adamw (default), amsgrad (adamw with AMSGrad), rmsprop, adagrad, adadelta,"
                    + " nadam, radam or lion.";
    private static final double AIRBENCH_BIASES = 64; // times the rate of the rest
    private static final int PICTURE_EPOCHS = 5;
    private static final int PICTURE_BATCH = 64;
    private static final int TABLE_EPOCHS = 60;
    private static final int TABLE_BATCH = 16;

    @Option(names = "--epochs", paramLabel = "N", description = "How often to go through all examples (5; csv: 60).")
    private Optional<Integer> epochs;

    @Option(names = "--batch", paramLabel = "N", description = "Examples in one step (64; csv: 16).")
    private Optional<Integer> batch;

    @Option(names = "--rate", paramLabel = "R", description = "The learning rate (adamw: 0.001; sgd: 0.1 …).")
    private Optional<Double> rate;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            converter = Choices.OfRule.class,
            defaultValue = "adamw",
            description = OPTIMIZERS)
    private Rules rule;

    @Option(
            names = "--momentum",
            paramLabel = "M",
            description = "momentum, nesterov: the share of a step that goes on into the next (0.9).")
    private Optional<Double> momentum;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            converter = Choices.OfRates.class,
            defaultValue = "one-cycle",
            description = "How the rate goes: one-cycle (to twice the rate and down), cosine or constant.")
    private Rates schedule;

    @Option(names = "--weight-decay", paramLabel = "W", description = "The pull of weights towards 0.")
    private Optional<Double> weightDecay;

    @Option(
            names = "--augment",
            paramLabel = "CHANGES",
            split = ",",
            description = "Pictures: random changes, anew in each epoch: " + Changes.NAMES + ".")
    private List<String> changes = new ArrayList<>();

    @Option(
            names = "--label-smoothing",
            paramLabel = "S",
            description = "Classes: the share of a label given to all (0).")
    private double smoothing;

    @Option(
            names = "--average",
            paramLabel = "DECAY",
            description = "Test and save averages of the weights, such as 0.999.")
    private Optional<Double> average;

    @Option(
            names = "--doctor",
            description = "Look for what keeps the network from learning, and say so (see adjoint doctor).")
    private boolean doctor;

    @Option(
            names = "--warmup",
            paramLabel = "STEPS",
            description = "Let the rate rise from 0 over so many first steps, on top of its course (none).")
    private Optional<Integer> warmup;

    @Option(names = "--clip", paramLabel = "NORM", description = "Shorten gradients longer than this.")
    private Optional<Double> clip;

    @Option(names = "--patience", paramLabel = "N", description = "Stop after N epochs without a lower test loss.")
    private Optional<Integer> patience;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "The same seed gives the same bits (42).")
    private long seed;

    /// Refuses numbers that make no sense.
    void check() {
        atLeastOne("--epochs", epochs);
        atLeastOne("--batch", batch);
        atLeastOne("--patience", patience);
        atLeastOne("--warmup", warmup);
        positive("--rate", rate);
        positive("--clip", clip);
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw refusal("--label-smoothing needs a share of at least 0 and below 1, got " + Words.number(smoothing));
        }
        average.filter(a -> !(a > 0 && a < 1))
                .ifPresent(a -> {
                    throw refusal("--average needs a decay between 0 and 1, such as 0.999, got " + Words.number(a));
                });
        momentum.ifPresent(m -> {
            if (rule != Rules.MOMENTUM && rule != Rules.NESTEROV) {
                throw refusal("--momentum is for --optimizer momentum or nesterov, not for " + Choices.name(rule));
            }
            if (!(m > 0 && m < 1)) {
                throw refusal("--momentum needs a share between 0 and 1, got " + Words.number(m));
            }
        });
        augment();
        weightDecay.ifPresent(w -> notNegative("--weight-decay", w));
    }

    int epochs(Source source) {
        return epochs.orElse(source.pictures() ? PICTURE_EPOCHS : TABLE_EPOCHS);
    }

    int batch(Source source) {
        return batch.orElse(usualBatch(source));
    }

    /// Examples in one step where nothing else is asked for.
    static int usualBatch(Source source) {
        return source.pictures() ? PICTURE_BATCH : TABLE_BATCH;
    }

    double rate() {
        return rate.orElse(rule.rate());
    }

    Rule rule(long steps) {
        return rule(steps, steps);
    }

    /// The same course, warm-up and all, in fewer steps.
    ///
    /// @param steps that it takes
    /// @param all that the training takes
    Rule rule(long steps, long all) {
        if (warmup.isPresent() && warmup.get() > all) {
            throw refusal(
                    "--warmup " + warmup.get() + " is longer than the training, which has " + Words.count(all, "step"));
        }
        Schedule course = schedule.over(rate(), steps);
        Rule made = rule.with(warmup.isPresent() ? course.warmup(Math.ceilDiv(warmup.get() * steps, all)) : course);
        made = momentum.isPresent() ? ((Sgd) made).momentum(momentum.get()) : made;
        return weightDecay.isPresent() ? made.weightDecay(weightDecay.get()) : made;
    }

    /// What belongs to an architecture's recipe and is no option: airbench's norm biases learn faster, with gradient descent
    /// (Jordan 2024).
    UnaryOperator<Optimizer> setting(Network.Blueprint blueprint) {
        boolean descent = rule == Rules.SGD || rule == Rules.MOMENTUM || rule == Rules.NESTEROV;
        return blueprint.model().equals("airbench") && descent ? TrainingOptions::fastBiases : optimizer -> optimizer;
    }

    private static Optimizer fastBiases(Optimizer optimizer) {
        return optimizer.group(
                Airbench::isNormBias,
                rule ->
                        rule.scheduled(rule.rate().times(AIRBENCH_BIASES))
                                .weightDecay(rule.weightDecay() / AIRBENCH_BIASES));
    }

    String describe() {
        return Choices.name(rule)
                + momentum.map(m -> " " + Words.number(m)).orElse("")
                + ", rate "
                + Words.number(rate())
                + " ("
                + Choices.name(schedule)
                + warmup.map(n -> ", warm-up over " + Words.count(n, "step")).orElse("")
                + ")";
    }

    /// The random changes of pictures, if there are any.
    Optional<Augment> augment() {
        try {
            return changes.isEmpty() ? Optional.empty() : Optional.of(Changes.of(seed, changes));
        } catch (IllegalArgumentException e) {
            throw refusal("--augment: " + e.getMessage());
        }
    }

    Criterion criterion(Network.Blueprint blueprint) {
        if (smoothing > 0 && !blueprint.classifies()) {
            throw refusal("--label-smoothing is for classes, and a number is predicted here: leave it out");
        }
        return blueprint.criterion(smoothing);
    }

    Optional<Double> average() {
        return average;
    }

    boolean doctor() {
        return doctor;
    }

    Optional<Double> clip() {
        return clip;
    }

    Optional<Integer> patience() {
        return patience;
    }

    long seed() {
        return seed;
    }
}
