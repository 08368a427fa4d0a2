package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;

/// RMSProp: gradients divided by their running size (Hinton 2012, lecture 6; centered: Graves 2013).
///
/// ```
/// g ← g + λ w
/// v ← α v + (1 - α) g²
/// a ← a + (1 - α) (g - a)             centered only
/// d ← g / (√v + ε), or centered g / (√(v - a²) + ε)
/// b ← μ b + d                         with momentum μ; otherwise b = d
/// w ← w - η b
/// ```
///
/// As PyTorch's `torch.optim.RMSprop`, except that `v - a²`, which rounding may make negative, counts as 0 then and not
/// as NaN.
///
/// @param rate the learning rate η by step
/// @param alpha α, in [0, 1)
/// @param epsilon ε
/// @param momentum μ, in [0, 1)
/// @param isCentered whether to divide by the deviation from the mean
/// @param weightDecay λ
public record RmsProp(
        Schedule rate, double alpha, double epsilon, double momentum, boolean isCentered, double weightDecay)
        implements Rule {
    public RmsProp {
        Require.belowOne("the alpha of RmsProp", alpha);
        Require.nonNegative("the epsilon of RmsProp", epsilon);
        Require.belowOne("the momentum of RmsProp", momentum);
        Require.nonNegative("the weight decay of RmsProp", weightDecay);
    }

    /// With a constant learning rate, α = 0.99 and ε = 1e-8.
    public static RmsProp rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// With a learning rate by step, α = 0.99 and ε = 1e-8.
    public static RmsProp rate(Schedule rate) {
        return new RmsProp(rate, 0.99, 1e-8, 0, false, 0);
    }

    /// The same with another α.
    public RmsProp alpha(double value) {
        return new RmsProp(rate, value, epsilon, momentum, isCentered, weightDecay);
    }

    /// The same with another ε.
    public RmsProp epsilon(double value) {
        return new RmsProp(rate, alpha, value, momentum, isCentered, weightDecay);
    }

    /// The same with a momentum.
    public RmsProp momentum(double value) {
        return new RmsProp(rate, alpha, epsilon, value, isCentered, weightDecay);
    }

    /// The same, dividing by the deviation from the mean gradient.
    public RmsProp centered() {
        return new RmsProp(rate, alpha, epsilon, momentum, true, weightDecay);
    }

    @Override
    public RmsProp weightDecay(double decay) {
        return new RmsProp(rate, alpha, epsilon, momentum, isCentered, decay);
    }

    @Override
    public RmsProp scheduled(Schedule other) {
        return new RmsProp(other, alpha, epsilon, momentum, isCentered, weightDecay);
    }

    @Override
    public List<State> states() {
        List<State> states = new ArrayList<>(List.of(State.zeros("square")));
        if (isCentered) {
            states.add(State.zeros("mean"));
        }
        if (momentum != 0) {
            states.add(State.zeros("momentum"));
        }
        return states;
    }

    @Override
    public double[] scalars(double rate, long step) {
        return new double[] {rate, alpha, 1 - alpha, epsilon, momentum, weightDecay};
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor g = Averages.penalized(gradient, value, weightDecay, scalars.get(5));
        Tensor v = Averages.ofSquares(states.getFirst(), g, scalars.get(1), scalars.get(2), epsilon);
        List<Tensor> next = new ArrayList<>(List.of(v));
        Tensor spread = v;
        if (isCentered) {
            Tensor a = Averages.mean(states.get(1), g, scalars.get(2), epsilon);
            next.add(a);
            spread = v.sub(a.square()).maximum(0);
        }
        Tensor d = g.div(spread.sqrt().add(scalars.get(3)));
        if (momentum != 0) {
            d = Averages.settled(states.getLast().mul(scalars.get(4)).add(d));
            next.add(d);
        }
        return new Next(value.sub(d.mul(scalars.getFirst())), next);
    }
}
