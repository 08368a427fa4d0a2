package adjoint.optim;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import java.util.List;

/// Stochastic gradient descent, with momentum (Polyak 1964; Sutskever et al. 2013).
///
/// ```
/// g ← g + λ w                         weight decay λ
/// b ← μ b + (1 - τ) g                 momentum μ, dampening τ; the first step takes b = g
/// w ← w - η b                         plain
/// w ← w - η (g + μ b)                 with Nesterov's lookahead
/// ```
///
/// As PyTorch's `torch.optim.SGD`.
///
/// @param rate the learning rate η by step
/// @param momentum μ, in [0, 1); 0 keeps no momentum
/// @param dampening τ, in [0, 1)
/// @param usesNesterov whether to look ahead; needs a momentum and no dampening
/// @param weightDecay λ
public record Sgd(Schedule rate, double momentum, double dampening, boolean usesNesterov, double weightDecay)
        implements Rule {
    public Sgd {
        Require.belowOne("the momentum of Sgd", momentum);
        Require.belowOne("the dampening of Sgd", dampening);
        Require.nonNegative("the weight decay of Sgd", weightDecay);
        if (usesNesterov && (momentum == 0 || dampening != 0)) {
            throw new AdjointException(
                    "Nesterov's lookahead needs a momentum above 0 and no dampening, got momentum "
                            + momentum
                            + " and dampening "
                            + dampening
                            + ": call momentum(0.9) before nesterov()");
        }
    }

    /// Plain descent with a constant learning rate.
    public static Sgd rate(double rate) {
        return rate(Schedule.constant(rate));
    }

    /// Plain descent with a learning rate by step.
    public static Sgd rate(Schedule rate) {
        return new Sgd(rate, 0, 0, false, 0);
    }

    /// The same with a momentum.
    public Sgd momentum(double momentum) {
        return new Sgd(rate, momentum, dampening, usesNesterov, weightDecay);
    }

    /// The same with dampening.
    public Sgd dampening(double dampening) {
        return new Sgd(rate, momentum, dampening, usesNesterov, weightDecay);
    }

    /// The same with Nesterov's lookahead.
    public Sgd nesterov() {
        return new Sgd(rate, momentum, dampening, true, weightDecay);
    }

    @Override
    public Sgd weightDecay(double decay) {
        return new Sgd(rate, momentum, dampening, usesNesterov, decay);
    }

    @Override
    public Sgd scheduled(Schedule other) {
        return new Sgd(other, momentum, dampening, usesNesterov, weightDecay);
    }

    @Override
    public List<State> states() {
        return momentum == 0 ? List.of() : List.of(State.zeros("momentum"));
    }

    @Override
    public double[] scalars(double rate, long step) {
        return new double[] {rate, momentum, step == 1 ? 1 : 1 - dampening, weightDecay};
    }

    @Override
    public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
        Tensor eta = scalars.get(0);
        Tensor mu = scalars.get(1);
        Tensor g = Averages.penalized(gradient, value, weightDecay, scalars.get(3));
        if (momentum == 0) {
            return new Next(value.sub(g.mul(eta)), List.of());
        }
        Tensor fresh = dampening == 0 ? g : g.mul(scalars.get(2));
        Tensor b = Averages.settled(states.getFirst().mul(mu).add(fresh));
        Tensor direction = usesNesterov ? g.add(b.mul(mu)) : b;
        return new Next(value.sub(direction.mul(eta)), List.of(b));
    }
}
