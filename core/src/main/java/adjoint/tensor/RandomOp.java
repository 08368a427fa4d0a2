package adjoint.tensor;

import adjoint.kernel.DType;
import adjoint.kernel.Step;

import java.util.List;
import java.util.Locale;

/// Random numbers; the only input is the key (int64 [2]), so that a new key needs no new plan.
public record RandomOp(Step.Distribution distribution, Shape shape, DType type) implements Op {
    @Override
    public String label() {
        return distribution.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return new Spec(shape, type);
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
