package adjoint.nn;

import adjoint.tensor.RandomKey;
import adjoint.tensor.Shape;

/// Random orthogonal matrices: the Q of a QR decomposition of normal numbers with R's diagonal positive, which is
/// uniformly distributed (Mezzadri 2007, "How to generate random matrices from the classical compact groups").
final class Orthogonal {
    private Orthogonal() {}

    static double[] matrix(Shape shape, double gain, RandomKey key) {
        int columns = shape.rank() == 0 ? 1 : shape.dim(-1);
        int rows = columns == 0 ? 0 : Math.toIntExact(shape.size() / columns);
        int count = Math.min(rows, columns);
        int length = Math.max(rows, columns);
        double[][] q = new double[count][length]; // the shorter side's vectors
        double[] normals = Init.normals(shape, 1, key);
        for (int i = 0; i < count; i++) {
            System.arraycopy(normals, i * length, q[i], 0, length);
            for (int again = 0; again < 2; again++) { // twice is enough (Giraud et al. 2005)
                for (int j = 0; j < i; j++) {
                    add(q[i], -dot(q[i], q[j]), q[j]);
                }
            }
            scale(q[i], 1 / Math.sqrt(dot(q[i], q[i])));
        }
        double[] values = new double[rows * columns];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                values[r * columns + c] = gain * (rows <= columns ? q[r][c] : q[c][r]);
            }
        }
        return values;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void add(double[] a, double factor, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += factor * b[i];
        }
    }

    private static void scale(double[] a, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= factor;
        }
    }
}
