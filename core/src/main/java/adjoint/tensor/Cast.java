package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// Another element type. Floats become integers by cutting off; anything but 0 becomes true.
public record Cast(DType to) implements Op {
    @Override
    public String label() {
        return "to " + to;
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return new Spec(inputs.getFirst().shape(), to);
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return g.to(output.input(0).type());
    }

    @Override
    public boolean passesGradient(int input) {
        return to.isFloating();
    }
}
