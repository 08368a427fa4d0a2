package adjoint.tensor;

import java.util.List;

/// The same elements in row-major order under another shape.
public record Reshape(Shape shape) implements Op {
    @Override
    public String label() {
        return "reshape";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (x.shape().size() != shape.size()) {
            throw new ShapeException(
                    "reshape cannot turn "
                            + x.shape()
                            + " ("
                            + x.shape().size()
                            + " elements) into "
                            + shape
                            + " ("
                            + shape.size()
                            + ")");
        }
        return new Spec(shape, x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return g.reshape(output.input(0).shape().dims());
    }
}
