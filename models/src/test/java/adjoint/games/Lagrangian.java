package adjoint.games;

/// Mechanics by another way than the environments': from the difference of kinetic and potential energy alone, L(q, v), by numeric
/// derivatives: `M a = Q + ∂L/∂q - v · ∂p/∂q`, with `p = ∂L/∂v` and `M = ∂p/∂v`. For one or two coordinates.
@FunctionalInterface
interface Lagrangian {
    double of(double[] q, double[] v);

    /// The accelerations under the forces Q.
    default double[] acceleration(double[] q, double[] v, double... forces) {
        int n = q.length;
        double h = 1e-5;
        double[] free = new double[n];
        for (int i = 0; i < n; i++) {
            double slope = (of(plus(q, unit(n, i), h), v) - of(plus(q, unit(n, i), -h), v)) / (2 * h);
            double drift = (momentum(i, plus(q, v, h), v) - momentum(i, plus(q, v, -h), v)) / (2 * h);
            free[i] = forces[i] + slope - drift;
        }
        double[] none = new double[n];
        double a = momentum(0, q, unit(n, 0)) - momentum(0, q, none);
        if (n == 1) {
            return new double[] {free[0] / a};
        }
        double b = momentum(0, q, unit(n, 1)) - momentum(0, q, none);
        double c = momentum(1, q, unit(n, 1)) - momentum(1, q, none);
        double determinant = a * c - b * b;
        return new double[] {
            (c * free[0] - b * free[1]) / determinant, (a * free[1] - b * free[0]) / determinant
        };
    }

    // Exact, since L is quadratic in v.
    private double momentum(int i, double[] q, double... v) {
        double[] unit = unit(q.length, i);
        return (of(q, plus(v, unit, 1)) - of(q, plus(v, unit, -1))) / 2;
    }

    private static double[] unit(int n, int i) {
        double[] unit = new double[n];
        unit[i] = 1;
        return unit;
    }

    private static double[] plus(double[] x, double[] y, double factor) {
        double[] sum = x.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += factor * y[i];
        }
        return sum;
    }
}
