package adjoint.nn;

import adjoint.tensor.Parameter;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Which layers a training leaves alone.
public final class Frozen {
    private Frozen() {}

    /// The layers of a network that have something to train, all of which is frozen. In
    /// [Pass#inferring(Predicate)] these, and what is inside them, run as in inference: batch norms use the running
    /// statistics they were trained with and keep them, dropout drops nothing.
    ///
    /// ```java
    /// Predicate<Layer> still = Frozen.layers(model, optimizer.frozen().values());
    /// Tensor y = model.apply(x, Pass.training(key.fold(step)).inferring(still));
    /// ```
    public static Predicate<Layer> layers(Layer model, Collection<Parameter> frozen) {
        Set<Parameter> still = Set.copyOf(frozen);
        Set<Layer> layers = Collections.newSetFromMap(new IdentityHashMap<>());
        layers.add(model);
        layers.addAll(model.sublayers().values());
        layers.removeIf(layer -> {
            List<Parameter> own = layer.parameters().values().stream().filter(Parameter::trainable).toList();
            return own.isEmpty() || !still.containsAll(own);
        });
        return layers::contains;
    }
}
