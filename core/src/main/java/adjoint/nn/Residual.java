package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `x + inner(x)`: the inner layer learns what to change (He et al. 2016).
///
/// Shapes: any that the inner layer keeps.
///
/// @param inner keeps the shape
public record Residual(Layer inner) implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = inner.apply(x, pass);
        if (!y.spec().equals(x.spec())) {
            throw new ShapeException(
                    "Residual needs an inner layer that keeps the shape, got "
                            + x.spec()
                            + " and from "
                            + TypeName.of(inner)
                            + " "
                            + y.spec());
        }
        return x.add(y);
    }

    @Override
    public String toString() {
        return "Residual";
    }
}
