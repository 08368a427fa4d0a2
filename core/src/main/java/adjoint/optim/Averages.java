package adjoint.optim;

import adjoint.kernel.DType;
import adjoint.tensor.Tensor;

/// The pieces that update rules share.
final class Averages {
    /// An ε below which a mean square may matter that is no normal float: beside 1e-9, √(1.2e-38 / (1 - β₂)) is less than half an ulp for
    /// any β₂ up to 0.9999.
    private static final double SMALL_EPSILON = 1e-9;

    private Averages() {}

    /// `average + weight · (value - average)`, as PyTorch's `lerp`.
    static Tensor lerp(Tensor average, Tensor value, Tensor weight) {
        return average.add(value.sub(average).mul(weight));
    }

    /// The next [#lerp] of what is kept from step to step, [#settled] where ε hides that.
    ///
    /// @param epsilon what is added to what it will be divided by
    static Tensor mean(Tensor average, Tensor value, Tensor weight, double epsilon) {
        return settled(lerp(average, value, weight), epsilon);
    }

    /// `keep · average + weight · value²`, as PyTorch's `mul` and `addcmul`, [#settled] where ε hides that.
    ///
    /// @param epsilon what will be added to its root
    static Tensor ofSquares(Tensor average, Tensor value, Tensor keep, Tensor weight, double epsilon) {
        return settled(average.mul(keep).add(value.square().mul(weight)), epsilon);
    }

    private static Tensor settled(Tensor next, double epsilon) {
        return epsilon < SMALL_EPSILON ? next : settled(next);
    }

    /// 0 instead of what is smaller than the smallest normal number. Where a unit has died, a momentum sinks until it sticks
    /// there, and each of these numbers costs some processors a hundred multiplications, at every step.
    static Tensor settled(Tensor next) {
        double smallest = next.type() == DType.FLOAT64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        return next.maskedFill(next.abs().lt(Tensor.full(next.type(), smallest)), 0);
    }

    /// The gradient with the one of the penalty `decay / 2 · |value|²` added; without a decay the gradient itself.
    static Tensor penalized(Tensor gradient, Tensor value, double decay, Tensor scalar) {
        return decay == 0 ? gradient : gradient.add(value.mul(scalar));
    }
}
