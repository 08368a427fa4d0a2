package adjoint.train;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.optim.Rule;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Trains a network: goes through the examples again and again, and moves the weights against the error's gradient.
///
/// ```java
/// Run run = Trainer.of(model, Loss::crossEntropy, AdamW.rate(1e-3))
///         .metric(Metric.accuracy()).epochs(5).fit(train, test);
/// double accuracy = run.best("test.accuracy");
/// ```
/// Immutable: each method gives a trainer with one thing changed. The same seed gives the same bits, whatever the number
/// of threads.
public final class Trainer {
    private final Layer model;
    private final Criterion criterion;
    private final Rule rule;
    private int epochs = 1;
    private long seed;
    private List<Metric> metrics = List.of();
    private List<Consumer<TrainingEvent>> listeners = List.of();
    private Evaluator evaluator = Evaluator.standard();
    private Optional<EarlyStopping> earlyStopping = Optional.empty();
    private Optional<Path> folder = Optional.empty();
    private OptionalDouble clipNorm = OptionalDouble.empty();
    private SequencedMap<String, Object> notes = new LinkedHashMap<>();

    private Trainer(Layer model, Criterion criterion, Rule rule) {
        this.model = model;
        this.criterion = criterion;
        this.rule = rule;
    }

    private Trainer with(Consumer<Trainer> change) {
        var copy = new Trainer(model, criterion, rule);
        copy.epochs = epochs;
        copy.seed = seed;
        copy.metrics = metrics;
        copy.listeners = listeners;
        copy.evaluator = evaluator;
        copy.earlyStopping = earlyStopping;
        copy.folder = folder;
        copy.clipNorm = clipNorm;
        copy.notes = notes;
        change.accept(copy);
        return copy;
    }

    private static <T> List<T> joined(List<T> list, List<T> more) {
        var all = new ArrayList<T>(list);
        all.addAll(more);
        return List.copyOf(all);
    }

    /// For one epoch, with seed 0, unless told otherwise.
    ///
    /// @param model what learns
    /// @param criterion what is made small, a mean over the examples of a batch
    /// @param rule how the weights follow the gradient
    public static Trainer of(Layer model, Criterion criterion, Rule rule) {
        return new Trainer(model, criterion, rule);
    }

    /// So many times through the examples.
    ///
    /// @throws AdjointException if there are none
    public Trainer epochs(int n) {
        if (n < 1) {
            throw new AdjointException("training needs 1 epoch or more, got " + n);
        }
        return with(t -> t.epochs = n);
    }

    /// The seed of what the network draws in training, such as dropout.
    public Trainer seed(long s) {
        return with(t -> t.seed = s);
    }

    /// More metrics. The first one of all decides which epoch is best; without any, the loss does.
    public Trainer metric(Metric... more) {
        return with(t -> t.metrics = joined(metrics, List.of(more)));
    }

    /// One more that watches.
    public Trainer listener(Consumer<TrainingEvent> one) {
        return with(t -> t.listeners = joined(listeners, List.of(one)));
    }

    /// Computed by this one instead of the standard one.
    public Trainer evaluator(Engine engine) {
        return with(t -> t.evaluator = engine);
    }

    /// Ends when so many epochs in a row bring no better value of `metric`, such as `test.loss`.
    public Trainer earlyStopping(String metric, int patience) {
        return with(t -> t.earlyStopping = Optional.of(new EarlyStopping(metric, patience)));
    }

    /// Saves the best and the last weights and `run.json` in this folder, after each epoch.
    public Trainer saveTo(Path path) {
        return with(t -> t.folder = Optional.of(path));
    }

    /// Gradients longer than this, all parameters together, are shortened to it.
    public Trainer clipNorm(double max) {
        return with(t -> t.clipNorm = OptionalDouble.of(max));
    }

    /// Something to stand in `run.json`: where the data comes from, how the network was made.
    public Trainer note(String name, Object value) {
        return with(t -> {
            t.notes = new LinkedHashMap<>(notes);
            t.notes.put(name, value);
        });
    }

