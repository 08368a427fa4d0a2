package adjoint.optim;

import adjoint.grad.Gradients;
import adjoint.kernel.Buffer;
import adjoint.kernel.DType;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Trains parameters: backpropagates a loss and updates them by a [Rule], all in one plan.
///
/// ```java
/// var optimizer = new Optimizer(AdamW.rate(1e-3), model.parameters()).clipNorm(1);
/// for (Batch batch : batches) {
///     Tensor loss = Loss.crossEntropy(model.apply(batch.x(), pass), batch.y());
///     optimizer.step(loss);
///     System.out.println(loss.item()); // computed already
/// }
/// ```
///
/// Options are copy-methods, and fixed at the first step. A parameter that two names share is trained once, under its
/// first name. For one thread at a time.
public final class Optimizer {
    private static final double NORM_EPSILON = 1e-6; // PyTorch, clip_grad_norm_

    private final Rule rule;
    private final SequencedMap<String, Parameter> trained;
    private final SequencedMap<String, Parameter> frozen;
    private final Options options;
    private List<Slot> slots = List.of(); // made at first use, so that copies cost nothing
    private long steps;
    private int accumulated;
    private final Map<String, Long> missed = new LinkedHashMap<>(); // updates without a parameter
    private double rate;
    private boolean skipped;
    private OptionalDouble gradientNorm = OptionalDouble.empty();

    private record Group(Predicate<String> names, UnaryOperator<Rule> change) {}

    private record Options(
            List<Group> groups,
            double clipNorm,
            double clipValue,
            int accumulate,
            boolean allowUnused,
            boolean keepFinite,
            Evaluator evaluator) {}

    /// @param rule how to update
    /// @param parameters the parameters by name; only trainable ones are trained
    /// @throws AdjointException if none is trainable
    public Optimizer(Rule rule, Map<String, Parameter> parameters) {
        this(
                rule,
                trainable(parameters),
                Collections.unmodifiableSequencedMap(new LinkedHashMap<>()),
                new Options(
                        List.of(),
                        Double.POSITIVE_INFINITY,
                        Double.POSITIVE_INFINITY,
                        1,
                        false,
                        false,
                        Evaluator.standard()));
    }

    private Optimizer(
            Rule rule,
            SequencedMap<String, Parameter> trained,
            SequencedMap<String, Parameter> frozen,
            Options options) {
        this.rule = rule;
        this.trained = trained;
        this.frozen = frozen;
        this.options = options;
    }

    private static SequencedMap<String, Parameter> trainable(Map<String, Parameter> parameters) {
        SequencedMap<String, Parameter> trained = new LinkedHashMap<>();
        Set<Parameter> seen = new HashSet<>();
        parameters.forEach((name, p) -> {
            if (p.trainable() && seen.add(p)) {
                if (!p.type().isFloating()) {
                    throw new AdjointException(
                            "parameter '"
                                    + name
                                    + "' cannot be trained, since its elements are no floats: "
                                    + p.spec()
                                    + "; make it with Parameter.state");
                }
                trained.put(name, p);
            }
        });
        if (trained.isEmpty()) {
            throw new AdjointException(
                    "an optimizer needs at least one trainable parameter, got "
                            + parameters.size()
                            + " parameters, none of them trainable");
        }
        return Collections.unmodifiableSequencedMap(trained);
    }

    // ---------------------------------------------------------------- options

    private Optimizer with(Options other) {
        requireUnused();
        return new Optimizer(rule, trained, frozen, other);
    }

    private void requireUnused() {
        if (!slots.isEmpty()) {
            throw new AdjointException("an optimizer's options are fixed at its first step: set them before");
        }
    }

    private static String quoted(Predicate<String> names) {
        return names instanceof Names ? "'" + names + "' " : ""; // what others match cannot be said
    }

    /// The same, with all gradients multiplied by `min(1, limit / (|g| + 1e-6))`, `|g|` being the length of all
    /// gradients taken as one vector (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`).
    public Optimizer clipNorm(double limit) {
        Require.positive("the limit of the gradient's norm", limit);
        Options o = options;
        return with(new Options(o.groups, limit, o.clipValue, o.accumulate, o.allowUnused, o.keepFinite, o.evaluator));
    }

