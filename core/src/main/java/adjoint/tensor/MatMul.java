package adjoint.tensor;

import java.util.Arrays;
import java.util.List;

/// The matrix product `[…, m, k] · […, k, n] -> […, m, n]`; leading axes broadcast. Both have at least two axes.
public record MatMul() implements Op {
    @Override
    public String label() {
        return "matmul";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Tensor a = inputs.get(0);
        Tensor b = inputs.get(1);
        if (a.type() != b.type() || !a.type().isFloating()) {
            throw new ShapeException(
                    "matmul needs two tensors of one floating type, got " + a.spec() + " and " + b.spec());
        }
        Shape s = a.shape();
        Shape t = b.shape();
        if (s.rank() < 2 || t.rank() < 2 || s.dim(-1) != t.dim(-2)) {
            throw new ShapeException("matmul needs [.., m, k] and [.., k, n], got " + s + " and " + t);
        }
        Shape batch = Shape.broadcast(s.without(-1, -2), t.without(-1, -2));
        if (batch == null) {
            throw new ShapeException("matmul cannot broadcast the leading axes of " + s + " with those of " + t);
        }
        int[] dims = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        dims[batch.rank()] = s.dim(-2);
        dims[batch.rank() + 1] = t.dim(-1);
        return new Spec(Shape.of(dims), a.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return input == 0
                ? Tensor.apply(this, g, output.input(1).transpose(-1, -2)) // [m,n] · [n,k]
                : Tensor.apply(this, output.input(0).transpose(-1, -2), g); // [k,m] · [m,n]
    }
}
