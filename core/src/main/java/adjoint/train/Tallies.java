package adjoint.train;

import adjoint.tensor.Tensor;

import java.util.function.ToDoubleFunction;

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
                sum -= Math.log(answers.probability(i, answers.actual()[i]));
            }
            total += answers.size();
        }

        @Override
        public double value() {
            return Math.exp(sum / total);
        }
    }

    // Welford's update keeps the variance exact where the mean is large.
    static final class R2 implements Metric.Tally {
        private double errors;
        private double mean;
        private double squares;
        private long total;

        @Override
        public void add(Tensor output, Tensor target) {
            double[] y = target.toDoubles();
            double[] p = output.toDoubles();
            for (int i = 0; i < y.length; i++) {
                total++;
                double d = y[i] - mean;
                mean += d / total;
                squares += d * (y[i] - mean);
                errors += (y[i] - p[i]) * (y[i] - p[i]);
            }
        }

        @Override
        public double value() {
            return total == 0 ? Double.NaN : 1 - errors / squares;
        }
    }
}
