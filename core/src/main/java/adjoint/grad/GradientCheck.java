package adjoint.grad;

import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/// Compares derivatives with finite differences, in float64: check your own layers and ops with it.
///
/// Against a random cotangent `u` of the output, the derivative of `s(t) = u · f(x + t v)` at 0 must be `Σ gradient · v`, for
/// random directions `v` through all inputs together, through each of them alone, and along single elements. Directions grow
/// with the elements, `v ∝ max(1, |x|)`. The difference quotient is Richardson's extrapolation of central differences,
/// `(8 (s(h) - s(-h)) - (s(2h) - s(-2h))) / 12h`, with an error of order h⁴. Errors are relative to the derivative itself;
/// what rounding of `s` alone makes of the quotient passes.
///
/// ```java
/// assert GradientCheck.of(in -> in.get(0).tanh(), Tensor.normal(key, 3, 4)).passed();
/// // a layer made with Init.type(DType.FLOAT64), with respect to its input and its parameters:
/// GradientCheck.of(in -> layer.apply(in.get(0), pass), layer.parameters().values(), x);
/// ```
public final class GradientCheck {
    private static final double FIRST_LIMIT = 1e-7;
    private static final double SECOND_LIMIT = 1e-6;
    private static final double STEP = 0x1p-12;
    private static final int ROUNDS = 3;

    private final Function<List<Tensor>, Tensor> function;
    private final List<Tensor> inputs;
    private final List<Parameter> parameters;

    /// What is moved: the floating inputs, then the parameters.
    private final List<double[]> start = new ArrayList<>();

    private GradientCheck(Function<List<Tensor>, Tensor> function, Collection<Parameter> parameters, Tensor... inputs) {
        this.function = function;
        this.inputs = List.of(inputs);
        this.parameters = parameters.stream().filter(Parameter::trainable).toList();
        for (Tensor t : this.inputs) {
            if (t.type().isFloating()) {
                start.add(t.toDoubles());
            }
        }
        for (Parameter p : this.parameters) {
            if (p.type() != DType.FLOAT64) {
                throw new GradientException(
                        "a gradient check needs parameters of float64, got "
                                + p
                                + ": make the layer with Init.type(DType.FLOAT64)");
            }
            start.add(p.value().toDoubles());
        }
    }

    /// Largest relative errors found, over several directions.
    ///
    /// @param firstOrder error of the gradient
    /// @param secondOrder error of the gradient's own gradient
    public record Result(double firstOrder, double secondOrder) {
        /// True if both are as small as a right derivative makes them: 1e-7 and 1e-6. NaN does not pass.
        public boolean passed() {
            return firstOrder <= FIRST_LIMIT && secondOrder <= SECOND_LIMIT;
        }
    }

    /// Checks first and second order.
    ///
    /// @param function of float64 tensors of the inputs' shapes, differentiable where it is checked
    /// @param inputs where to check; floats are converted to float64, integers are handed over as they are
    public static Result of(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
        return of(function, List.of(), inputs);
    }

    /// Checks first and second order, with respect to parameters that the function reads too. They are moved and set back:
    /// nobody else may use them meanwhile.
    ///
    /// @param parameters of float64; those that are not trained are left alone
    /// @throws GradientException if a parameter is not of float64
    public static Result of(
            Function<List<Tensor>, Tensor> function, Collection<Parameter> parameters, Tensor... inputs) {
        var check = new GradientCheck(function, parameters, inputs);
        return new Result(
                check.run(Point::y, RandomKey.of(1)), check.run(GradientCheck::gradientAlongOne, RandomKey.of(2)));
    }

    /// Checks the gradient only.
    public static double firstOrder(Function<List<Tensor>, Tensor> function, Tensor... inputs) {
        return new GradientCheck(function, List.of(), inputs).run(Point::y, RandomKey.of(1));
    }

    /// The function at some values of the variables.
    private record Point(List<Tensor> variables, Tensor y) {
        // Every variable counts, so that a function that ignores one can be checked: its derivative is 0.
        List<Tensor> gradients(Tensor value, Tensor u) {
            Tensor s = value.mul(u).sum();
            for (Tensor x : variables) {
                s = s.add(x.mul(0).sum());
            }
            return Gradients.of(s, variables);
        }
    }

    private static Tensor gradientAlongOne(Point at) {
        List<Tensor> gradients = at.gradients(at.y, random(RandomKey.of(7), at.y));
        Tensor sum = Tensor.full(DType.FLOAT64, 0);
        for (int i = 0; i < gradients.size(); i++) {
            sum = sum.add(gradients.get(i).mul(random(RandomKey.of(8 + i), gradients.get(i))).sum());
        }
        return sum;
    }

