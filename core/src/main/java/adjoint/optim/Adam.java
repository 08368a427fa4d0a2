package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// Adam: steps of a size that adapts to each weight (Kingma & Ba 2015, algorithm 1).
///
/// ```
/// g ← g + λ w                         weight decay λ, as a penalty of the loss
/// m ← m + (1 - β₁) (g - m)
/// v ← β₂ v + (1 - β₂) g²
/// u ← v, or with AMSGrad the largest v so far (Reddi et al. 2018)
/// w ← w - η / (1 - β₁ᵗ) · m / (√u / √(1 - β₂ᵗ) + ε)
/// ```
///
/// As PyTorch's `torch.optim.Adam`. For a decay apart from the gradient see [AdamW].
///
/// @param rate the learning rate η by step
/// @param beta1 β₁, in [0, 1)
/// @param beta2 β₂, in [0, 1)
/// @param epsilon ε
/// @param usesAmsgrad whether to divide by the largest mean square so far
/// @param weightDecay λ
public record Adam(Schedule rate, double beta1, double beta2, double epsilon, boolean usesAmsgrad, double weightDecay)
        implements Rule {
    public Adam {
        Require.belowOne("beta1 of Adam", beta1);
        Require.belowOne("beta2 of Adam", beta2);
        Require.nonNegative("the epsilon of Adam", epsilon);
        Require.nonNegative("the weight decay of Adam", weightDecay);
    }

    /// With a constant learning rate, β = (0.9, 0.999), ε = 1e-8 and weight decay 0.
    public static Adam rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, β = (0.9, 0.999), ε = 1e-8 and weight decay 0.
    public static Adam rate(Schedule rate) {
        return new Adam(rate, 0.9, 0.999, 1e-8, false, 0);
    }

    /// The same with other β₁ and β₂.
    public Adam betas(double first, double second) {
        return new Adam(rate, first, second, epsilon, usesAmsgrad, weightDecay);
    }

    /// The same with another ε.
    public Adam epsilon(double value) {
        return new Adam(rate, beta1, beta2, value, usesAmsgrad, weightDecay);
    }

    /// The same with AMSGrad.
    public Adam amsgrad() {
        return new Adam(rate, beta1, beta2, epsilon, true, weightDecay);
    }

    @Override
    public Adam weightDecay(double decay) {
        return new Adam(rate, beta1, beta2, epsilon, usesAmsgrad, decay);
    }

    @Override
    public Adam scheduled(Schedule other) {
        return new Adam(other, beta1, beta2, epsilon, usesAmsgrad, weightDecay);
    }

    @Override
    public List<State> states() {
        var moments = List.of(State.zeros("mean"), State.zeros("square"));
        return usesAmsgrad ? List.of(moments.get(0), moments.get(1), State.zeros("largest")) : moments;
    }

    @Override
    public double[] scalars(double rate, long step) {
        return new double[] {
            1 - beta1,
            beta2,
            1 - beta2,
            epsilon,
            rate / (1 - Math.pow(beta1, step)),
            1 / Math.sqrt(1 - Math.pow(beta2, step)), // a product is several times cheaper than a quotient
            weightDecay
        };
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor g = Averages.penalized(gradient, value, weightDecay, scalars.get(6));
        return moved(value, g, states, scalars, epsilon, usesAmsgrad);
    }

    static Next moved(
            Tensor value, Tensor g, List<Tensor> states, List<Tensor> scalars, double epsilon, boolean amsgrad) {
        Tensor m = Averages.mean(states.get(0), g, scalars.get(0), epsilon);
        Tensor v = Averages.ofSquares(states.get(1), g, scalars.get(1), scalars.get(2), epsilon);
        Tensor u = amsgrad ? states.get(2).maximum(v) : v;
        Tensor denominator = u.sqrt().mul(scalars.get(5)).add(scalars.get(3));
        Tensor moved = value.sub(m.div(denominator).mul(scalars.get(4)));
        return new Next(moved, amsgrad ? List.of(m, v, u) : List.of(m, v));
    }
}
