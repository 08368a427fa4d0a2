package adjoint.optim;

import adjoint.tensor.Tensor;

/// The pieces that update rules share.
final class Averages {
    private Averages() {}

    /// `average + weight · (value - average)`, as PyTorch's `lerp`.
    static Tensor lerp(Tensor average, Tensor value, Tensor weight) {
        return average.add(value.sub(average).mul(weight));
    }

    /// `keep · average + weight · value²`, as PyTorch's `mul` and `addcmul`.
    static Tensor ofSquares(Tensor average, Tensor value, Tensor keep, Tensor weight) {
        return average.mul(keep).add(value.square().mul(weight));
    }

    /// The gradient with the one of the penalty `decay / 2 · |value|²` added; without a decay the gradient itself.
    static Tensor penalized(Tensor gradient, Tensor value, double decay, Tensor scalar) {
        return decay == 0 ? gradient : gradient.add(value.mul(scalar));
    }
}
