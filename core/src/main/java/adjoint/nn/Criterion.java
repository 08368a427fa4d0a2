package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.OptionalLong;

/// What training makes small: a function of the network's output and what it should have been. See [Loss].
@FunctionalInterface
public interface Criterion {
    /// The loss; a scalar, unless asked not to reduce.
    Tensor of(Tensor output, Tensor target);

    /// How the losses of the examples become one: a mean, unless said otherwise.
    default Reduction reduction() {
        return Reduction.MEAN;
    }

    /// The label whose examples do not count, if there is one.
    default OptionalLong ignoreLabel() {
        return OptionalLong.empty();
    }

    /// How much this batch counts beside others when their losses are averaged: the number of examples, or what else the
    /// mean divides by.
    default double weight(Tensor target) {
        return target.shape().rank() == 0 ? 1 : target.dim(0);
    }
}
