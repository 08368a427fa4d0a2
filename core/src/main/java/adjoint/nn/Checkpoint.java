package adjoint.nn;

import adjoint.tensor.Recomputed;
import adjoint.tensor.Tensor;

/// A layer whose inside is not kept for the backward pass but computed there again (Chen et al. 2016): a deep network of
/// such blocks trains in the memory of one block and of what goes from block to block, for about a third more time.
///
/// ```java
/// Layer block = Checkpoint.of(new Residual(inner));
/// ```
/// The layer draws the same random numbers again, and updates its running statistics once. Observers see its first run only.
///
/// @param inner the layer
public record Checkpoint(Layer inner) implements Layer {
    /// The layer, recomputed in the backward pass.
    public static Checkpoint of(Layer inner) {
        return new Checkpoint(inner);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!pass.isTraining() || !x.type().isFloating()) {
            return inner.apply(x, pass);
        }
        Pass again = pass.again(); // as it is before the first run
        return Recomputed.of(inner.apply(x, pass), x, in -> inner.apply(in, again.again()));
    }

    @Override
    public String toString() {
        return "Checkpoint";
    }
}
