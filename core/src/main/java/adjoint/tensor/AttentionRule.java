package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// The attributes and the shape rule that [Attention] and [AttentionGradient] share.
///
/// @param causal whether query t sees only keys up to t + S - T
/// @param scale of the products of queries and keys
/// @param dropout the probability of dropping a weight; with 0 there is no key among the inputs
/// @param masked whether there is a mask among the inputs
public record AttentionRule(boolean causal, double scale, double dropout, boolean masked) {
    /// The mask among the inputs, or null.
    ///
    /// @param rest position of the first input that not every attention has
    public <T> T mask(List<T> inputs, int rest) {
        return masked ? inputs.get(rest) : null;
    }

    /// The random key among the inputs, or null.
    ///
    /// @param rest position of the first input that not every attention has
    public <T> T key(List<T> inputs, int rest) {
        return dropout > 0 ? inputs.get(masked ? rest + 1 : rest) : null;
    }

    /// The shape `[B, T, H, E]` of the output.
    ///
    /// @throws ShapeException if queries, keys, values and mask do not fit
    Shape output(Tensor q, Tensor k, Tensor v, Tensor mask) {
        if (!q.type().isFloating() || k.type() != q.type() || v.type() != q.type()) {
            throw new ShapeException(
                    "attention needs queries, keys and values of one floating type, got "
                            + q.type()
                            + ", "
                            + k.type()
                            + " and "
                            + v.type());
        }
        if (q.shape().rank() != 4 || k.shape().rank() != 4 || v.shape().rank() != 4) {
            throw new ShapeException(
                    "attention needs queries, keys and values of 4 axes (batch, heads, length, width), got "
                            + q.shape()
                            + ", "
                            + k.shape()
                            + " and "
                            + v.shape());
        }
        boolean fits = q.dim(0) == k.dim(0) && k.dim(0) == v.dim(0); // batch
        fits &= q.dim(3) == k.dim(3) && k.dim(1) == v.dim(1) && k.dim(2) == v.dim(2); // width, length, heads
        fits &= k.dim(2) == 0 ? q.dim(2) == 0 : q.dim(2) % k.dim(2) == 0;
        if (!fits) {
            throw new ShapeException(
                    "attention needs one batch, keys as wide as queries, as many values as keys, and heads of queries that "
                            + "are a multiple of those of keys; got queries "
                            + extents(q)
                            + ", keys "
                            + extents(k)
                            + ", values "
                            + extents(v));
        }
        if (mask != null) {
            check(mask, q.type(), Shape.of(q.dim(0), q.dim(2), q.dim(1), k.dim(1)));
        }
        return Shape.of(q.dim(0), q.dim(1), q.dim(2), v.dim(3));
    }

    private static void check(Tensor mask, DType type, Shape scores) {
        if (mask.type() != DType.BOOL && mask.type() != type) {
            throw new ShapeException(
                    "attention needs a mask of type bool or "
                            + type
                            + ", got "
                            + mask.spec()
                            + ": convert it with to(DType)");
        }
        if (!scores.equals(Shape.broadcast(mask.shape(), scores))) {
            throw new ShapeException(
                    "attention needs a mask that broadcasts to [batch, heads, queries, keys] = "
                            + scores
                            + ", got "
                            + mask.shape());
        }
    }

    private static String extents(Tensor t) {
        return "[batch %d, heads %d, length %d, width %d]".formatted(t.dim(0), t.dim(2), t.dim(1), t.dim(3));
    }
}
