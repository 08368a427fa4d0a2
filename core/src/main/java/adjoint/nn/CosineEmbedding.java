package adjoint.nn;

import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Pulls pairs of vectors together (label 1: `1 - cos`) or apart (label -1: `max(0, cos - margin)`).
///
/// @param margin below which cosine two vectors are apart enough, from -1 to 1
/// @param reduction how the pairs' losses become one
public record CosineEmbedding(double margin, Reduction reduction) {
    private static final double EPSILON = 1e-12; // PyTorch's, so that vectors of 0 have a gradient

    /// A margin of 0, the mean.
    public CosineEmbedding() {
        this(0, Reduction.MEAN);
    }

    /// This with another reduction.
    public CosineEmbedding reduction(Reduction other) {
        return new CosineEmbedding(margin, other);
    }

    /// The loss of pairs.
    ///
    /// @param a `[…, n]`
    /// @param b `[…, n]`
    /// @param label `[…]`, each 1 or -1, of the type of the vectors
    public Tensor of(Tensor a, Tensor b, Tensor label) {
        Tensor cos = similarity(a, b);
        Shape pairs = cos.shape();
        if (!label.spec().equals(cos.spec())) {
            throw new ShapeException(
                    "cosine embedding needs labels 1 or -1 of " + a.type() + " " + pairs + ", got " + label.spec());
        }
        Tensor apart = cos.sub(margin).relu();
        return reduction.of(Tensor.where(label.gt(0), cos.neg().add(1), apart));
    }

    /// The cosine of the angle between vectors: `a · b / √((|a|² + ε)(|b|² + ε))`, `[…, n], […, n] -> […]`.
    static Tensor similarity(Tensor a, Tensor b) {
        Fit.same("cosine similarity", a, b);
        if (a.shape().rank() == 0) {
            throw new ShapeException("cosine similarity needs vectors [.., n], got scalars");
        }
        Tensor lengths = a.square().sum(-1).add(EPSILON).mul(b.square().sum(-1).add(EPSILON));
        return a.mul(b).sum(-1).mul(lengths.rsqrt());
    }
}
