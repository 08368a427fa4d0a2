package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// [Adam] with Nesterov's lookahead (Dozat 2016).
///
/// ```
/// g ← g + λ w                         weight decay λ
/// μₜ = β₁ (1 - ½ · 0.96^(t ψ))        its product over all steps so far: Πₜ
/// m ← m + (1 - β₁) (g - m)
/// v ← β₂ v + (1 - β₂) g²
/// d = √(v / (1 - β₂ᵗ)) + ε
/// w ← w - η (1 - μₜ) / (1 - Πₜ) · g / d - η μₜ₊₁ / (1 - Πₜ₊₁) · m / d
/// ```
///
/// As PyTorch's `torch.optim.NAdam`.
///
/// @param rate the learning rate η by step
/// @param beta1 β₁, in [0, 1)
/// @param beta2 β₂, in [0, 1)
/// @param epsilon ε
/// @param momentumDecay ψ
/// @param weightDecay λ
/// @param isDecoupled whether weights shrink by `w ← w - η λ w` instead, as in [AdamW]
public record NAdam(
        Schedule rate,
        double beta1,
        double beta2,
        double epsilon,
        double momentumDecay,
        double weightDecay,
        boolean isDecoupled)
        implements Rule {
    private static final double NEGLIGIBLE = 1e-18; // beside 1

    public NAdam {
        Require.belowOne("beta1 of NAdam", beta1);
        Require.belowOne("beta2 of NAdam", beta2);
        Require.nonNegative("the epsilon of NAdam", epsilon);
        Require.nonNegative("the momentum decay of NAdam", momentumDecay);
        Require.nonNegative("the weight decay of NAdam", weightDecay);
    }

    /// With a constant learning rate, β = (0.9, 0.999), ε = 1e-8 and ψ = 0.004.
    public static NAdam rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, β = (0.9, 0.999), ε = 1e-8 and ψ = 0.004.
    public static NAdam rate(Schedule rate) {
        return new NAdam(rate, 0.9, 0.999, 1e-8, 4e-3, 0, false);
    }

    /// The same with other β₁ and β₂.
    public NAdam betas(double first, double second) {
        return new NAdam(rate, first, second, epsilon, momentumDecay, weightDecay, isDecoupled);
    }

    /// The same with another ε.
    public NAdam epsilon(double value) {
        return new NAdam(rate, beta1, beta2, value, momentumDecay, weightDecay, isDecoupled);
    }

    /// The same with another ψ.
    public NAdam momentumDecay(double value) {
        return new NAdam(rate, beta1, beta2, epsilon, value, weightDecay, isDecoupled);
    }

    /// The same with a weight decay that shrinks the weights apart from the gradient, as in [AdamW]
    /// (`decoupled_weight_decay`).
    public NAdam decoupled() {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, weightDecay, true);
    }

    @Override
    public NAdam weightDecay(double decay) {
        return new NAdam(rate, beta1, beta2, epsilon, momentumDecay, decay, isDecoupled);
    }

    @Override
    public NAdam scheduled(Schedule other) {
        return new NAdam(other, beta1, beta2, epsilon, momentumDecay, weightDecay, isDecoupled);
    }

    @Override
    public List<State> states() {
        return List.of(State.zeros("mean"), State.zeros("square"));
    }

    @Override
    public double[] scalars(double rate, long step) {
        double product = 1;
        for (long t = 1; t <= step && product > NEGLIGIBLE; t++) {
            product *= mu(t);
        }
        double next = mu(step + 1);
        return new double[] {
            1 - beta1,
            beta2,
            1 - beta2,
            epsilon,
            1 - Math.pow(beta2, step),
            rate * (1 - mu(step)) / (1 - product),
            rate * next / (1 - product * next),
            isDecoupled ? 1 - rate * weightDecay : weightDecay
        };
    }

    private double mu(long step) {
        return beta1 * (1 - 0.5 * Math.pow(0.96, step * momentumDecay));
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor g = isDecoupled ? gradient : Averages.penalized(gradient, value, weightDecay, scalars.get(7));
        Tensor w = isDecoupled && weightDecay > 0 ? value.mul(scalars.get(7)) : value;
        Tensor m = Averages.mean(states.get(0), g, scalars.get(0), epsilon);
        Tensor v = Averages.ofSquares(states.get(1), g, scalars.get(1), scalars.get(2), epsilon);
        Tensor d = v.div(scalars.get(4)).sqrt().add(scalars.get(3));
        Tensor direction = g.mul(scalars.get(5)).add(m.mul(scalars.get(6)));
        return new Next(w.sub(direction.div(d)), List.of(m, v));
    }
}
