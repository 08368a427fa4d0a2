package adjoint.tensor;

import java.util.List;

/// The first input's values, made anew once the second input is computed: what is recorded from it is computed then, and
/// never merged with what was recorded from the first input itself.
public record After() implements Op {
    @Override
    public String label() {
        return "after";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return inputs.getFirst().spec();
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return g;
    }

    @Override
    public boolean passesGradient(int input) {
        return input == 0;
    }
}
