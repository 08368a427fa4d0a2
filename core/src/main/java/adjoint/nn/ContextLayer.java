package adjoint.nn;

import adjoint.tensor.Tensor;

/// A layer for sequences that uses its [Context]: padding, a memory, a cache.
///
/// Implement [#forward(Tensor, Context, Pass)]; call [#apply(Tensor, Context, Pass)] on the parts that are such layers, and
/// [#apply(Tensor, Pass)] on others.
public interface ContextLayer extends Layer {
    /// What the layer computes.
    Tensor forward(Tensor x, Context context, Pass pass);

    @Override
    default Tensor forward(Tensor x, Pass pass) {
        return forward(x, Context.of(), pass);
    }

    /// Runs the layer inside a pass, as [Layer#apply], with its context.
    default Tensor apply(Tensor x, Context context, Pass pass) {
        return pass.into(this).run(x, context);
    }
}
