package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `x + α inner(x)` with a learned number α that starts at 0, so that a network of any depth starts as the identity
/// (Bachlechner et al. 2020).
///
/// Shapes: any that the inner layer keeps; α `[]`.
///
/// @param inner keeps the shape
/// @param scale α
public record ReZero(Layer inner, Parameter scale) implements ContextLayer {
    /// @throws ShapeException if α is not one number
    public ReZero {
        if (scale.shape().rank() != 0) {
            throw new ShapeException("ReZero needs one number [] as its scale, got " + scale.shape());
        }
    }

    /// With α = 0.
    public ReZero(Layer inner, Init init) {
        this(inner, Parameter.of(init.bias()));
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        Tensor y = pass.into(inner).run(x, context);
        Residual.requireKept("ReZero", inner, x, y);
        return x.add(y.mul(scale.value()));
    }

    @Override
    public String toString() {
        return "ReZero";
    }
}
