package adjoint.train;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// What the metrics of [Metric] count, in double precision.
final class Tallies {
    private Tallies() {}

    static final class OfMatrix implements Metric.Tally {
        private final ToDoubleFunction<ConfusionMatrix> number;
        private ConfusionMatrix matrix = new ConfusionMatrix(0);

        OfMatrix(ToDoubleFunction<ConfusionMatrix> number) {
            this.number = number;
        }

        @Override
        public void add(Tensor output, Tensor target) {
            Answers answers = Answers.of(output, target);
            if (matrix.classes() == 0) {
                matrix = new ConfusionMatrix(answers.classes());
            }
            matrix.add(answers.actual(), answers.predicted());
        }

        @Override
        public double value() {
            return matrix.total() == 0 ? Double.NaN : number.applyAsDouble(matrix);
        }
    }

    static final class TopK implements Metric.Tally {
        private final int k;
        private long hits;
        private long total;

        TopK(int k) {
            this.k = k;
        }

        @Override
        public void add(Tensor output, Tensor target) {
            Answers answers = Answers.of(output, target);
            for (int i = 0; i < answers.size(); i++) {
                hits += answers.rank(i) < k ? 1 : 0;
            }
            total += answers.size();
        }

        @Override
        public double value() {
            return (double) hits / total;
        }
    }

    static final class Perplexity implements Metric.Tally {
        private double sum;
        private long total;

        @Override
        public void add(Tensor output, Tensor target) {
            Answers answers = Answers.of(output, target);
            for (int i = 0; i < answers.size(); i++) {
                sum -= answers.logProbability(i, answers.actual()[i]);
            }
            total += answers.size();
        }

        @Override
        public double value() {
            return Math.exp(sum / total);
        }
    }

    /// Counts only the rows whose label is another.
    ///
    /// @param label the one that is left out
    record Ignoring(long label, Metric.Tally counted) implements Metric.Tally {
        @Override
        public void add(Tensor output, Tensor target) {
            double[] labels = target.toDoubles();
            int[] kept = IntStream.range(0, labels.length).filter(i -> labels[i] != label).toArray();
            if (kept.length == labels.length) {
                counted.add(output, target);
            } else if (kept.length > 0) {
                counted.add(rows(output, labels.length, kept), rows(target, labels.length, kept));
            }
        }

        private static Tensor rows(Tensor all, int count, int... kept) {
            double[] values = all.toDoubles();
            int width = values.length / count;
            double[] some = new double[kept.length * width];
            for (int i = 0; i < kept.length; i++) {
                System.arraycopy(values, kept[i] * width, some, i * width, width);
            }
            boolean labels = width == 1 && all.type().isInteger();
            return labels ? Tensor.of(some, kept.length) : Tensor.of(some, kept.length, width);
        }

        @Override
        public double value() {
            return counted.value();
        }
    }

    // Welford's update keeps the variance exact where the mean is large.
    static final class R2 implements Metric.Tally {
        private double[] errors = new double[0];
        private double[] mean = new double[0];
        private double[] squares = new double[0];
        private long total;

        @Override
        public void add(Tensor output, Tensor target) {
            if (!output.shape().equals(target.shape())) {
                throw new AdjointException(
                        "R² needs an output and a target of one shape, got "
                                + output.shape()
                                + " and "
                                + target.shape()
                                + ": reshape one of them");
            }
            double[] y = target.toDoubles();
            double[] p = output.toDoubles();
            int width = target.shape().rank() < 2 ? 1 : target.dim(-1);
            if (total == 0) {
                errors = new double[width];
                mean = new double[width];
                squares = new double[width];
            }
            for (int i = 0; i < y.length; i++) {
                int c = i % width;
                total += c == 0 ? 1 : 0;
                double d = y[i] - mean[c];
                mean[c] += d / total;
                squares[c] += d * (y[i] - mean[c]);
                errors[c] += (y[i] - p[i]) * (y[i] - p[i]);
            }
        }

        @Override
        public double value() {
            double sum = 0;
            for (int c = 0; c < errors.length; c++) {
                // A constant target has no variance to explain (as in scikit-learn).
                sum += squares[c] > 0 ? 1 - errors[c] / squares[c] : errors[c] == 0 ? 1 : 0;
            }
            return total == 0 ? Double.NaN : sum / errors.length;
        }
    }
}
