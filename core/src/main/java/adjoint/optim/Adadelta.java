package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// Adadelta: steps as large as the steps before, whatever the scale of the gradient (Zeiler 2012, algorithm 1).
///
/// ```
/// g ← g + λ w
/// v ← ρ v + (1 - ρ) g²
/// d ← √(u + ε) / √(v + ε) · g
/// u ← ρ u + (1 - ρ) d²
/// w ← w - η d
/// ```
///
/// As PyTorch's `torch.optim.Adadelta`. The paper's η is 1.
///
/// @param rate the learning rate η by step
/// @param rho ρ, in [0, 1)
/// @param epsilon ε, above 0: without it nothing would ever move
/// @param weightDecay λ
public record Adadelta(Schedule rate, double rho, double epsilon, double weightDecay) implements Rule {
    public Adadelta {
        Require.belowOne("the rho of Adadelta", rho);
        Require.positive("the epsilon of Adadelta", epsilon);
        Require.nonNegative("the weight decay of Adadelta", weightDecay);
    }

    /// With a constant learning rate, ρ = 0.9 and ε = 1e-6.
    public static Adadelta rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, ρ = 0.9 and ε = 1e-6.
    public static Adadelta rate(Schedule rate) {
        return new Adadelta(rate, 0.9, 1e-6, 0);
    }

    /// The same with another ρ.
    public Adadelta rho(double value) {
        return new Adadelta(rate, value, epsilon, weightDecay);
    }

    /// The same with another ε.
    public Adadelta epsilon(double value) {
        return new Adadelta(rate, rho, value, weightDecay);
    }

    @Override
    public Adadelta weightDecay(double decay) {
        return new Adadelta(rate, rho, epsilon, decay);
    }

    @Override
    public Adadelta scheduled(Schedule other) {
        return new Adadelta(other, rho, epsilon, weightDecay);
    }

    @Override
    public List<State> states() {
        return List.of(State.zeros("square"), State.zeros("moved"));
    }

    @Override
    public double[] scalars(double rate, long step) {
        return new double[] {rate, rho, 1 - rho, epsilon, weightDecay};
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor epsilon = scalars.get(3);
        Tensor g = Averages.penalized(gradient, value, weightDecay, scalars.get(4));
        Tensor v = Averages.ofSquares(states.get(0), g, scalars.get(1), scalars.get(2), Math.sqrt(this.epsilon));
        Tensor d = states.get(1).add(epsilon).sqrt().div(v.add(epsilon).sqrt()).mul(g);
        Tensor u = Averages.ofSquares(states.get(1), d, scalars.get(1), scalars.get(2), Math.sqrt(this.epsilon));
        return new Next(value.sub(d.mul(scalars.getFirst())), List.of(v, u));
    }
}
