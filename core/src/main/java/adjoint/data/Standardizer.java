package adjoint.data;

import adjoint.tensor.Tensor;

import java.util.Arrays;

/// Brings inputs to mean 0 and standard deviation 1. Fit it on the training part only, and apply it to all.
///
/// @param mean of each value of an example, or one for all
/// @param deviation likewise; values that are the same in all examples have 1
public record Standardizer(Tensor mean, Tensor deviation) {
    private static final int CHUNK = 1024;
    private static final double NEGLIGIBLE = 1e-6; // beside a column's mean, as much as float32 rounds away

    /// Means and deviations of each value of the examples (columns of a table).
    public static Standardizer perFeature(Dataset data) {
        return fit(data, false);
    }

    /// One mean and deviation over all values (images).
    public static Standardizer overall(Dataset data) {
        return fit(data, true);
    }

    // Two passes in double: sums of squares of large values must not cancel.
    private static Standardizer fit(Dataset data, boolean overall) {
        int[] shape = data.exampleShape();
        int width = 1;
        for (int d : shape) {
            width *= d;
        }
        int columns = overall ? 1 : width;
        double[] mean = new double[columns];
        double[] squares = new double[columns];
        float[] low = new float[columns];
        float[] high = new float[columns];
        Arrays.fill(low, Float.POSITIVE_INFINITY);
        Arrays.fill(high, Float.NEGATIVE_INFINITY);
        double count = (double) data.size() * width / columns;
        for (int pass = 0; pass < 2; pass++) {
            for (int start = 0; start < data.size(); start += CHUNK) {
                int[] indices = java.util.stream.IntStream.range(start, Math.min(data.size(), start + CHUNK)).toArray();
                float[] x = data.batch(indices).x().toFloats();
                for (int i = 0; i < x.length; i++) {
                    int c = overall ? 0 : i % width;
                    if (pass == 0) {
                        mean[c] += x[i];
                        low[c] = Math.min(low[c], x[i]);
                        high[c] = Math.max(high[c], x[i]);
                    } else {
                        squares[c] += (x[i] - mean[c]) * (x[i] - mean[c]);
                    }
                }
            }
            for (int c = 0; c < columns && pass == 0; c++) {
                mean[c] /= count;
            }
        }
        float[] m = new float[columns];
        float[] s = new float[columns];
        for (int c = 0; c < columns; c++) {
            m[c] = (float) mean[c];
            double deviation = Math.sqrt(squares[c] / count);
            boolean varies = low[c] < high[c] && deviation > NEGLIGIBLE * Math.abs(mean[c]);
            s[c] = varies ? (float) deviation : 1;
        }
        int[] dims = overall ? new int[] {1} : shape;
        return new Standardizer(Tensor.of(m, dims), Tensor.of(s, dims));
    }

    /// The batch with its inputs brought to mean 0 and deviation 1; for [Dataset#map].
    public Batch apply(Batch batch) {
        return new Batch(batch.x().sub(mean).div(deviation), batch.y());
    }
}
