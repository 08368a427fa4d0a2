package adjoint.tensor;

import java.util.List;

/// Reverses axes.
public record Flip(Ints axes) implements Op {
    @Override
    public String label() {
        return "flip";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return inputs.getFirst().spec();
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return Tensor.apply(this, g);
    }
}
