package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// A constant everywhere. Part of a plan's structure, unlike a scalar tensor, whose value may change from run to run.
public record Fill(Shape shape, DType type, double value) implements Op {
    @Override
    public String label() {
        return "fill " + value;
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return new Spec(shape, type);
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        throw new AssertionError("fill has no input");
    }
}
