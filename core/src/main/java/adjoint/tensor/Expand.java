package adjoint.tensor;

import java.util.List;

/// Broadcasts to a larger shape, without copying.
public record Expand(Shape shape) implements Op {
    @Override
    public String label() {
        return "expand";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (!shape.equals(Shape.broadcast(x.shape(), shape))) {
            throw new ShapeException(
                    "expand cannot broadcast "
                            + x.shape()
                            + " to "
                            + shape
                            + ": aligned at the last axis, extents must be equal or 1");
        }
        return new Spec(shape, x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return g; // un-broadcast by the engine
    }
}
