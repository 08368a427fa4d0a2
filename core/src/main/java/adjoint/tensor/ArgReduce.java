package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// The position (int64) of the largest or smallest element along an axis, which disappears; the first of equals.
public record ArgReduce(int axis, boolean max) implements Op {
    @Override
    public String label() {
        return max ? "argmax" : "argmin";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Shape x = inputs.getFirst().shape();
        if (x.dim(axis) == 0) {
            throw new ShapeException(label() + " needs at least one element along axis " + axis + ", got " + x);
        }
        return new Spec(x.without(axis), DType.INT64);
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return null;
    }

    @Override
    public boolean passesGradient(int input) {
        return false;
    }
}