    /// The same, with each gradient's elements kept between `-limit` and `limit`; before any clipping of the norm.
    public Optimizer clipValue(double limit) {
        Require.positive("the limit of a gradient's elements", limit);
        Options o = options;
        return with(new Options(o.groups, o.clipNorm, limit, o.accumulate, o.allowUnused, o.keepFinite, o.evaluator));
    }

    /// The same, with a changed rule for the parameters whose names match. Of several groups that match a name, each
    /// changes what the one before gave.
    ///
    /// ```java
    /// optimizer.group(name -> name.endsWith("bias"), rule -> rule.weightDecay(0))
    ///         .group(Pattern.compile("^head\\.").asPredicate(), rule -> rule.scheduled(rule.rate().times(10)));
    /// ```
    ///
    /// @throws AdjointException if no name matches
    public Optimizer group(Predicate<String> names, UnaryOperator<Rule> change) {
        if (trained.keySet().stream().noneMatch(names)) {
            throw new AdjointException(
                    "a parameter group "
                            + quoted(names)
                            + "matches none of the trainable parameters, which are "
                            + trained.keySet());
        }
        Options o = options;
        List<Group> groups = new ArrayList<>(o.groups);
        groups.add(new Group(names, change));
        return with(
                new Options(
                        List.copyOf(groups),
                        o.clipNorm,
                        o.clipValue,
                        o.accumulate,
                        o.allowUnused,
                        o.keepFinite,
                        o.evaluator));
    }

    /// [#group(Predicate, UnaryOperator)] for a pattern as in [Names]: `group("head.*", rule -> rule.weightDecay(0))`.
    ///
    /// @throws AdjointException if no name matches
    public Optimizer group(String pattern, UnaryOperator<Rule> change) {
        return group(Names.like(pattern), change);
    }

    /// The same, without weight decay for parameters of less than two axes, as nanoGPT does it: biases, the gains of norms and
    /// single numbers are few, and pulling them towards 0 does not keep a function simple. Matrices, kernels and embeddings keep
    /// the decay of their rule, so that nothing changes for a rule without.
    /// Groups that set a decay go before.
    ///
    /// ```java
    /// Trainer.of(model, loss, AdamW.rate(3e-4).weightDecay(0.1)).optimizer(Optimizer::decayOnlyMatrices)
    /// ```
    public Optimizer decayOnlyMatrices() {
        Set<String> small = new HashSet<>(trained.keySet());
        small.removeIf(name -> trained.get(name).shape().rank() > 1);
        return small.isEmpty() ? with(options) : group(small::contains, own -> own.weightDecay(0));
    }

    /// The same, without training the parameters whose names match: they keep their values, nothing is kept for them, and
    /// no gradient is computed for them, nor below the lowest layer that is still trained.
    ///
    /// A new optimizer without it trains them again. Running statistics (batch norm) are no trained parameters: they
    /// follow the batches as before, unless the layers run as in inference, which
    /// `Pass.training(key).inferring(Frozen.layers(model, optimizer.frozen().values()))` or the trainer's `freeze` does.
    ///
    /// @throws AdjointException if no name matches, or all of them
    public Optimizer freeze(Predicate<String> names) {
        requireUnused();
        SequencedMap<String, Parameter> left = new LinkedHashMap<>(trained);
        SequencedMap<String, Parameter> kept = new LinkedHashMap<>(frozen);
        trained.forEach((name, p) -> {
            if (names.test(name)) {
                kept.put(name, left.remove(name));
            }
        });
        if (left.size() == trained.size() && frozen.keySet().stream().noneMatch(names)) {
            throw new AdjointException(
                    "freezing "
                            + quoted(names)
                            + "matches none of the trainable parameters, which are "
                            + trained.keySet());
        }
        if (left.isEmpty()) {
            throw new AdjointException(
                    "freezing "
                            + quoted(names)
                            + "matches all trainable parameters and would leave nothing to train: "
                            + trained.keySet());
        }
        return new Optimizer(
                rule, Collections.unmodifiableSequencedMap(left), Collections.unmodifiableSequencedMap(kept), options);
    }

    /// [#freeze(Predicate)] for patterns as in [Names]: `freeze("body.*")`.
    ///
    /// @throws AdjointException if no name matches, or all of them
    public Optimizer freeze(String... patterns) {
        return freeze(Names.like(patterns));
    }

