package adjoint.tensor;

import java.util.List;

/// Running sum along an axis, from the start or (`reverse`) from the end.
public record CumulativeSum(int axis, boolean reverse) implements Op {
    @Override
    public String label() {
        return "cumsum";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (!Unary.isNumeric(x.type())) {
            throw new ShapeException("cumsum needs numbers, got " + x);
        }
        return x;
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return Tensor.apply(new CumulativeSum(axis, !reverse), g);
    }
}
