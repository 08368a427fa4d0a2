package adjoint.tensor;

import java.util.List;

/// Whole slices picked by index: `y[a…, i…, b…] = x[a…, index[i…], b…]` where `axis` axes lead.
public record Gather(int axis) implements Op {
    @Override
    public String label() {
        return "gather";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.get(0).spec();
        Tensor index = requireIndex(label(), inputs.get(1));
        Shape shape = x.shape().without(axis);
        for (int i = 0; i < index.shape().rank(); i++) {
            shape = shape.insert(axis + i, index.shape().dim(i));
        }
        return new Spec(shape, x.type());
    }

    static Tensor requireIndex(String label, Tensor index) {
        if (!index.type().isInteger()) {
            throw new ShapeException(label + " needs int32 or int64 indices, got " + index.spec());
        }
        return index;
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        int extent = output.input(0).shape().dim(axis);
        return Tensor.apply(new ScatterAdd(axis, extent), output.input(1), g);
    }

    @Override
    public boolean passesGradient(int input) {
        return input == 0;
    }
}
