package adjoint.nn;

import adjoint.tensor.Tensor;

/// What training makes small: a function of the network's output and what it should have been. See [Loss].
@FunctionalInterface
public interface Criterion {
    /// The loss; a scalar, unless asked not to reduce.
    Tensor of(Tensor output, Tensor target);
}
