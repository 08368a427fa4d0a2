package adjoint.tensor;

import adjoint.kernel.DType;

/// What is special about an attention ([Tensor#attention]); start from [#standard()] and change what is needed.
///
/// ```java
/// Tensor y = q.attention(k, v, AttentionOptions.standard().causal().dropout(0.1, key));
/// ```
///
/// @param isCausal whether a query sees only keys up to its own position, counted from the end: the last query sees all keys
/// @param mask null, or `[B or 1, H or 1, T or 1, S]`: truth values, where false keeps a query from seeing a key; or floats
///     that are added to the scores (-∞ keeps it from seeing it)
/// @param scale what the products of queries and keys are multiplied by; NaN stands for `1 / √D`
/// @param dropout the probability, in [0, 1), with which each weight is set to 0; the others are divided by its complement
/// @param key the random numbers of dropout; null if there is none
public record AttentionOptions(boolean isCausal, Tensor mask, double scale, double dropout, RandomKey key) {
    private static final AttentionOptions STANDARD = new AttentionOptions(false, null, Double.NaN, 0, null);

    /// @throws AdjointException if dropout is out of range or lacks its key, the scale is infinite, or the mask holds integers
    public AttentionOptions {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new AdjointException("attention needs a dropout probability in [0, 1), got " + dropout);
        }
        if (dropout > 0 && key == null) {
            throw new AdjointException(
                    "attention with dropout " + dropout + " needs a random key: use dropout(p, pass.key())");
        }
        if (Double.isInfinite(scale)) {
            throw new AdjointException("attention needs a finite scale, got " + scale);
        }
        if (mask != null && mask.type() != DType.BOOL && !mask.type().isFloating()) {
            throw new ShapeException(
                    "attention needs a mask of truth values or floats, got " + mask.spec() + ": use mask.ne(0)");
        }
    }

    /// Every query sees every key; scale `1 / √D`; no dropout.
    public static AttentionOptions standard() {
        return STANDARD;
    }

    /// A query sees only keys up to its own position.
    public AttentionOptions causal() {
        return new AttentionOptions(true, mask, scale, dropout, key);
    }

    /// With a mask of truth values or of floats to add.
    public AttentionOptions mask(Tensor mask) {
        return new AttentionOptions(isCausal, mask, scale, dropout, key);
    }

    /// With another factor on the products. It is part of the plan's structure: no number to change at every step.
    public AttentionOptions scale(double scale) {
        return new AttentionOptions(isCausal, mask, scale, dropout, key);
    }

    /// Sets weights to 0 with a probability, after the softmax.
    public AttentionOptions dropout(double probability, RandomKey key) {
        return new AttentionOptions(isCausal, mask, scale, probability, key);
    }
}
