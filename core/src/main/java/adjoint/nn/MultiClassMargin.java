package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.OptionalLong;

/// The hinge of many classes: `Σ max(0, margin - x[label] + x[j])ᵖ / C` over all other classes j (Weston & Watkins
/// 1999).
///
/// Shapes: scores `[…, C]`, int labels `[…]`.
///
/// @param margin by how much the label's score must exceed the others
/// @param power p: 1, or 2 for squares
/// @param reduction how the examples' losses become one
public record MultiClassMargin(double margin, int power, Reduction reduction) implements Criterion {
    /// @throws AdjointException if the power is neither 1 nor 2
    public MultiClassMargin {
        if (power != 1 && power != 2) {
            throw new AdjointException("multi-class margin needs a power of 1 or 2, got " + power);
        }
    }

    /// A margin of 1, not squared, the mean.
    public MultiClassMargin() {
        this(1, 1, Reduction.MEAN);
    }

    /// This with another reduction.
    public MultiClassMargin reduction(Reduction other) {
        return new MultiClassMargin(margin, power, other);
    }

    @Override
    public Tensor of(Tensor scores, Tensor target) {
        Labels labels = Labels.of("multi-class margin", scores, target);
        Tensor lack = scores.sub(labels.take(scores).unsqueeze(-1)).add(margin).relu();
        Tensor each = power == 1 ? lack : lack.square();
        Tensor loss = Tensor.where(labels.hot(), each.zerosLike(), each).sum(-1).mul(1.0 / scores.dim(-1));
        return labels.reduce(loss, Optional.empty(), OptionalLong.empty(), reduction);
    }
}
