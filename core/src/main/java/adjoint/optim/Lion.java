package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// Lion: steps of one size, in the direction of the sign of an average (Chen et al. 2023, algorithm 2).
///
/// ```
/// w ← (1 - η λ) w                     weight decay λ, apart from the gradient
/// w ← w - η sign(β₁ m + (1 - β₁) g)
/// m ← β₂ m + (1 - β₂) g
/// ```
///
/// Its learning rate is 3 to 10 times smaller than Adam's, its weight decay so many times larger (section 5).
///
/// @param rate the learning rate η by step
/// @param beta1 β₁, in [0, 1)
/// @param beta2 β₂, in [0, 1)
/// @param weightDecay λ
public record Lion(Schedule rate, double beta1, double beta2, double weightDecay) implements Rule {
    public Lion {
        Require.belowOne("beta1 of Lion", beta1);
        Require.belowOne("beta2 of Lion", beta2);
        Require.nonNegative("the weight decay of Lion", weightDecay);
    }

    /// With a constant learning rate and β = (0.9, 0.99).
    public static Lion rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step and β = (0.9, 0.99).
    public static Lion rate(Schedule rate) {
        return new Lion(rate, 0.9, 0.99, 0);
    }

    /// The same with other β₁ and β₂.
    public Lion betas(double first, double second) {
        return new Lion(rate, first, second, weightDecay);
    }

    @Override
    public Lion weightDecay(double decay) {
        return new Lion(rate, beta1, beta2, decay);
    }

    @Override
    public Lion scheduled(Schedule other) {
        return new Lion(other, beta1, beta2, weightDecay);
    }

    @Override
    public List<State> states() {
        return List.of(State.zeros("mean"));
    }

    @Override
    public double[] scalars(double rate, long step) {
        return new double[] {rate, beta1, 1 - beta1, beta2, 1 - beta2, 1 - rate * weightDecay};
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor m = states.getFirst();
        Tensor shrunk = weightDecay == 0 ? value : value.mul(scalars.get(5));
        Tensor sign = m.mul(scalars.get(1)).add(gradient.mul(scalars.get(2))).sign();
        Tensor mean = m.mul(scalars.get(3)).add(gradient.mul(scalars.get(4)));
        return new Next(shrunk.sub(sign.mul(scalars.getFirst())), List.of(mean));
    }
}
