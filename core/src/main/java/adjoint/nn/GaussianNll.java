package adjoint.nn;

import adjoint.tensor.Tensor;

/// The negative log likelihood under a normal distribution whose mean and variance v are both predicted:
/// `(log v + (mean - t)² / v) / 2`, without the constant `log(2π) / 2` (Nix & Weigend 1994).
///
/// @param epsilon the smallest variance that is believed; where less, the gradient is that at epsilon
/// @param reduction how the elements' losses become one
public record GaussianNll(double epsilon, Reduction reduction) {
    /// An epsilon of 10⁻⁶, the mean.
    public GaussianNll() {
        this(1e-6, Reduction.MEAN);
    }

    /// This with another reduction.
    public GaussianNll reduction(Reduction other) {
        return new GaussianNll(epsilon, other);
    }

    /// The loss; all three of one shape.
    public Tensor of(Tensor mean, Tensor target, Tensor variance) {
        Fit.same("Gaussian negative log likelihood", mean, target);
        Fit.same("Gaussian negative log likelihood", mean, variance);
        Tensor v = variance.add(variance.maximum(epsilon).sub(variance).stopGradient());
        return reduction.of(v.log().add(mean.sub(target).square().div(v)).mul(0.5));
    }
}
