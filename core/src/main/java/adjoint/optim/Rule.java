package adjoint.optim;

import adjoint.tensor.Tensor;

import java.util.List;

/// How a parameter is updated from its gradient: immutable settings, and the formula in tensor operations.
///
/// A rule holds no numbers of its own. What it keeps for each parameter (a momentum, a mean of squares) it declares in
/// [#states()]; the [Optimizer] makes them, stores them and writes them back. What changes from step to step it works
/// out as Java doubles in [#scalars], and meets in [#next] as scalar tensors: so all steps share one plan.
///
/// To write your own, make a record that implements this interface; [Sgd] is the example to copy.
public interface Rule {
    /// The learning rate by step.
    Schedule rate();

    /// The same rule with another learning rate.
    Rule scheduled(Schedule rate);

    /// The strength of the pull towards 0.
    double weightDecay();

    /// The same rule with another weight decay; 0 turns it off. Often used for a group:
    /// `optimizer.group(name -> name.endsWith("bias"), rule -> rule.weightDecay(0))`.
    Rule weightDecay(double decay);

    /// What is kept for each parameter, of the parameter's shape and type. Means and momenta of the library's own rules become 0 where
    /// they are smaller than the smallest normal number, unless ε is so small that this could be seen in a weight; Lion's do not.
    List<State> states();

    /// The numbers that [#next] needs, settings included: they reach it as scalar tensors, in this order, always as many.
    ///
    /// @param rate the learning rate of this step
    /// @param step the number of this step, from 1
    double[] scalars(double rate, long step);

    /// Records the next values. Everything here is structure and must be the same at every step: it is called once for each parameter, on
    /// tensors that stand for all later ones, and its branches and constants are kept. (At every step only if it makes tensors of numbers,
    /// reads its arguments, or differentiates.) What changes belongs into [#scalars].
    ///
    /// @param value the parameter's value
    /// @param gradient the derivative of the loss with respect to it
    /// @param states what is kept, in the order of [#states()]
    /// @param scalars the numbers of [#scalars], of the parameter's type
    Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars);

    /// Something kept for each parameter.
    ///
    /// @param name its name, as it stands behind the parameter's in a checkpoint: `head.weight.momentum`
    /// @param initial what it is filled with before the first step
    record State(String name, double initial) {
        /// One that starts with zeros.
        public static State zeros(String name) {
            return new State(name, 0);
        }
    }

    /// A parameter's next value, and the next values of what is kept for it, in the order of [#states()].
    record Next(Tensor value, List<Tensor> states) {
        public Next {
            states = List.copyOf(states);
        }
    }
}
