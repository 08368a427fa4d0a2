package adjoint.tensor;

import java.util.List;

/// Slices added up at their index into zeros: `y[a…, index[i…], b…] += updates[a…, i…, b…]`. The adjoint of [Gather].
///
/// @param extent of the axis that is made
public record ScatterAdd(int axis, int extent) implements Op {
    @Override
    public String label() {
        return "scatter-add";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Tensor index = Gather.requireIndex(label(), inputs.get(0));
        Spec updates = inputs.get(1).spec();
        int rank = index.shape().rank();
        boolean fits = axis + rank <= updates.shape().rank();
        int[] gone = new int[rank];
        for (int i = 0; fits && i < rank; i++) {
            gone[i] = axis + i;
            fits = updates.shape().dim(axis + i) == index.shape().dim(i);
        }
        if (!fits) {
            throw new ShapeException(
                    "scatter-add at axis "
                            + axis
                            + " needs updates with the axes "
                            + index.shape()
                            + " of the index there, got "
                            + updates.shape());
        }
        return new Spec(updates.shape().without(gone).insert(axis, extent), updates.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return g.gather(axis, output.input(0));
    }

    @Override
    public boolean passesGradient(int input) {
        return input == 1;
    }
}
