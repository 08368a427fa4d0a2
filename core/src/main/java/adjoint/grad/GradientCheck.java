package adjoint.grad;

import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Compares derivatives with finite differences, in float64: check your own layers and ops with it.
///
/// Along a random direction `v` through all inputs, and against a random cotangent `u` of the output, the derivative of
/// `s(t) = u · f(x + t v)` at 0 must be `Σ gradient · v`. The difference quotient is Richardson's extrapolation of central
/// differences, (8 (s(h) - s(-h)) - (s(2h) - s(-2h))) / 12h, with an error of order h⁴.
///
/// ```java
/// GradientCheck.Result r = GradientCheck.of(in -> in.get(0).tanh(), Tensor.normal(key, 3, 4));
/// assert r.firstOrder() < 1e-7;
/// ```
public final class GradientCheck {
    private static final double STEP = 1e-3;
    private static final int DIRECTIONS = 3;

    private GradientCheck() {}

    /// Largest relative errors found, over several directions.
    ///
    /// @param firstOrder error of the gradient
    /// @param secondOrder error of the gradient's own gradient; NaN if not asked for
    public record Result(double firstOrder, double secondOrder) {}

    /// Checks first and second order.
    ///
    /// @param function of float64 tensors of the inputs' shapes, differentiable where it is checked
    /// @param inputs where to check; converted to float64
    public static Result of(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
        List<Tensor> xs = new ArrayList<>();
        for (Tensor t : inputs) {
            xs.add(Tensor.of(t.toDoubles(), t.shape().dims()));
        }
        double first = check(function, xs, RandomKey.of(1));
        Function<List<Tensor>, Tensor> gradient =
                in -> {
                    Tensor y = function.apply(in);
                    Tensor u = random(RandomKey.of(7), y);
                    List<Tensor> found = Gradients.of(y.mul(u).sum().add(anchor(in)), in);
                    Tensor sum = Tensor.full(DType.FLOAT64, 0);
                    for (int i = 0; i < found.size(); i++) {
                        sum = sum.add(found.get(i).mul(random(RandomKey.of(8 + i), found.get(i))).sum());
                    }
                    return sum;
                };
        return new Result(first, check(gradient, xs, RandomKey.of(2)));
    }

    /// Checks the gradient only.
    public static double firstOrder(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
        List<Tensor> xs = new ArrayList<>();
        for (Tensor t : inputs) {
            xs.add(Tensor.of(t.toDoubles(), t.shape().dims()));
        }
        return check(function, xs, RandomKey.of(1));
    }

    // Makes every input count, so that a function that ignores one, or is linear in it, can be checked too; quadratic,
    // with
    // the exact second derivative 2.
    private static Tensor anchor(List<Tensor> inputs) {
        Tensor sum = Tensor.full(DType.FLOAT64, 0);
        for (Tensor x : inputs) {
            sum = sum.add(x.square().sum());
        }
        return sum;
    }

    private static double check(Function<List<Tensor>, Tensor> function, List<Tensor> xs, RandomKey key) {
        double worst = 0;
        for (int d = 0; d < DIRECTIONS; d++) {
            List<Tensor> direction = new ArrayList<>();
            for (int i = 0; i < xs.size(); i++) {
                direction.add(
                        Tensor.of(random(key.fold(100L * d + i), xs.get(i)).toDoubles(), xs.get(i).shape().dims()));
            }
            Tensor y = function.apply(xs);
            Tensor u = Tensor.of(random(key.fold(-1 - d), y).toDoubles(), y.shape().dims());
            Tensor s = y.mul(u).sum().add(anchor(xs));
            List<Tensor> gradients = Gradients.of(s, xs);
            double analytic = 0;
            double scale = 0;
            for (int i = 0; i < xs.size(); i++) {
                double part = gradients.get(i).mul(direction.get(i)).sum().item();
                analytic += part;
                scale += Math.abs(part);
            }
            double near = along(function, xs, direction, u, STEP) - along(function, xs, direction, u, -STEP);
            double far = along(function, xs, direction, u, 2 * STEP) - along(function, xs, direction, u, -2 * STEP);
            double numeric = (8 * near - far) / (12 * STEP);
            double error = Math.abs(analytic - numeric) / Math.max(1, Math.max(scale, Math.abs(numeric)));
            worst = Double.isNaN(error) ? Double.NaN : Math.max(worst, error);
        }
        return worst;
    }

    private static double along(
            Function<List<Tensor>, Tensor> function, List<Tensor> xs, List<Tensor> direction, Tensor u, double t) {
        List<Tensor> moved = new ArrayList<>();
        for (int i = 0; i < xs.size(); i++) {
            moved.add(xs.get(i).add(direction.get(i).mul(Tensor.scalar(DType.FLOAT64, t))));
        }
        return function.apply(moved).mul(u).sum().add(anchor(moved)).item();
    }

    private static Tensor random(RandomKey key, Tensor like) {
        return Tensor.random(Distribution.NORMAL, key, DType.FLOAT64, like.shape().dims());
    }
}
