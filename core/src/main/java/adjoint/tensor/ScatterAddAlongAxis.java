package adjoint.tensor;

import java.util.List;

/// Elements added up at their index into zeros: `y[…, index[…, i, …], …] += updates[…, i, …]`. The adjoint of [TakeAlongAxis].
///
/// @param extent of the axis that is made
public record ScatterAddAlongAxis(int axis, int extent) implements Op {
    @Override
    public String label() {
        return "scatter-add-along-axis";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Tensor index = Gather.requireIndex(label(), inputs.get(0));
        Spec updates = inputs.get(1).spec();
        if (!index.shape().equals(updates.shape())) {
            throw new ShapeException(
                    label()
                            + " needs indices and updates of one shape, got "
                            + index.shape()
                            + " and "
                            + updates.shape());
        }
        return new Spec(updates.shape().with(axis, extent), updates.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return g.takeAlongAxis(axis, output.input(0));
    }

    @Override
    public boolean passesGradient(int input) {
        return input == 1;
    }
}