    /// The same, updating once in `batches` calls of `step`, by the mean of their gradients: as one step on the batches
    /// together, if they are equally large. At the end of the data, [#flush] applies what is left.
    public Optimizer accumulate(int batches) {
        Require.atLeastOne("the number of batches to accumulate", batches);
        Options o = options;
        return with(new Options(o.groups, o.clipNorm, o.clipValue, batches, o.allowUnused, o.keepFinite, o.evaluator));
    }

    /// The same, leaving parameters alone that no gradient reaches; a rule counts the updates of each parameter (when accumulating: taking their gradient as 0).
    public Optimizer allowUnused() {
        Options o = options;
        return with(new Options(o.groups, o.clipNorm, o.clipValue, o.accumulate, true, o.keepFinite, o.evaluator));
    }

    /// The same, writing nothing in a step whose loss or gradients are not finite: weights, states, statistics, accumulated
    /// gradients and counts of steps stay as they were, as if there had been no such step, and [#skipped()] is true.
    ///
    /// A layer's gradient is judged by that of its biases and gains, which what is not finite passes on its way; weights are read
    /// once more only where a layer trains none. A product that overflows in a weight's own gradient alone stays unseen.
    public Optimizer keepFinite() {
        Options o = options;
        return with(new Options(o.groups, o.clipNorm, o.clipValue, o.accumulate, o.allowUnused, true, o.evaluator));
    }

    /// Whether the last step wrote nothing; only with [#keepFinite()].
    public boolean skipped() {
        return skipped;
    }

    /// The same, computing on an evaluator of your own.
    public Optimizer on(Evaluator evaluator) {
        Options o = options;
        return with(
                new Options(o.groups, o.clipNorm, o.clipValue, o.accumulate, o.allowUnused, o.keepFinite, evaluator));
    }

    // ---------------------------------------------------------------- steps

    /// Backpropagates the loss and updates the parameters. The loss and what else is wanted are computed by it, with
    /// the parameters as they were before.
    ///
    /// @throws AdjointException if a parameter does not influence the loss
    public void step(Tensor loss, Tensor... alsoWanted) {
        step(loss, List.of(alsoWanted), List.of());
    }

    /// Backpropagates the loss and updates the parameters, and others with them: running statistics.
    public void step(Tensor loss, List<Update> alsoUpdated) {
        step(loss, List.of(), alsoUpdated);
    }

    /// Backpropagates the loss and updates the parameters and others, computing what else is wanted.
    public void step(Tensor loss, List<Tensor> alsoWanted, List<Update> alsoUpdated) {
        step(loss, alsoWanted, alsoUpdated, Optional.empty());
    }

    /// The same, with someone who looks at the step while it is recorded, and asks for more to be computed in it.
    public void step(Tensor loss, List<Tensor> alsoWanted, List<Update> alsoUpdated, Probe probe) {
        step(loss, alsoWanted, alsoUpdated, Optional.of(probe));
    }

    /// Looks at a step while it is recorded.
    public interface Probe {
        /// Tensors between parameters and loss whose derivatives are wanted as well.
        List<Tensor> points(Tensor loss);

        /// What else the step shall compute.
        ///
        /// @param gradients of the loss, by parameter, before any clipping
        /// @param atPoints of the loss, by point; without those it does not depend on
        /// @param updates all that the step writes
        List<Tensor> wanted(Map<Parameter, Tensor> gradients, Map<Tensor, Tensor> atPoints, List<Update> updates);
    }

    private void step(Tensor loss, List<Tensor> alsoWanted, List<Update> alsoUpdated, Optional<Probe> probe) {
        List<Parameter> parameters = List.copyOf(trained.values());
        List<Tensor> points = probe.map(p -> p.points(loss)).orElse(List.of());
        List<Tensor> xs = new ArrayList<>(points);
        parameters.forEach(p -> xs.add(p.value()));
        Map<Tensor, Tensor> found = Gradients.ofReached(loss, xs);
        Map<Parameter, Tensor> gradients = Gradients.ofParameters(loss, parameters, found);
        if (!options.allowUnused) {
            trained.forEach((name, parameter) -> {
                if (!gradients.containsKey(parameter)) {
                    throw new AdjointException(unused(name, parameter, loss));
                }
            });
        }
        List<Tensor> wanted = new ArrayList<>(alsoWanted.size() + 2);
        wanted.add(loss);
        wanted.addAll(alsoWanted);
        found.keySet().retainAll(points);
        advance(
                gradients,
                wanted,
                alsoUpdated,
                updates -> probe.map(p -> p.wanted(gradients, found, updates)).orElse(List.of()));
    }

