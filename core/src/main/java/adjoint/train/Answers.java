package adjoint.train;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

/// What a classifier answered to a batch, beside what is right.
///
/// Takes logits `[…, C]` with int labels `[…]` or probabilities `[…, C]`; a last axis of 1, or logits and 0/1 targets of
/// rank 1, mean two classes divided at a logit of 0.
///
/// @param actual the right classes
/// @param predicted the classes with the largest logits
/// @param logits row after row
/// @param classes how many classes there are
public record Answers(int[] actual, int[] predicted, double[] logits, int classes) {

    /// Reads a batch.
    ///
    /// @throws AdjointException if the shapes do not fit together, a label is outside the classes, or a logit is NaN
    public static Answers of(Tensor output, Tensor target) {
        double[] given = output.toDoubles();
        int last = output.shape().rank() == 0 ? 1 : output.dim(-1);
        boolean binary = last == 1 || output.shape().rank() == 1;
        int classes = binary ? 2 : last;
        int rows = binary ? given.length : given.length / last;
        boolean labels = target.shape().size() == rows;
        if (!labels && !target.shape().equals(output.shape())) {
            throw new AdjointException(
                    "a metric needs logits [.., C] and labels [..], got " + output.shape() + " and " + target.shape());
        }
        double[] logits = binary ? withZeros(given) : given;
        refuseNaN(logits, classes);
        double[] wanted = target.toDoubles();
        int[] actual = new int[rows];
        int[] predicted = new int[rows];
        for (int i = 0; i < rows; i++) {
            actual[i] = labels ? (int) Math.round(wanted[i]) : largest(wanted, i, classes);
            predicted[i] = largest(logits, i, classes);
            if (actual[i] < 0 || actual[i] >= classes) {
                throw new AdjointException(
                        String.format(
                                "label %d of example %d of the batch is outside 0 to %d: give the network more outputs,"
                                        + " correct the label, or leave it out with Metric.ignoring(%1$d)",
                                actual[i], i, classes - 1));
            }
        }
        return new Answers(actual, predicted, logits, classes);
    }

    // Comparisons with NaN are false: it would pass for the largest logit, or the smallest.
    private static void refuseNaN(double[] logits, int classes) {
        for (int i = 0; i < logits.length; i++) {
            if (Double.isNaN(logits[i])) {
                throw new AdjointException(
                        "a metric needs logits that are numbers, got NaN for example "
                                + i / classes
                                + " of the batch: look for odd values in the data or the weights");
            }
        }
    }

    // One logit x for two classes is the same as the two logits 0 and x.
    private static double[] withZeros(double... given) {
        double[] logits = new double[2 * given.length];
        for (int i = 0; i < given.length; i++) {
            logits[2 * i + 1] = given[i];
        }
        return logits;
    }

    private static int largest(double[] values, int row, int width) {
        int best = 0;
        for (int c = 1; c < width; c++) {
            best = values[row * width + c] > values[row * width + best] ? c : best;
        }
        return best;
    }

    /// The number of examples.
    public int size() {
        return actual.length;
    }

    /// How many classes have a larger logit than the right one, or an equal one and a smaller number.
    public int rank(int row) {
        double own = logits[row * classes + actual[row]];
        int rank = 0;
        for (int c = 0; c < classes; c++) {
            double other = logits[row * classes + c];
            rank += other > own || other == own && c < actual[row] ? 1 : 0;
        }
        return rank;
    }

    /// The softmax of a row's logits, at one class.
    public double probability(int row, int label) {
        return Math.exp(logProbability(row, label));
    }

    /// The logarithm of [#probability], also where that is too small for a double.
    public double logProbability(int row, int label) {
        double max = logits[row * classes + predicted[row]];
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp(logits[row * classes + c] - max);
        }
        return logits[row * classes + label] - max - Math.log(sum);
    }
}
