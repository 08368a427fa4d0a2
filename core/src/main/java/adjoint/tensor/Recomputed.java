package adjoint.tensor;

import java.util.List;
import java.util.function.UnaryOperator;

/// The first input's values, computed by a function of the second input. The backward pass computes the function again
/// rather than keeping what it needs of it: less memory for more time (Chen et al. 2016).
///
/// All are equal, since they do the same, whatever the function.
public final class Recomputed implements Op {
    private final UnaryOperator<Tensor> function;

    private Recomputed(UnaryOperator<Tensor> function) {
        this.function = function;
    }

    /// `y`, which is `function(x)`. Beside x, the function may read parameters and data, but nothing computed elsewhere
    /// from what gradients are asked for; it must record what y was recorded as, each time.
    public static Tensor of(Tensor y, Tensor x, UnaryOperator<Tensor> function) {
        return Tensor.apply(new Recomputed(function), y, x);
    }

    /// The function's input for the backward pass.
    ///
    /// @param cotangent what must be computed before
    public Tensor input(Tensor output, Tensor cotangent) {
        return Tensor.apply(new After(), output.input(1), cotangent);
    }

    /// The function's output, recorded again.
    public Tensor output(Tensor input) {
        return function.apply(input);
    }

    @Override
    public String label() {
        return "recomputed";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return inputs.getFirst().spec();
    }

    /// Not called: [adjoint.grad.Gradients] goes through [#output].
    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        throw new UnsupportedOperationException("the derivative goes through what is recorded again");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Recomputed;
    }

    @Override
    public int hashCode() {
        return Recomputed.class.hashCode();
    }

    @Override
    public String toString() {
        return label();
    }
}
