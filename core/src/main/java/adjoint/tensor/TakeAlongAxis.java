package adjoint.tensor;

import java.util.List;

/// One element for each index: `y[…, i, …] = x[…, index[…, i, …], …]`.
public record TakeAlongAxis(int axis) implements Op {
    @Override
    public String label() {
        return "take-along-axis";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.get(0).spec();
        Shape index = Gather.requireIndex(label(), inputs.get(1)).shape();
        if (index.rank() != x.shape().rank() || !index.with(axis, 1).equals(x.shape().with(axis, 1))) {
            throw new ShapeException(
                    "take-along-axis "
                            + axis
                            + " of "
                            + x.shape()
                            + " needs indices equal to it in all other axes, got "
                            + index);
        }
        return new Spec(index, x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        int extent = output.input(0).shape().dim(axis);
        return Tensor.apply(new ScatterAddAlongAxis(axis, extent), output.input(1), g);
    }

    @Override
    public boolean passesGradient(int input) {
        return input == 0;
    }
}
