package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// One run of a network: whether it trains, its random numbers, where in the network it is, and who watches.
///
/// ```java
/// Tensor logits = model.apply(x, Pass.training(key.fold(step)));
/// Tensor answer = model.apply(x, Pass.inference());
/// ```
/// Make a new one for each run: random keys and state updates belong to one run. Immutable but for those two.
public final class Pass {
    private final State state;
    private final Common common;
    private final Pass parent; // null before the first layer, as is the layer
    private final Layer layer;
    private final String name; // in the parent; empty: to be looked up when somebody asks

    /// Sees what goes through each layer, without changing it.
    @FunctionalInterface
    public interface Observer {
        /// Called after each layer.
        ///
        /// @param path the layer's place in the network: `encoder.fc2`; empty for the network itself
        void output(String path, Layer layer, Tensor output);

        /// Called before each layer.
        default void input(String path, Layer layer, Tensor input) {}

        /// Both, one after the other.
        default Observer and(Observer other) {
            Observer one = this;
            return new Observer() {
                @Override
                public void output(String path, Layer layer, Tensor output) {
                    one.output(path, layer, output);
                    other.output(path, layer, output);
                }

                @Override
                public void input(String path, Layer layer, Tensor input) {
                    one.input(path, layer, input);
                    other.input(path, layer, input);
                }
            };
        }
    }

    // What all positions of one run share.
    private record State(boolean training, Optional<RandomKey> key, AtomicLong drawn, List<Evaluator.Update> updates) {
        State(boolean training, Optional<RandomKey> key) {
            this(training, key, new AtomicLong(), Collections.synchronizedList(new ArrayList<>()));
        }

        State inference() {
            return new State(false, key, drawn, updates);
        }
    }

    // What holds from one position on: who watches, which layers run as in inference, and which stand in another's
    // place.
    private record Common(Optional<Observer> observer, Predicate<Layer> inferring, Map<String, Layer> patches) {
        Common watchedBy(Optional<Observer> other) {
            return new Common(other, inferring, patches);
        }
    }

    private Pass(State state, Common common, Pass parent, Layer layer, String name) {
        this.state = state;
        this.common = common;
        this.parent = parent;
        this.layer = layer;
        this.name = name;
    }

    private static Pass of(boolean training, Optional<RandomKey> key) {
        return new Pass(
                new State(training, key), new Common(Optional.empty(), layer -> false, Map.of()), null, null, "");
    }

    /// A training run: dropout drops, running statistics are updated.
    public static Pass training(RandomKey key) {
        return of(true, Optional.of(key));
    }

    /// A run that only computes the output.
    public static Pass inference() {
        return of(false, Optional.empty());
    }

    /// A run that only computes the output, of a network that draws random numbers in doing so.
    public static Pass inference(RandomKey key) {
        return of(false, Optional.of(key));
    }

    /// True in a training run.
    public boolean isTraining() {
        return state.training;
    }

    /// A new random key at each call: the run's key and the number of the call.
    public RandomKey key() {
        RandomKey root =
                state.key.orElseThrow(() ->
                        new AdjointException(
                                "layer '"
                                        + path()
                                        + "' draws random numbers, and this pass has none: use"
                                        + " Pass.inference(RandomKey) or Pass.training(RandomKey)"));
        return root.fold(state.drawn.getAndIncrement());
    }

    /// The same run from here on once more, for what must be recorded a second time: it draws the same random numbers;
    /// its updates count for nothing, and nobody watches.
    Pass again() {
        var updates = Collections.synchronizedList(new ArrayList<Evaluator.Update>());
        var state = new State(this.state.training, this.state.key, new AtomicLong(this.state.drawn.get()), updates);
        return new Pass(state, common.watchedBy(Optional.empty()), parent, layer, name);
    }

    /// This run with one observer more.
    public Pass observing(Observer one) {
        Observer all = common.observer.map(o -> o.and(one)).orElse(one);
        return new Pass(state, common.watchedBy(Optional.of(all)), parent, layer, name);
    }

