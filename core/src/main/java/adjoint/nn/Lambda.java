package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.function.UnaryOperator;

/// A function without parameters as a layer, with a name: `new Lambda("scale", x -> x.mul(2))`.
///
/// @param name what messages and summaries call it
/// @param function must use no parameters of its own, which would have no names
public record Lambda(String name, UnaryOperator<Tensor> function) implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return function.apply(x);
    }

    @Override
    public String toString() {
        return name;
    }
}
