package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// `condition ? a : b`, elementwise and broadcasting.
public record Select() implements Op {
    @Override
    public String label() {
        return "where";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        if (inputs.getFirst().type() != DType.BOOL) {
            throw new ShapeException("where needs a condition of type bool, got " + inputs.getFirst().spec());
        }
        Spec values = Binary.broadcast(label(), inputs.get(1), inputs.get(2));
        Shape shape = Shape.broadcast(inputs.getFirst().shape(), values.shape());
        if (shape == null) {
            throw new ShapeException(
                    "where cannot broadcast a condition of "
                            + inputs.getFirst().shape()
                            + " with values of "
                            + values.shape());
        }
        return new Spec(shape, values.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        Tensor condition = output.input(0);
        return input == 1 ? Tensor.where(condition, g, g.zerosLike()) : Tensor.where(condition, g.zerosLike(), g);
    }

    @Override
    public boolean passesGradient(int input) {
        return input > 0;
    }
}
