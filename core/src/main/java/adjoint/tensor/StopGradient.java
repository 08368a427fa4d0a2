package adjoint.tensor;

import java.util.List;

/// The same values, through which no derivative passes.
public record StopGradient() implements Op {
    @Override
    public String label() {
        return "stop-gradient";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return inputs.getFirst().spec();
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
