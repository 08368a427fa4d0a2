package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// [Adam] without adaptation while its mean of squares is too uncertain (Liu et al. 2020, algorithm 2).
///
/// ```
/// g ← g + λ w                         weight decay λ
/// m ← m + (1 - β₁) (g - m)
/// v ← β₂ v + (1 - β₂) g²
/// ρ∞ = 2 / (1 - β₂) - 1,   ρₜ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ)
/// r = √((ρₜ - 4)(ρₜ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρₜ))
/// w ← w - η / (1 - β₁ᵗ) · m · r √(1 - β₂ᵗ) / (√v + ε)   where ρₜ > 5
/// w ← w - η / (1 - β₁ᵗ) · m                             before
/// ```
///
/// As PyTorch's `torch.optim.RAdam`.
///
/// @param rate the learning rate η by step
/// @param beta1 β₁, in [0, 1)
/// @param beta2 β₂, in [0, 1)
/// @param epsilon ε
/// @param weightDecay λ
/// @param isDecoupled whether weights shrink by `w ← w - η λ w` instead, as in [AdamW]
public record RAdam(Schedule rate, double beta1, double beta2, double epsilon, double weightDecay, boolean isDecoupled)
        implements Rule {
    public RAdam {
        Require.belowOne("beta1 of RAdam", beta1);
        Require.belowOne("beta2 of RAdam", beta2);
        Require.nonNegative("the epsilon of RAdam", epsilon);
        Require.nonNegative("the weight decay of RAdam", weightDecay);
    }

    /// With a constant learning rate, β = (0.9, 0.999) and ε = 1e-8.
    public static RAdam rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, β = (0.9, 0.999) and ε = 1e-8.
    public static RAdam rate(Schedule rate) {
        return new RAdam(rate, 0.9, 0.999, 1e-8, 0, false);
    }

    /// The same with other β₁ and β₂.
    public RAdam betas(double first, double second) {
        return new RAdam(rate, first, second, epsilon, weightDecay, isDecoupled);
    }

    /// The same with another ε.
    public RAdam epsilon(double value) {
        return new RAdam(rate, beta1, beta2, value, weightDecay, isDecoupled);
    }

    /// The same with a weight decay that shrinks the weights apart from the gradient, as in [AdamW]
    /// (`decoupled_weight_decay`).
    public RAdam decoupled() {
        return new RAdam(rate, beta1, beta2, epsilon, weightDecay, true);
    }

    @Override
    public RAdam weightDecay(double decay) {
        return new RAdam(rate, beta1, beta2, epsilon, decay, isDecoupled);
    }

    @Override
    public RAdam scheduled(Schedule other) {
        return new RAdam(other, beta1, beta2, epsilon, weightDecay, isDecoupled);
    }

    @Override
    public List<State> states() {
        return List.of(State.zeros("mean"), State.zeros("square"));
    }

    @Override
    public double[] scalars(double rate, long step) {
        double power = Math.pow(beta2, step);
        double limit = 2 / (1 - beta2) - 1;
        double length = limit - 2 * step * power / (1 - power);
        boolean rectified = length > 5;
        double r = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length);
        double size = rate / (1 - Math.pow(beta1, step));
        // The denominator is one + adaptive · (√v + ε): either of the two is 1 and the other 0.
        return new double[] {
            1 - beta1,
            beta2,
            1 - beta2,
            epsilon,
            rectified ? size * Math.sqrt(r) * Math.sqrt(1 - power) : size,
            rectified ? 0 : 1,
            rectified ? 1 : 0,
            isDecoupled ? 1 - rate * weightDecay : weightDecay
        };
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor g = isDecoupled ? gradient : Averages.penalized(gradient, value, weightDecay, scalars.get(7));
        Tensor w = isDecoupled && weightDecay > 0 ? value.mul(scalars.get(7)) : value;
        Tensor m = Averages.mean(states.get(0), g, scalars.get(0), epsilon);
        Tensor v = Averages.ofSquares(states.get(1), g, scalars.get(1), scalars.get(2), epsilon);
        Tensor denominator = v.sqrt().add(scalars.get(3)).mul(scalars.get(6)).add(scalars.get(5));
        return new Next(w.sub(m.mul(scalars.get(4)).div(denominator)), List.of(m, v));
    }
}
