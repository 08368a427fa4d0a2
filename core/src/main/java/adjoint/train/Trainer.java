package adjoint.train;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.nn.Criterion;
import adjoint.nn.Frozen;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.nn.Reduction;
import adjoint.optim.Averaging;
import adjoint.optim.Names;
import adjoint.optim.Optimizer;
import adjoint.optim.Rule;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

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
    private long steps = Long.MAX_VALUE;
    private long seed;
    private List<Metric> metrics = List.of();
    private List<Consumer<TrainingEvent>> listeners = List.of();
    private Evaluator evaluator = Evaluator.standard();
    private Optional<EarlyStopping> earlyStopping = Optional.empty();
    private Supplier<Optional<RunFolder>> folder = Optional::empty;
    private OptionalDouble clipNorm = OptionalDouble.empty();
    private UnaryOperator<Optimizer> setting = UnaryOperator.identity();
    private Optional<Function<Map<String, Parameter>, Averaging>> averaging = Optional.empty();
    private int flowEvery; // steps; 0: never
    private Optional<Predicate<String>> frozen = Optional.empty();
    private SequencedMap<String, Object> notes = new LinkedHashMap<>();

    private Trainer(Layer model, Criterion criterion, Rule rule) {
        this.model = model;
        this.criterion = criterion;
        this.rule = rule;
    }

    private Trainer with(Consumer<Trainer> change) {
        var copy = new Trainer(model, criterion, rule);
        copy.epochs = epochs;
        copy.steps = steps;
        copy.seed = seed;
        copy.metrics = metrics;
        copy.listeners = listeners;
        copy.evaluator = evaluator;
        copy.earlyStopping = earlyStopping;
        copy.folder = folder;
        copy.clipNorm = clipNorm;
        copy.setting = setting;
        copy.averaging = averaging;
        copy.flowEvery = flowEvery;
        copy.frozen = frozen;
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
    /// @throws AdjointException if the criterion gives no mean
    public static Trainer of(Layer model, Criterion criterion, Rule rule) {
        if (criterion.reduction() == Reduction.SUM || criterion.reduction() == Reduction.NONE) {
            throw new AdjointException(
                    "training needs a loss that is the mean over a batch, got the reduction "
                            + criterion.reduction()
                            + ": a sum would move the weights further the larger the batch; use reduction(Reduction.MEAN)");
        }
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

    /// So many steps at most: the epoch in which the last of them is done ends with it.
    ///
    /// @throws AdjointException if there are none
    public Trainer steps(long most) {
        if (most < 1) {
            throw new AdjointException("training needs 1 step or more, got " + most);
        }
        return with(t -> t.steps = most);
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

    /// Saves the best and the last weights and `run.json` in this folder, after each epoch. A folder that holds a run
    /// already is refused when training begins.
    public Trainer saveTo(Path path) {
        return with(t -> t.folder = () -> Optional.of(RunFolder.prepare(path)));
    }

    /// Saves as [#saveTo(Path)] does, in a folder that was prepared.
    public Trainer saveTo(RunFolder prepared) {
        return with(t -> t.folder = () -> Optional.of(prepared));
    }

    /// Saves as [#saveTo(Path)] does, replacing a run that lies there when the first epoch is done.
    public Trainer saveOver(Path path) {
        return with(t -> t.folder = () -> Optional.of(RunFolder.prepareOver(path)));
    }

    /// Gradients longer than this, all parameters together, are shortened to it.
    public Trainer clipNorm(double max) {
        return with(t -> t.clipNorm = OptionalDouble.of(max));
    }

    /// Sets the optimizer further: parameter groups, clipping of values, batches accumulated for one update.
    ///
    /// ```java
    /// trainer.optimizer(o -> o.accumulate(4).group(name -> name.endsWith("bias"), rule -> rule.weightDecay(0)))
    /// ```
    public Trainer optimizer(UnaryOperator<Optimizer> settings) {
        UnaryOperator<Optimizer> before = setting;
        return with(t -> t.setting = o -> settings.apply(before.apply(o)));
    }

    /// Leaves the parameters whose names match as they are, of those that are trained otherwise; further calls add to it.
    ///
    /// ```java
    /// Trainer all = Trainer.of(model, Loss::crossEntropy, AdamW.rate(1e-4)).metric(Metric.accuracy());
    /// all.freeze(Names.except("head.*")).epochs(3).fit(train, test); // the head alone
    /// all.epochs(5).fit(train, test); // thawed: this trainer froze nothing
    /// ```
    /// A layer all of whose parameters are frozen runs as in inference, with all that is inside it: its batch norms use the
    /// running statistics they were trained with and keep them, its dropout drops nothing, and no gradient is computed
    /// below the lowest layer that is trained. Where the statistics should follow the new data although the weights are
    /// frozen, freeze them in the optimizer alone: `trainer.optimizer(o -> o.freeze("body.*"))`.
    ///
    /// @throws AdjointException if no name of a trained parameter matches, or all of them
    public Trainer freeze(Predicate<String> names) {
        new Optimizer(rule, model.parameters()).freeze(names); // refuses what matches nothing
        Predicate<String> all = frozen.map(before -> before.or(names)).orElse(names);
        new Optimizer(rule, model.parameters()).freeze(all);
        return with(t -> t.frozen = Optional.of(all));
    }

    /// [#freeze(Predicate)] for patterns as in [Names]: `freeze("body.*")`.
    ///
    /// @throws AdjointException if no name of a trained parameter matches, or all of them
    public Trainer freeze(String... patterns) {
        return freeze(Names.like(patterns));
    }

    private SequencedMap<String, Parameter> frozenParameters() {
        SequencedMap<String, Parameter> found = model.parameters();
        found.entrySet().removeIf(e -> !e.getValue().trainable() || frozen.filter(n -> n.test(e.getKey())).isEmpty());
        return found;
    }

    /// Averages the weights over all steps. Tested, saved, and in the end left in the model are the averages.
    ///
    /// ```java
    /// trainer.averaging(weights -> Averaging.exponential(0.999, weights))
    /// ```
    public Trainer averaging(Function<Map<String, Parameter>, Averaging> kind) {
        return with(t -> t.averaging = Optional.of(kind));
    }

    /// Measures signals and errors of each layer in one of so many steps, beginning with the first, and tells the listeners: see
    /// [TrainingEvent.FlowMeasured]. Where a loss or gradient is not finite, the training ends with the weights from before that
    /// step, and says in which layer, operation and examples it began.
    ///
    /// @throws AdjointException if it is less than 1
    public Trainer measuringFlow(int everySteps) {
        if (everySteps < 1) {
            throw new AdjointException("flow is measured every 1 step or more, got " + everySteps);
        }
        return with(t -> t.flowEvery = everySteps);
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
        earlyStopping.ifPresent(stop -> requireMetric(stop.metric(), test.isPresent()));
        var optimizer = new Optimizer(rule, model.parameters()).on(evaluator);
        if (clipNorm.isPresent()) {
            optimizer = optimizer.clipNorm(clipNorm.getAsDouble());
        }
        optimizer = setting.apply(flowEvery > 0 ? optimizer.keepFinite() : optimizer);
        SequencedMap<String, Parameter> still = frozenParameters();
        if (!still.isEmpty()) { // after the settings, whose groups may name what is frozen
            optimizer = optimizer.freeze(still::containsKey);
        }
        Predicate<Layer> stillLayers = Frozen.layers(model, still.values());
        SequencedMap<String, Parameter> moving = model.parameters();
        moving.keySet().removeAll(still.keySet()); // an average of equal numbers may differ from them in the last bit
        var average = averaging.map(kind -> kind.apply(moving).on(evaluator));
        var progress = new Progress(model, metrics, earlyStopping, folder.get(), facts(train, test), this::tell);
        try {
            tell(new TrainingEvent.Started(epochs, train.count(), train.size()));
            Warnings.ofOrder(train).ifPresent(w -> tell(new TrainingEvent.Warned(w)));
            RandomKey key = RandomKey.of(seed);
            long step = 0;
            long examples = 0;
            for (int epoch = 1; epoch <= epochs && step < steps && !progress.stopped(); epoch++) {
                average.filter(Averaging::swapped).ifPresent(Averaging::swap); // go on with the weights themselves
                long start = System.nanoTime();
                var learned = new Scores(counted());
                double highestRate = 0;
                for (Batch batch : train.epoch(epoch - 1)) {
                    long began = System.nanoTime();
                    var probe =
                            flowEvery > 0 && step % flowEvery == 0
                                    ? Optional.of(new FlowProbe(model))
                                    : Optional.<FlowProbe>empty();
                    Pass pass = Pass.training(key.fold(step++)).inferring(stillLayers);
                    Tensor output = model.apply(batch.x(), probe.map(pass::observing).orElse(pass));
                    Tensor loss = criterion.of(output, batch.y());
                    // backpropagates, updates and computes
                    if (probe.isPresent()) {
                        optimizer.step(loss, wanted(output), pass.updates(), probe.get());
                    } else {
                        optimizer.step(loss, wanted(output), pass.updates());
                    }
                    if (optimizer.skipped()) {
                        throw broken(batch, key.fold(step - 1), stillLayers, loss, epoch, step);
                    }
                    average.ifPresent(Averaging::observe);
                    requireFinite(loss, output, batch.y(), "step " + step + " (epoch " + epoch + ")");
                    learned.add(loss, criterion.weight(batch.y()), output, batch.y());
                    highestRate = Math.max(highestRate, optimizer.rate());
                    tell(new TrainingEvent.StepDone(epoch, step, loss.item(), batch.size(), System.nanoTime() - began));
                    if (probe.isPresent()) {
                        tell(new TrainingEvent.FlowMeasured(epoch, step, probe.get().flow(loss.item())));
                    }
                    examples += batch.size();
                    if (step == steps) {
                        break;
                    }
                }
                optimizer.flush(); // what was accumulated and not applied yet
                Warnings.ofRate(epoch, highestRate).ifPresent(w -> tell(new TrainingEvent.Warned(w)));
                double seconds = secondsSince(start);
                SequencedMap<String, Double> results = learned.values("train.");
                average.ifPresent(Averaging::swap);
                if (test.isPresent()) {
                    results.putAll(evaluate(test.get(), " of the test in epoch " + epoch));
                }
                progress.add(new Epoch(epoch, step, secondsSince(start), seconds, results));
            }
            return progress.finish(examples);
        } catch (RuntimeException | Error e) {
            progress.fail(e);
            throw e;
        }
    }

    /// Loss and metrics over all batches, without training: `test.loss`, `test.accuracy` …
    public SequencedMap<String, Double> evaluate(Batches test) {
        return evaluate(test, "");
    }

    private SequencedMap<String, Double> evaluate(Batches test, String when) {
        var scores = new Scores(counted());
        int number = 0;
        for (Batch batch : test) {
            Tensor output = model.apply(batch.x(), Pass.inference());
            Tensor loss = criterion.of(output, batch.y());
            evaluator.evaluate(loss, output);
            requireFinite(loss, output, batch.y(), "batch " + ++number + when);
            scores.add(loss, criterion.weight(batch.y()), output, batch.y());
        }
        return scores.values("test.");
    }

    // The metrics, over what the loss counts.
    private List<Metric> counted() {
        OptionalLong ignored = criterion.ignoreLabel();
        return ignored.isEmpty() ? metrics : metrics.stream().map(m -> m.ignoring(ignored.getAsLong())).toList();
    }

    private void requireMetric(String metric, boolean tested) {
        List<String> known = new ArrayList<>();
        for (String part : tested ? List.of("train.", "test.") : List.of("train.")) {
            known.add(part + "loss");
            metrics.forEach(m -> known.add(part + m.name()));
        }
        if (!known.contains(metric)) {
            throw new AdjointException("there is no metric '" + metric + "', only " + String.join(", ", known));
        }
    }

    // The output is computed by the step too where a metric reads it.
    private List<Tensor> wanted(Tensor output) {
        return metrics.isEmpty() ? List.of() : List.of(output);
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }

    private void requireFinite(Tensor loss, Tensor output, Tensor target, String where) {
        double value = loss.item();
        if (!Double.isFinite(value)) {
            throw new AdjointException(
                    "the loss became "
                            + value
                            + " in "
                            + where
                            + ": "
                            + Warnings.ofLabels(output, target, criterion.ignoreLabel())
                                    .orElse("use a lower learning rate, or look for odd values in the data"));
        }
    }

    // The weights are those that broke it, since the step wrote nothing.
    private AdjointException broken(
            Batch batch, RandomKey key, Predicate<Layer> stillLayers, Tensor loss, int epoch, long step) {
        Pass pass = Pass.training(key).inferring(stillLayers);
        NonFinite where = NonFinite.inStep(model, criterion, batch, pass, evaluator);
        boolean forward = !Double.isFinite(loss.item());
        return new AdjointException(
                (forward ? "the loss became " + loss.item() : "a gradient is not finite")
                        + " in step "
                        + step
                        + " (epoch "
                        + epoch
                        + "); the first numbers that are not finite: "
                        + where
                        + ". The weights are still those before the step. Use a lower learning rate or clipNorm(1), or look"
                        + " at these examples");
    }

    private void tell(TrainingEvent event) {
        listeners.forEach(l -> l.accept(event));
    }

    // What run.json says before any result.
    private SequencedMap<String, Object> facts(Batches train, Optional<Batches> test) {
        var facts = new LinkedHashMap<String, Object>(notes);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("rule", rule.getClass().getSimpleName());
        settings.put("firstRate", rule.rate().rate(0));
        settings.put("weightDecay", rule.weightDecay());
        settings.put("epochs", epochs);
        settings.put("batch", train.batchSize());
        settings.put("trainExamples", train.size());
        test.ifPresent(t -> settings.put("testExamples", t.size()));
        clipNorm.ifPresent(c -> settings.put("clipNorm", c));
        frozen.ifPresent(f -> settings.put("frozen", List.copyOf(frozenParameters().keySet())));
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
