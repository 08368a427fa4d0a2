package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import java.util.function.BinaryOperator;

/// A loss that compares element with element, and adds up.
///
/// Shapes: output and target alike.
///
/// ```java
/// Criterion loss = Pointwise.huber(0.5).reduction(Reduction.SUM);
/// ```
///
/// @param name what messages call it
/// @param formula the losses of the elements, from output and target
/// @param reduction how they become one
public record Pointwise(String name, BinaryOperator<Tensor> formula, Reduction reduction) implements Criterion {

    private static Pointwise mean(String name, BinaryOperator<Tensor> formula) {
        return new Pointwise(name, formula, Reduction.MEAN);
    }

    /// This with another reduction.
    public Pointwise reduction(Reduction other) {
        return new Pointwise(name, formula, other);
    }

    @Override
    public Tensor of(Tensor output, Tensor target) {
        Fit.same(name, output, target);
        return reduction.of(formula.apply(output, target));
    }

    /// `(x - t)²`
    public static Pointwise squaredError() {
        return mean("squared error", (x, t) -> x.sub(t).square());
    }

    /// `|x - t|`
    public static Pointwise absoluteError() {
        return mean("absolute error", (x, t) -> x.sub(t).abs());
    }

    /// With d = x - t: `d² / 2` where `|d| ≤ δ`, else `δ (|d| - δ / 2)` (Huber 1964).
    public static Pointwise huber(double delta) {
        requirePositive("huber", "delta", delta);
        return mean(
                "huber",
                (x, t) -> {
                    Tensor d = x.sub(t);
                    Tensor a = d.abs();
                    return Tensor.where(a.le(delta), d.square().mul(0.5), a.sub(delta / 2).mul(delta));
                });
    }

    /// With d = x - t: `d² / 2β` where `|d| < β`, else `|d| - β / 2` (Girshick 2015).
    public static Pointwise smoothL1(double beta) {
        requirePositive("smooth L1", "beta", beta);
        return mean(
                "smooth L1",
                (x, t) -> {
                    Tensor d = x.sub(t);
                    Tensor a = d.abs();
                    return Tensor.where(a.lt(beta), d.square().mul(0.5 / beta), a.sub(beta / 2));
                });
    }

    /// `t (log t - x)` from log-probabilities x and probabilities t; 0 where t is. Kullback and Leibler's divergence
    /// itself is the sum over classes, so [Reduction#BATCH_MEAN] is what training usually wants.
    public static Pointwise klDivergence() {
        return mean("KL divergence", (x, t) -> t.mul(Tensor.where(t.gt(0), t, t.onesLike()).log().sub(x)));
    }

    /// `max(0, 1 - t x)` with targets of -1 and 1.
    public static Pointwise hinge() {
        return mean("hinge", (x, t) -> t.mul(x).neg().add(1).relu());
    }

    /// `eˣ - t x`: the negative log likelihood of counts t under a Poisson distribution with the logarithm x of its
    /// rate, without the term that does not depend on x.
    public static Pointwise poisson() {
        return mean("Poisson", (x, t) -> x.exp().sub(t.mul(x)));
    }

    /// [#poisson()] from the rate x itself: `x - t log(x + 10⁻⁸)`.
    public static Pointwise poissonOfRate() {
        return mean("Poisson", (x, t) -> x.sub(t.mul(x.add(1e-8).log())));
    }

    private static void requirePositive(String name, String what, double value) {
        if (!(value > 0)) {
            throw new AdjointException(name + " needs a positive " + what + ", got " + value);
        }
    }
}