    private Point at(List<double[]> values) {
        List<Tensor> in = new ArrayList<>();
        List<Tensor> variables = new ArrayList<>();
        int k = 0;
        for (Tensor t : inputs) {
            in.add(t.type().isFloating() ? Tensor.of(values.get(k++), t.shape()) : t);
            if (t.type().isFloating()) {
                variables.add(in.getLast());
            }
        }
        for (Parameter p : parameters) {
            p.set(Tensor.of(values.get(k++), p.shape()));
            variables.add(p.value());
        }
        return new Point(variables, function.apply(in));
    }

    private double run(Function<Point, Tensor> value, RandomKey key) {
        double worst = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                RandomKey mine = key.fold(round);
                Point point = at(start);
                Tensor y = value.apply(point);
                Tensor u = Tensor.of(random(mine, y).toDoubles(), y.shape());
                List<double[]> gradients = point.gradients(y, u).stream().map(Tensor::toDoubles).toList();
                double magnitude = y.mul(u).abs().sum().item();
                double rounding = Math.ulp(1.0) * magnitude * (16 + Math.sqrt(y.shape().size())) / STEP;
                for (List<double[]> direction : directions(mine)) {
                    double error = error(value, gradients, direction, u, rounding);
                    worst = Double.isNaN(error) ? Double.NaN : Math.max(worst, error);
                }
            }
        } finally {
            for (int i = 0; i < parameters.size(); i++) {
                Parameter p = parameters.get(i);
                p.set(Tensor.of(start.get(start.size() - parameters.size() + i), p.shape()));
            }
        }
        return worst;
    }

    // Through all variables, through each alone, and along one element of each.
    private List<List<double[]>> directions(RandomKey key) {
        List<double[]> all = new ArrayList<>();
        List<double[]> zero = new ArrayList<>();
        for (int i = 0; i < start.size(); i++) {
            double[] x = start.get(i);
            double[] v = Tensor.random(Distribution.NORMAL, key.fold(1 + i), DType.FLOAT64, x.length).toDoubles();
            for (int k = 0; k < v.length; k++) {
                v[k] *= Math.max(1, Math.abs(x[k]));
            }
            all.add(v);
            zero.add(new double[x.length]);
        }
        List<List<double[]>> directions = new ArrayList<>();
        directions.add(all);
        for (int i = 0; i < all.size(); i++) {
            int n = all.get(i).length;
            if (all.size() > 1) {
                directions.add(with(zero, i, all.get(i)));
            }
            if (n > 1) {
                double[] one = new double[n];
                int k = Math.floorMod(key.fold(-1 - i).stream(), n);
                one[k] = Math.max(1, Math.abs(start.get(i)[k]));
                directions.add(with(zero, i, one));
            }
        }
        return directions;
    }

    private static List<double[]> with(List<double[]> zero, int i, double[] v) {
        List<double[]> direction = new ArrayList<>(zero);
        direction.set(i, v);
        return direction;
    }

    private double error(
            Function<Point, Tensor> value,
            List<double[]> gradients,
            List<double[]> direction,
            Tensor u,
            double rounding) {
        double analytic = 0;
        double squares = 0; // their root is how large a sum of such parts is, unless they happen to cancel
        for (int i = 0; i < gradients.size(); i++) {
            double[] g = gradients.get(i);
            double[] v = direction.get(i);
            for (int k = 0; k < g.length; k++) {
                double part = v[k] == 0 ? 0 : g[k] * v[k];
                analytic += part;
                squares += part * part;
            }
        }
        double near = along(value, direction, u, STEP) - along(value, direction, u, -STEP);
        double far = along(value, direction, u, 2 * STEP) - along(value, direction, u, -2 * STEP);
        double numeric = (8 * near - far) / (12 * STEP);
        double size = Math.max(Math.sqrt(squares), Math.max(Math.abs(analytic), Math.abs(numeric)));
        double difference = Math.abs(analytic - numeric);
        return difference == 0 ? 0 : difference / (size + rounding / FIRST_LIMIT); // rounding alone passes
    }

    private double along(Function<Point, Tensor> value, List<double[]> direction, Tensor u, double t) {
        List<double[]> moved = new ArrayList<>();
        for (int i = 0; i < start.size(); i++) {
            double[] x = start.get(i).clone();
            double[] v = direction.get(i);
            for (int k = 0; k < x.length; k++) {
                x[k] += t * v[k];
            }
            moved.add(x);
        }
        return value.apply(at(moved)).mul(u).sum().item();
    }

    private static Tensor random(RandomKey key, Tensor like) {
        return Tensor.random(Distribution.NORMAL, key, DType.FLOAT64, like.shape().dims());
    }
}