    /// Updates the parameters by gradients of your own.
    public void apply(Map<Parameter, Tensor> gradients) {
        gradients.forEach((parameter, gradient) -> {
            if (!trained.containsValue(parameter)) {
                throw new AdjointException("a gradient was given for a " + parameter + " that is not trained here");
            }
            if (!parameter.spec().equals(gradient.spec())) {
                throw new AdjointException(
                        "the gradient of a parameter of "
                                + parameter.spec()
                                + " needs the same, got "
                                + gradient.spec());
            }
        });
        if (!options.allowUnused) {
            trained.forEach((name, parameter) -> {
                if (!gradients.containsKey(parameter)) {
                    throw new AdjointException(
                            "no gradient was given for parameter '"
                                    + name
                                    + "': give one, or allow it with allowUnused()");
                }
            });
        }
        advance(gradients, List.of(), List.of(), updates -> List.of());
    }

    /// Updates the parameters by the mean of the gradients that were accumulated since the last update, however few; does
    /// nothing if there are none.
    public void flush() {
        if (accumulated == 0) {
            return;
        }
        Map<Parameter, Tensor> mean = new LinkedHashMap<>();
        double share = (double) options.accumulate / accumulated; // of what was divided by all of them
        for (Slot slot : slots) {
            Tensor sum = slot.sums().getFirst().value();
            mean.put(slot.parameter(), sum.mul(Tensor.scalar(sum.type(), share)));
        }
        List<Tensor> wanted = new ArrayList<>();
        List<Update> updates = new ArrayList<>();
        record(clipped(mean, wanted), updates);
        options.evaluator.update(wanted, updates);
        updated(wanted);
    }

    private void advance(
            Map<Parameter, Tensor> gradients,
            List<Tensor> alsoWanted,
            List<Update> alsoUpdated,
            Function<List<Update>, List<Tensor>> probe) {
        start();
        List<Update> updates = new ArrayList<>(alsoUpdated);
        for (Update u : alsoUpdated) {
            if (trained.containsValue(u.target())) {
                throw new AdjointException("an extra update writes a " + u.target() + " that the optimizer trains");
            }
        }
        List<Tensor> norm = new ArrayList<>();
        boolean complete = accumulated + 1 == options.accumulate;
        Map<Parameter, Tensor> g = options.accumulate == 1 ? gradients : added(gradients, complete, updates);
        if (complete) {
            g = clipped(g, norm);
            record(g, updates);
        }
        List<Tensor> wanted = new ArrayList<>(alsoWanted);
        wanted.addAll(probe.apply(Collections.unmodifiableList(updates)));
        Optional<Tensor> finite = options.keepFinite ? Optional.of(finite(alsoWanted, gradients)) : Optional.empty();
        finite.ifPresent(yes -> {
            updates.replaceAll(u -> new Update(u.target(), Tensor.where(yes, u.value(), u.target().value())));
            wanted.add(yes);
        });
        wanted.addAll(norm);
        options.evaluator.update(wanted, updates);
        skipped = finite.isPresent() && !finite.get().toBooleans()[0];
        if (skipped) {
            return; // the rules' counts must stay with their states, and the first of accumulated batches overwrites
        }
        if (complete) {
            for (Slot slot : slots) {
                if (!g.containsKey(slot.parameter())) {
                    missed.merge(slot.name(), 1L, Long::sum);
                }
            }
            updated(wanted);
        } else {
            accumulated++;
        }
    }

    // The loss is the first of what is wanted, where there is one.
    private Tensor finite(List<Tensor> wanted, Map<Parameter, Tensor> gradients) {
        Set<String> judged = new HashSet<>(); // layers that a small gradient speaks for
        trained.forEach((name, p) -> {
            if (p.shape().rank() < 2 && gradients.containsKey(p)) {
                judged.add(layer(name));
            }
        });
        List<Tensor> all = new ArrayList<>();
        wanted.stream().limit(1).forEach(loss -> all.add(loss.isFinite().all()));
        trained.forEach((name, p) -> {
            if (gradients.containsKey(p) && (p.shape().rank() < 2 || !judged.contains(layer(name)))) {
                all.add(gradients.get(p).isFinite().all());
            }
        });
        return all.isEmpty() ? Tensor.scalar(1).gt(0) : Tensor.stack(0, all.toArray(Tensor[]::new)).all();
    }

