package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// Counts 0, 1, 2 … along an axis.
public record Iota(Shape shape, DType type, int axis) implements Op {
    @Override
    public String label() {
        return "iota";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return new Spec(shape, type);
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        throw new AssertionError("iota has no input");
    }
}
