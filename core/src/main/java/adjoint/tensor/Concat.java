package adjoint.tensor;

import java.util.List;

/// Tensors one after the other along an axis.
public record Concat(int axis) implements Op {
    @Override
    public String label() {
        return "concat";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec first = inputs.getFirst().spec();
        int total = 0;
        for (Tensor t : inputs) {
            boolean fits = t.type() == first.type() && t.shape().rank() == first.shape().rank();
            if (!fits || !t.shape().with(axis, 1).equals(first.shape().with(axis, 1))) {
                throw new ShapeException(
                        "concat along axis "
                                + axis
                                + " needs tensors equal in type and all other axes, got "
                                + first
                                + " and "
                                + t.spec());
            }
            total = Math.addExact(total, t.shape().dim(axis));
        }
        return new Spec(first.shape().with(axis, total), first.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        int start = 0;
        for (int i = 0; i < input; i++) {
            start += output.input(i).shape().dim(axis);
        }
        return g.slice(axis, start, start + output.input(input).shape().dim(axis));
    }
}