    private static String layer(String parameter) {
        return parameter.substring(0, Math.max(0, parameter.lastIndexOf('.')));
    }

    private void updated(List<Tensor> wanted) {
        rate = rate(rule);
        if (limitsNorm()) {
            gradientNorm = OptionalDouble.of(wanted.getLast().item());
        }
        steps++;
        accumulated = 0;
    }

    // The first batch overwrites the sums, so that nothing needs to be zeroed; the last goes into the update directly.
    private Map<Parameter, Tensor> added(Map<Parameter, Tensor> gradients, boolean complete, List<Update> updates) {
        Map<Parameter, Tensor> sums = new LinkedHashMap<>();
        Map<DType, Tensor> shares = new HashMap<>();
        for (Slot slot : slots) {
            Parameter p = slot.parameter();
            Tensor share = shares.computeIfAbsent(p.type(), type -> Tensor.scalar(type, 1.0 / options.accumulate));
            Tensor gradient = gradients.get(p);
            Tensor own = gradient == null ? p.value().zerosLike() : gradient.mul(share);
            Parameter sum = slot.sums().getFirst();
            sums.put(p, accumulated == 0 ? own : sum.value().add(own));
            if (!complete) {
                updates.add(new Update(sum, sums.get(p)));
            }
        }
        return sums;
    }

    private boolean limitsNorm() {
        return options.clipNorm != Double.POSITIVE_INFINITY;
    }

    // With a limited norm, the norm becomes the last wanted tensor.
    private Map<Parameter, Tensor> clipped(Map<Parameter, Tensor> gradients, List<Tensor> wanted) {
        Map<Parameter, Tensor> g = new LinkedHashMap<>(gradients);
        double limit = options.clipValue;
        if (limit != Double.POSITIVE_INFINITY) {
            g.replaceAll((p, x) -> x.minimum(Tensor.scalar(x.type(), limit)).maximum(Tensor.scalar(x.type(), -limit)));
        }
        if (limitsNorm()) {
            boolean wide = g.keySet().stream().anyMatch(p -> p.type() == DType.FLOAT64);
            DType type = wide ? DType.FLOAT64 : DType.FLOAT32;
            Tensor norm =
                    g.values().stream()
                            .map(x -> x.square().sum().to(type))
                            .reduce(Tensor::add)
                            .orElseGet(() -> Tensor.scalar(type, 0))
                            .sqrt();
            Tensor scale =
                    Tensor.scalar(type, options.clipNorm).div(norm.add(Tensor.scalar(type, NORM_EPSILON))).minimum(1);
            g.replaceAll((p, x) -> x.mul(scale.to(x.type())));
            wanted.add(norm);
        }
        return g;
    }

    private void record(Map<Parameter, Tensor> gradients, List<Update> updates) {
        record Kind(Rule rule, DType type, long step) {}
        Map<Kind, Tensor> known = new HashMap<>(); // numbers are shared by all parameters of a group
        for (Slot slot : slots) {
            Tensor gradient = gradients.get(slot.parameter());
            if (gradient != null) {
                var kind =
                        new Kind(
                                slot.rule(), slot.parameter().type(), steps + 1 - missed.getOrDefault(slot.name(), 0L));
                Tensor numbers =
                        known.computeIfAbsent(kind, k -> numbers(k.type, k.rule.scalars(rate(k.rule), k.step)));
                updates.addAll(slot.updates(gradient, numbers));
            }
        }
    }

    private static Tensor numbers(DType type, double[] values) {
        Buffer buffer = Buffer.onHeap(type, values.length);
        for (int i = 0; i < values.length; i++) {
            buffer.set(i, values[i]);
        }
        return Tensor.of(buffer, Shape.of(values.length));
    }

    private double rate(Rule r) {
        return Require.nonNegative("the learning rate of step " + steps, r.rate().rate(steps));
    }

    private void start() {
        if (!slots.isEmpty()) {
            return;
        }
        List<Slot> made = new ArrayList<>();
        Map<BitSet, Rule> rules = new HashMap<>(); // parameters of the same groups share a rule
        trained.forEach((name, p) -> {
            var groups = new BitSet();
            for (int i = 0; i < options.groups.size(); i++) {
                groups.set(i, options.groups.get(i).names.test(name));
            }
            Rule own =
                    rules.computeIfAbsent(
                            groups,
                            set -> {
                                Rule r = rule;
                                for (int i : set.stream().toArray()) {
                                    r = options.groups.get(i).change.apply(r);
                                }
                                return r;
                            });
            List<Parameter> states = own.states().stream().map(s -> filled(p, s.initial())).toList();
            List<Parameter> sums = options.accumulate == 1 ? List.of() : List.of(filled(p, 0));
            made.add(new Slot(name, p, own, states, sums));
        });
        slots = List.copyOf(made);
    }

