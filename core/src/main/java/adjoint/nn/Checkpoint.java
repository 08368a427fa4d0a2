package adjoint.nn;

import adjoint.tensor.AdjointException;
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
public record Checkpoint(Layer inner) implements ContextLayer {
    /// The layer, recomputed in the backward pass.
    public static Checkpoint of(Layer inner) {
        return new Checkpoint(inner);
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        if (!pass.isTraining() || !x.type().isFloating()) {
            return pass.into(inner).run(x, context);
        }
        Pass again = pass.again(); // as it is before the first run
        if (context.memory().isPresent()) {
            throw new AdjointException(
                    "Checkpoint cannot compute a layer again that looks at a memory, whose gradient would be lost: put it around"
                            + " the layers of the encoder only");
        }
        return Recomputed.of(pass.into(inner).run(x, context), x, in -> again.again().into(inner).run(in, context));
    }

    @Override
    public String toString() {
        return "Checkpoint";
    }
}
