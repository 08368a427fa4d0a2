package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// [Adam] with weight decay apart from the gradient (Loshchilov & Hutter 2019, algorithm 2).
///
/// ```
/// w ← (1 - η λ) w                     weight decay λ
/// m ← m + (1 - β₁) (g - m)
/// v ← β₂ v + (1 - β₂) g²
/// u ← v, or with AMSGrad the largest v so far (Reddi et al. 2018)
/// w ← w - η / (1 - β₁ᵗ) · m / (√u / √(1 - β₂ᵗ) + ε)
/// ```
///
/// As PyTorch's `torch.optim.AdamW`. Its default weight decay of 0.01 is kept.
///
/// @param rate the learning rate η by step
/// @param beta1 β₁, in [0, 1)
/// @param beta2 β₂, in [0, 1)
/// @param epsilon ε
/// @param usesAmsgrad whether to divide by the largest mean square so far
/// @param weightDecay λ
public record AdamW(Schedule rate, double beta1, double beta2, double epsilon, boolean usesAmsgrad, double weightDecay)
        implements Rule {
    public AdamW {
        Require.belowOne("beta1 of AdamW", beta1);
        Require.belowOne("beta2 of AdamW", beta2);
        Require.nonNegative("the epsilon of AdamW", epsilon);
        Require.nonNegative("the weight decay of AdamW", weightDecay);
    }

    /// With a constant learning rate, β = (0.9, 0.999), ε = 1e-8 and weight decay 0.01.
    public static AdamW rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, β = (0.9, 0.999), ε = 1e-8 and weight decay 0.01.
    public static AdamW rate(Schedule rate) {
        return new AdamW(rate, 0.9, 0.999, 1e-8, false, 0.01);
    }

    /// The same with other β₁ and β₂.
    public AdamW betas(double first, double second) {
        return new AdamW(rate, first, second, epsilon, usesAmsgrad, weightDecay);
    }

    /// The same with another ε.
    public AdamW epsilon(double value) {
        return new AdamW(rate, beta1, beta2, value, usesAmsgrad, weightDecay);
    }

    /// The same with AMSGrad.
    public AdamW amsgrad() {
        return new AdamW(rate, beta1, beta2, epsilon, true, weightDecay);
    }

    @Override
    public AdamW weightDecay(double decay) {
        return new AdamW(rate, beta1, beta2, epsilon, usesAmsgrad, decay);
    }

    @Override
    public AdamW scheduled(Schedule other) {
        return new AdamW(other, beta1, beta2, epsilon, usesAmsgrad, weightDecay);
    }

    @Override
    public List<State> states() {
        return coupled().states();
    }

    @Override
    public double[] scalars(double rate, long step) {
        double[] scalars = coupled().scalars(rate, step);
        scalars[6] = 1 - rate * weightDecay;
        return scalars;
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor shrunk = weightDecay == 0 ? value : value.mul(scalars.get(6));
        return Adam.moved(shrunk, gradient, states, scalars, epsilon, usesAmsgrad);
    }

    private Adam coupled() {
        return new Adam(rate, beta1, beta2, epsilon, usesAmsgrad, 0);
    }
}
