package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Adds waves of many lengths, by which a network tells steps apart without learning it (Vaswani et al. 2017, section 3.5):
/// `y[…, t, 2i] = x + sin φ`, `y[…, t, 2i + 1] = x + cos φ`, `φ = t / 10000^(2i / C)`.
///
/// Shapes: x and y `[B, T, C]`, C even.
public record SinusoidalPositions() implements ContextLayer {
    private static final double BASE = 10_000;

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        if (x.shape().rank() != 3 || x.dim(2) % 2 != 0) {
            throw new ShapeException(this + " need [B, T, C] with an even C, got " + x.shape());
        }
        int c = x.dim(2);
        Tensor angle = Rotary.angles(x.dim(1), context.offset(), BASE, c, x.type()); // [T, C / 2]
        return x.add(Tensor.stack(2, angle.sin(), angle.cos()).reshape(x.dim(1), c));
    }

    @Override
    public String toString() {
        return "SinusoidalPositions";
    }
}
