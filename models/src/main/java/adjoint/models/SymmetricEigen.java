package adjoint.models;

import java.util.Comparator;
import java.util.stream.IntStream;

/// Eigenvalues of a small symmetric matrix, the largest first, with eigenvectors of length 1.
///
/// @param values in falling order
/// @param vectors `vectors[k]` belongs to `values[k]`
record SymmetricEigen(double[] values, double[][] vectors) {
    private static final int SWEEPS = 50; // some ten are enough for any matrix
    private static final double NEGLIGIBLE = 1e-30;

    /// By Jacobi's rotations (Golub & Van Loan, algorithm 8.5.3): each sets one element beside the diagonal to 0, and all of
    /// them vanish at last, quadratically.
    static SymmetricEigen of(double[][] symmetric) {
        int n = symmetric.length;
        double[][] a = IntStream.range(0, n).mapToObj(i -> symmetric[i].clone()).toArray(double[][]::new);
        double[][] v = new double[n][n]; // rows: eigenvectors
        for (int i = 0; i < n; i++) {
            v[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS && !isDiagonal(a); sweep++) {
            for (int p = 0; p < n; p++) {
                for (int q = p + 1; q < n; q++) {
                    rotate(a, v, p, q);
                }
            }
        }
        int[] order =
                IntStream.range(0, n)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -a[i][i]))
                        .mapToInt(i -> i)
                        .toArray();
        return new SymmetricEigen(
                IntStream.of(order).mapToDouble(i -> a[i][i]).toArray(),
                IntStream.of(order).mapToObj(i -> v[i]).toArray(double[][]::new));
    }

    private static boolean isDiagonal(double[][] a) {
        double beside = 0;
        double all = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                all += a[i][j] * a[i][j];
                beside += i == j ? 0 : a[i][j] * a[i][j];
            }
        }
        return beside <= NEGLIGIBLE * all;
    }

    // a ← J a Jᵀ and v ← J v, with the rotation J of axes p and q that makes a[p][q] 0.
    private static void rotate(double[][] a, double[][] v, int p, int q) {
        if (a[p][q] == 0) {
            return;
        }
        double tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = Math.copySign(1, tau) / (Math.abs(tau) + Math.hypot(1, tau)); // the smaller angle's tangent
        double c = 1 / Math.hypot(1, t);
        double s = t * c;
        for (double[] row : a) {
            double x = row[p];
            row[p] = c * x - s * row[q];
            row[q] = s * x + c * row[q];
        }
        rows(a, p, q, c, s);
        rows(v, p, q, c, s);
    }

    private static void rows(double[][] m, int p, int q, double c, double s) {
        for (int i = 0; i < m.length; i++) {
            double x = m[p][i];
            m[p][i] = c * x - s * m[q][i];
            m[q][i] = s * x + c * m[q][i];
        }
    }
}
