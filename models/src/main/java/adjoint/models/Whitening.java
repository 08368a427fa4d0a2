package adjoint.models;

import adjoint.tensor.AdjointException;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Kernels that make the channels of small patches of images uncorrelated and equally strong (Page 2018; Jordan 2024,
/// section 3.2): a first layer that need not be trained.
///
/// Of the mean of `patch · patchᵀ` over all patches, each eigenvector is divided by `√(eigenvalue + ε)`; behind them stands the
/// negative of each, so that an activation that cuts off loses nothing.
final class Whitening {
    private Whitening() {}

    /// Shapes: images `[N, H, W, C]`, kernels `[window, window, C, 2 window² C]`, in float64, the strongest first.
    static Tensor kernels(Tensor images, int window, double epsilon) {
        if (images.shape().rank() != 4
                || images.shape().size() == 0
                || Math.min(images.dim(1), images.dim(2)) < window) {
            throw new ShapeException(
                    "whitening needs images [N, H, W, C] of " + window + "x" + window + " at least, got "
                            + images.shape());
        }
        var eigen = SymmetricEigen.of(moments(images, window));
        int n = eigen.values().length;
        double[] kernels = new double[n * 2 * n];
        for (int k = 0; k < n; k++) {
            double length = Math.sqrt(Math.max(0, eigen.values()[k]) + epsilon);
            for (int i = 0; i < n; i++) {
                kernels[i * 2 * n + k] = eigen.vectors()[k][i] / length;
                kernels[i * 2 * n + n + k] = -eigen.vectors()[k][i] / length;
            }
        }
        return Tensor.of(kernels, window, window, images.dim(3), 2 * n);
    }

    // The mean of patch · patchᵀ.
    private static double[][] moments(Tensor images, int window) {
        float[] pixels = images.toFloats();
        int height = images.dim(1);
        int width = images.dim(2);
        int row = window * images.dim(3); // numbers of a patch that lie side by side
        double[] patch = new double[window * row];
        double[][] sum = new double[patch.length][patch.length];
        long count = 0;
        for (int image = 0; image < images.dim(0); image++) {
            for (int i = 0; i + window <= height; i++) {
                for (int j = 0; j + window <= width; j++) {
                    for (int r = 0; r < window; r++) {
                        int from = ((image * height + i + r) * width + j) * images.dim(3);
                        for (int s = 0; s < row; s++) {
                            patch[r * row + s] = pixels[from + s];
                        }
                    }
                    add(patch, sum);
                    count++;
                }
            }
        }
        for (int a = 0; a < patch.length; a++) {
            for (int b = 0; b <= a; b++) {
                sum[a][b] /= count;
                sum[b][a] = sum[a][b];
                if (!Double.isFinite(sum[a][b])) {
                    throw new AdjointException("whitening needs images of finite numbers, got a NaN or an infinity");
                }
            }
        }
        return sum;
    }

    private static void add(double[] patch, double[][] lower) {
        for (int a = 0; a < patch.length; a++) {
            for (int b = 0; b <= a; b++) {
                lower[a][b] += patch[a] * patch[b];
            }
        }
    }
}
