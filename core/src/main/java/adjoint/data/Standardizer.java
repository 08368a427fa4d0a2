package adjoint.data;

import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Brings inputs to mean 0 and standard deviation 1. Fit it on the training part only, and apply it to all.
///
/// @param mean of each value of an example or of each channel, or one for all
/// @param deviation likewise; values that are the same in all examples have 1
public record Standardizer(Tensor mean, Tensor deviation) {
    private static final int CHUNK = 1024;
    private static final double NEGLIGIBLE = 1e-6; // beside a column's mean, as much as float32 rounds away

    /// Means and deviations of each value of the examples (columns of a table).
    public static Standardizer perFeature(Dataset data) {
        return fit(data, data.exampleShape());
    }

    /// Means and deviations of each channel, over all examples and all places in them: of the last axis (images in colour).
    ///
    /// @throws DataException if an example is a single number
    public static Standardizer perChannel(Dataset data) {
        int[] shape = data.exampleShape();
        if (shape.length == 0) {
            throw new DataException(
                    "standardizing per channel needs examples whose last axis is channels, got numbers");
        }
        return fit(data, shape[shape.length - 1]);
    }

    /// One mean and deviation over all values (images).
    public static Standardizer overall(Dataset data) {
        return fit(data, 1);
    }

    // Two passes in double: sums of squares of large values must not cancel.
    private static Standardizer fit(Dataset data, int... dims) {
        int width = product(data.exampleShape());
        int columns = product(dims); // value i of an example belongs to column i % columns
        double[] mean = new double[columns];
        double[] squares = new double[columns];
        float[] low = new float[columns];
        float[] high = new float[columns];
        Arrays.fill(low, Float.POSITIVE_INFINITY);
        Arrays.fill(high, Float.NEGATIVE_INFINITY);
        double count = (double) data.size() * width / columns;
        for (int pass = 0; pass < 2; pass++) {
            for (int start = 0; start < data.size(); start += CHUNK) {
                int[] indices = IntStream.range(start, Math.min(data.size(), start + CHUNK)).toArray();
                float[] x = data.batch(indices).x().toFloats();
                for (int i = 0; i < x.length; i++) {
                    int c = i % columns;
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
        return new Standardizer(Tensor.of(m, dims), Tensor.of(s, dims));
    }

    private static int product(int... dims) {
        return Arrays.stream(dims).reduce(1, Math::multiplyExact);
    }

    /// The batch with its inputs brought to mean 0 and deviation 1; for [Dataset#map].
    public Batch apply(Batch batch) {
        return new Batch(batch.x().sub(mean).div(deviation), batch.y());
    }
}