    /// This run, in which these layers, with all that is inside them, run as in inference: batch norm uses its running
    /// statistics and leaves them as they are, dropout drops nothing. Gradients pass as usual.
    ///
    /// ```java
    /// Pass.training(key).inferring(layer -> layer == model.body())
    /// ```
    /// [Frozen#layers] gives those that are frozen.
    public Pass inferring(Predicate<Layer> layers) {
        var more = new Common(common.observer, common.inferring.or(layers), common.patches);
        return new Pass(state, more, parent, layer, name);
    }

    /// This run, one layer further in. [Layer#apply] does it.
    public Pass into(Layer child) {
        return into("", child);
    }

    /// This run, one layer further in, under a name that the layer knows better than its components tell.
    public Pass into(String childName, Layer child) {
        return new Pass(stateOf(child), common, this, child, childName);
    }

    private State stateOf(Layer inner) {
        return state.training && common.inferring.test(inner) ? state.inference() : state;
    }

    /// This run with other layers in some places, in a layer that stands for another.
    Pass patched(Layer model, Map<String, Layer> patches) {
        String own = parent == null || parent.layer == null ? "" : ownName();
        var more = new Common(common.observer, common.inferring, patches);
        return new Pass(state, more, parent, model, own);
    }

    Map<String, Layer> patches() {
        return common.patches;
    }

    /// Whether another layer stands in the place of a component of the layer that runs.
    boolean exchanges(String component) {
        return !common.patches.isEmpty() && common.patches.containsKey(Components.join(path(), component));
    }

    /// The place in the network: `encoder.fc2`. Empty for the network itself, and before the first layer.
    public String path() {
        if (parent == null || parent.layer == null) {
            return "";
        }
        return Components.join(parent.path(), ownName());
    }

    private String ownName() {
        return name.isEmpty() ? Components.nameOf(parent.layer, layer) : name;
    }

    /// Asks for a state's next value, to be written when the step is computed (running statistics).
    public void record(Evaluator.Update update) {
        state.updates.add(update);
    }

    /// The updates asked for so far in this run.
    public List<Evaluator.Update> updates() {
        return List.copyOf(state.updates);
    }

    /// Runs the layer that the pass has entered, or the one that was put into its place.
    Tensor run(Tensor x) {
        return run(x, Context.of());
    }

    /// The same with a context, for those that use one.
    Tensor run(Tensor x, Context context) {
        Pass here = here();
        if (layer instanceof ContextLayer && !(here.layer instanceof ContextLayer) && !context.isEmpty()) {
            throw new AdjointException(
                    "the layer in the place of '"
                            + path()
                            + "' must be a ContextLayer, since it is given a mask, a memory or a cache; got "
                            + TypeName.of(here.layer));
        }
        return here.run(
                x,
                () -> here.layer instanceof ContextLayer c ? c.forward(x, context, here) : here.layer.forward(x, here),
                y -> y);
    }

    /// Runs the recurrent layer that the pass has entered, or the one that was put into its place.
    Unrolled unroll(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths) {
        Pass here = here();
        if (!(here.layer instanceof RecurrentLayer recurrent)) {
            throw new AdjointException(
                    "the layer in the place of '"
                            + path()
                            + "' must be a RecurrentLayer, since its state or its sequences' lengths are asked for; got "
                            + TypeName.of(here.layer));
        }
        return here.run(x, () -> recurrent.forward(x, state, lengths, here), Unrolled::outputs);
    }

    private Pass here() {
        Map<String, Layer> patches = common.patches;
        Layer other = patches.isEmpty() || parent.layer == null ? layer : patches.getOrDefault(path(), layer);
        return other == layer ? this : new Pass(stateOf(other), common, parent, other, ownName());
    }

    private <T> T run(Tensor x, Supplier<T> forward, Function<T, Tensor> output) {
        common.observer.ifPresent(o -> o.input(path(), layer, x));
        T y;
        try {
            y = forward.get();
        } catch (adjoint.tensor.ShapeException e) {
            throw e.at(path());
        }
        common.observer.ifPresent(o -> o.output(path(), layer, output.apply(y)));
        return y;
    }
}
