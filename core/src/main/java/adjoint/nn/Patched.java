package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A network with some of its layers exchanged, without a change to its code: another activation, a norm behind a layer, a new
/// head.
///
/// ```java
/// Layer finetuned = Patched.of(model).with("head", new Linear(512, 3, init));
/// Layer normed = Patched.of(model).around("hidden.0", hidden -> Sequential.of(hidden, new BatchNorm(128, init)));
/// ```
/// Parameters have the names that they would have if the code had been changed. Only layers that the network calls by
/// [Layer#apply] can be exchanged. A layer that stands in several components of one layer, as the constant of an enum can, is
/// exchanged in all of them.
public final class Patched implements ContextLayer {
    private final Layer model;
    private final SequencedMap<String, Layer> patches;
    private final Set<Parameter> held;
    private final Set<Layer> still; // layers with something to train, all of which is held

    private Patched(Layer model, SequencedMap<String, Layer> patches, Set<Parameter> held) {
        this.model = model;
        this.patches = patches;
        this.held = held;
        this.still = held.isEmpty() ? Set.of() : still(held);
    }

    // By name, since an exchanged layer is a part of those around it only from here.
    private Set<Layer> still(Set<Parameter> held) {
        Map<String, Parameter> all = new Patched(model, patches, Set.of()).parameters();
        Set<Layer> layers = Collections.newSetFromMap(new IdentityHashMap<>());
        sublayers()
                .forEach((path, layer) -> {
                    List<Parameter> own =
                            all.entrySet().stream()
                                    .filter(e -> e.getKey().startsWith(path + ".") && e.getValue().trainable())
                                    .map(Map.Entry::getValue)
                                    .toList();
                    if (!own.isEmpty() && held.containsAll(own)) {
                        layers.add(layer);
                    }
                });
        return layers;
    }

    /// The network as it is.
    public static Patched of(Layer model) {
        return model instanceof Patched p ? p : new Patched(model, new LinkedHashMap<>(), Set.of());
    }

    /// With another layer in a place.
    ///
    /// @param path its place: `encoder.fc2`
    /// @throws AdjointException if there is no layer
    public Patched with(String path, Layer other) {
        return around(path, old -> other);
    }

    /// With another layer in a place, made of the one that is there.
    ///
    /// @param path its place: `encoder.fc2`
    /// @throws AdjointException if there is no layer
    public Patched around(String path, UnaryOperator<Layer> change) {
        SequencedMap<String, Layer> all = sublayers();
        Layer old = all.get(path);
        if (old == null) {
            throw new AdjointException(
                    "there is no layer '" + path + "' to be exchanged, only " + String.join(", ", all.keySet()));
        }
        var more = new LinkedHashMap<>(patches);
        more.keySet().removeIf(p -> p.startsWith(path + ".")); // inside the one that goes, or moved with it
        Layer other = change.apply(old);
        more.put(path, other);
        patches.forEach((p, layer) -> {
            if (p.startsWith(path + ".")) {
                move(path, p, old, other, more, layer);
            }
        });
        return new Patched(model, more, held);
    }

    // What was exchanged inside a layer stays so where that layer is a part of the new one.
    private static void move(String path, String at, Layer old, Layer other, Map<String, Layer> into, Layer layer) {
        String rest = at.substring(path.length());
        Components.layers(other)
                .forEach((name, part) -> {
                    if (part == old) {
                        into.put(path + "." + name + rest, layer);
                    }
                });
        if (other == old) {
            into.put(at, layer);
        }
    }

    /// With these parameters frozen, and those layers as in inference that have no others to train.
    Patched holding(Collection<Parameter> more) {
        Set<Parameter> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(held);
        all.addAll(more);
        return new Patched(model, patches, all);
    }

    /// With nothing frozen any more.
    Patched released() {
        return new Patched(model, patches, Set.of());
    }

    boolean isHeld(Parameter parameter) {
        return held.contains(parameter);
    }

    /// The layers that stand in another's place, by path.
    public Map<String, Layer> patches() {
        return Collections.unmodifiableMap(patches);
    }

    Layer model() {
        return model;
    }

    /// With those of a layer around this one, which go before.
    ///
    /// @param path of this one
    Map<String, Layer> below(String path, Map<String, Layer> outer) {
        var all = new LinkedHashMap<String, Layer>();
        patches.forEach((p, layer) -> all.put(Components.join(path, p), layer));
        all.putAll(outer);
        return all;
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        Pass patched = pass.patched(model, below(pass.path(), pass.patches()));
        Pass inside = still.isEmpty() ? patched : patched.inferring(still::contains);
        return model instanceof ContextLayer c ? c.forward(x, context, inside) : model.forward(x, inside);
    }

    @Override
    public String toString() {
        return model + " with " + String.join(", ", patches.keySet()) + " exchanged";
    }
}
