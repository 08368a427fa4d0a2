package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// The positions (int64) that sort an axis, stable; NaN counts as the largest.
public record ArgSort(int axis, boolean descending) implements Op {
    @Override
    public String label() {
        return "argsort";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return new Spec(inputs.getFirst().shape(), DType.INT64);
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