    /// Trains, testing on nothing: the training loss decides which epoch is best.
    public Run fit(Batches train) {
        return fit(train, Optional.empty());
    }

    /// Trains, and tests after each epoch.
    public Run fit(Batches train, Batches test) {
        return fit(train, Optional.of(test));
    }

    private Run fit(Batches train, Optional<Batches> test) {
        var optimizer = new Optimizer(rule, model.parameters()).on(evaluator);
        if (clipNorm.isPresent()) {
            optimizer = optimizer.clipNorm(clipNorm.getAsDouble());
        }
        var progress = new Progress(model, metrics, earlyStopping, folder, facts(train, test), this::tell);
        try {
            tell(new TrainingEvent.Started(epochs, train.count(), train.size()));
            RandomKey key = RandomKey.of(seed);
            long step = 0;
            for (int epoch = 1; epoch <= epochs && !progress.stopped(); epoch++) {
                long start = System.nanoTime();
                var learned = new Scores(metrics);
                for (Batch batch : train.epoch(epoch - 1)) {
                    long began = System.nanoTime();
                    Pass pass = Pass.training(key.fold(step++));
                    Tensor output = model.apply(batch.x(), pass);
                    Tensor loss = criterion.of(output, batch.y());
                    optimizer.step(loss, wanted(output), pass.updates()); // backpropagates, updates and computes
                    learned.add(loss, output, batch.y());
                    requireFinite(loss, epoch, step);
                    tell(new TrainingEvent.StepDone(epoch, step, loss.item(), batch.size(), System.nanoTime() - began));
                }
                double seconds = secondsSince(start);
                SequencedMap<String, Double> results = learned.values("train.");
                test.ifPresent(t -> results.putAll(evaluate(t)));
                progress.add(new Epoch(epoch, step, secondsSince(start), seconds, results));
            }
            return progress.finish(train.size());
        } catch (RuntimeException | Error e) {
            progress.fail(e);
            throw e;
        }
    }

    /// Loss and metrics over all batches, without training: `test.loss`, `test.accuracy` …
    public SequencedMap<String, Double> evaluate(Batches test) {
        var scores = new Scores(metrics);
        for (Batch batch : test) {
            Tensor output = model.apply(batch.x(), Pass.inference());
            Tensor loss = criterion.of(output, batch.y());
            evaluator.evaluate(loss, output);
            scores.add(loss, output, batch.y());
        }
        return scores.values("test.");
    }

    // The output is computed by the step too where a metric reads it.
    private List<Tensor> wanted(Tensor output) {
        return metrics.isEmpty() ? List.of() : List.of(output);
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private static void requireFinite(Tensor loss, int epoch, long step) {
        if (!Double.isFinite(loss.item())) {
            throw new AdjointException(
                    "the loss became "
                            + loss.item()
                            + " in step "
                            + step
                            + " (epoch "
                            + epoch
                            + "): use a lower learning rate, or look for odd values in the data");
        }
    }

    private void tell(TrainingEvent event) {
        listeners.forEach(l -> l.accept(event));
    }

    // What run.json says before any result.
    private SequencedMap<String, Object> facts(Batches train, Optional<Batches> test) {
        var facts = new LinkedHashMap<String, Object>(notes);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("rule", rule.getClass().getSimpleName());
        settings.put("rate", rule.rate().rate(0));
        settings.put("weightDecay", rule.weightDecay());
        settings.put("epochs", epochs);
        settings.put("batch", train.batchSize());
        settings.put("trainExamples", train.size());
        test.ifPresent(t -> settings.put("testExamples", t.size()));
        clipNorm.ifPresent(c -> settings.put("clipNorm", c));
        earlyStopping.ifPresent(s -> settings.put("earlyStopping", s.metric() + ", patience " + s.patience()));
        train.seed().ifPresent(s -> settings.put("shuffleSeed", s));
        facts.put("training", settings);
        facts.put("seed", seed);
        if (evaluator instanceof Engine engine) {
            facts.put("machine", engine.kernels().description() + ", " + engine.threads() + " threads");
        }
        facts.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return facts;
    }
}
