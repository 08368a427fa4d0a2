package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// Adagrad: each weight's steps shrink with all the squares it has seen (Duchi et al. 2011).
///
/// ```
/// g ← g + λ w
/// s ← s + g²
/// w ← w - η / (1 + (t - 1) κ) · g / (√s + ε)
/// ```
///
/// As PyTorch's `torch.optim.Adagrad`.
///
/// @param rate the learning rate η by step
/// @param rateDecay κ
/// @param initial what the sum of squares starts from
/// @param epsilon ε
/// @param weightDecay λ
public record Adagrad(Schedule rate, double rateDecay, double initial, double epsilon, double weightDecay)
        implements Rule {
    public Adagrad {
        Require.nonNegative("the rate decay of Adagrad", rateDecay);
        Require.nonNegative("the initial sum of Adagrad", initial);
        Require.nonNegative("the epsilon of Adagrad", epsilon);
        Require.nonNegative("the weight decay of Adagrad", weightDecay);
    }

    /// With a constant learning rate, κ = 0 and ε = 1e-10.
    public static Adagrad rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, κ = 0 and ε = 1e-10.
    public static Adagrad rate(Schedule rate) {
        return new Adagrad(rate, 0, 0, 1e-10, 0);
    }

    /// The same with another κ.
    public Adagrad rateDecay(double value) {
        return new Adagrad(rate, value, initial, epsilon, weightDecay);
    }

    /// The same with sums of squares that start from a value.
    public Adagrad initial(double value) {
        return new Adagrad(rate, rateDecay, value, epsilon, weightDecay);
    }

    /// The same with another ε.
    public Adagrad epsilon(double value) {
        return new Adagrad(rate, rateDecay, initial, value, weightDecay);
    }

    @Override
    public Adagrad weightDecay(double decay) {
        return new Adagrad(rate, rateDecay, initial, epsilon, decay);
    }

    @Override
    public Adagrad scheduled(Schedule other) {
        return new Adagrad(other, rateDecay, initial, epsilon, weightDecay);
    }

    @Override
    public List<State> states() {
        return List.of(new State("squares", initial));
    }

    @Override
    public double[] scalars(double rate, long step) {
        return new double[] {rate / (1 + (step - 1) * rateDecay), epsilon, weightDecay};
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor g = Averages.penalized(gradient, value, weightDecay, scalars.get(2));
        Tensor s = states.getFirst().add(g.square());
        Tensor step = g.div(s.sqrt().add(scalars.get(1))).mul(scalars.getFirst());
        return new Next(value.sub(step), List.of(s));
    }
}