    private static Parameter filled(Parameter like, double value) {
        return Parameter.state(Tensor.full(like.type(), value, like.shape().dims()));
    }

    // ---------------------------------------------------------------- what to see and to save

    /// How many times the parameters were updated.
    public long steps() {
        return steps;
    }

    /// How many batches have been accumulated since the last update.
    public int accumulated() {
        return accumulated;
    }

    /// The learning rate used last (before the first step: the one to be used).
    public double rate() {
        return rate == 0 && steps == 0 ? rate(rule) : rate;
    }

    /// How many updates left a parameter alone, by name; without those that took part in all of them.
    public Map<String, Long> missed() {
        return Collections.unmodifiableMap(missed);
    }

    /// The rule.
    public Rule rule() {
        return rule;
    }

    /// The parameters it trains, by name.
    public SequencedMap<String, Parameter> parameters() {
        return trained;
    }

    /// The parameters it would train if they were not frozen, by name.
    public SequencedMap<String, Parameter> frozen() {
        return frozen;
    }

    /// The length of all gradients taken as one vector, before clipping, at the last step; only with [#clipNorm].
    public OptionalDouble gradientNorm() {
        return gradientNorm;
    }

    /// All that a checkpoint must hold beside [#steps()], [#accumulated()] and [#missed()]: for each parameter what its rule keeps,
    /// `head.weight.momentum`, and when accumulating the gradient so far, `head.weight.accumulated`.
    public SequencedMap<String, Parameter> state() {
        start();
        SequencedMap<String, Parameter> state = new LinkedHashMap<>();
        for (Slot slot : slots) {
            List<Rule.State> kept = slot.rule().states();
            for (int i = 0; i < kept.size(); i++) {
                state.put(slot.name() + "." + kept.get(i).name(), slot.states().get(i));
            }
            slot.sums().forEach(sum -> state.put(slot.name() + ".accumulated", sum));
        }
        return state;
    }

    /// Continues after so many steps; the numbers of [#state()] are loaded apart.
    public void restore(long steps) {
        restore(steps, 0);
    }

    /// Continues after so many steps and batches accumulated since.
    public void restore(long steps, int accumulated) {
        restore(steps, accumulated, Map.of());
    }

    /// Continues after so many steps and batches accumulated since, some of which left parameters alone.
    public void restore(long steps, int accumulated, Map<String, Long> missed) {
        if (steps < 0 || accumulated < 0 || accumulated >= options.accumulate) {
            throw new AdjointException(
                    "an optimizer that accumulates "
                            + options.accumulate
                            + " batches cannot continue after "
                            + steps
                            + " steps and "
                            + accumulated
                            + " batches");
        }
        this.steps = steps;
        this.accumulated = accumulated;
        this.missed.clear();
        this.missed.putAll(missed);
        this.rate = steps == 0 ? 0 : rule.rate().rate(steps - 1);
    }

    @Override
    public String toString() {
        return "optimizer of " + trained.size() + " parameters by " + rule + " after " + steps + " steps";
    }

    // ---------------------------------------------------------------- refusals

    private static String unused(String name, Parameter parameter, Tensor loss) {
        String what = "parameter '" + name + "' (" + parameter.spec() + ") gets no gradient: ";
        if (loss.op() == null) {
            return what + "the loss has no graph (an earlier step computed it): record it anew for each step";
        }
        if (reads(loss, parameter)) {
            return what
                    + "the loss does not depend on its present value, but on one from before an update, or no "
                    + "derivative passes (integers, stopGradient): record the loss anew for each step";
        }
        return what
                + "the loss does not depend on it. Use it in forward, make it with Parameter.state, or allow it "
                + "with allowUnused()";
    }

    private static boolean reads(Tensor root, Parameter parameter) {
        Set<Tensor> seen = new HashSet<>(Set.of(root));
        var open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Tensor t = open.pop();
            if (t.parameter() == parameter) {
                return true;
            }
            t.inputs().stream().filter(seen::add).forEach(open::push);
        }
        return false;
    }
}
