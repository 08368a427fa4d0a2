package adjoint.train;

import java.util.function.IntToDoubleFunction;

/// How often each class was taken for each: rows are the right classes, columns the predicted ones.
///
/// Averages are over the classes that occur in either; a ratio of nothing is 0 (as in scikit-learn).
public final class ConfusionMatrix {
    private final long[][] counts;

    /// @param classes how many classes there are
    public ConfusionMatrix(int classes) {
        this.counts = new long[classes][classes];
    }

    /// Counts some examples.
    public void add(int[] actual, int[] predicted) {
        for (int i = 0; i < actual.length; i++) {
            counts[actual[i]][predicted[i]]++;
        }
    }

    /// The number of classes.
    public int classes() {
        return counts.length;
    }

    /// How many examples of one class were taken for another.
    public long count(int actual, int predicted) {
        return counts[actual][predicted];
    }

    /// The number of examples.
    public long total() {
        long sum = 0;
        for (int c = 0; c < counts.length; c++) {
            sum += actual(c);
        }
        return sum;
    }

    /// The number of examples of a class.
    public long actual(int label) {
        long sum = 0;
        for (long n : counts[label]) {
            sum += n;
        }
        return sum;
    }

    /// The number of examples that were taken for a class.
    public long predicted(int label) {
        long sum = 0;
        for (long[] row : counts) {
            sum += row[label];
        }
        return sum;
    }

    /// The share of examples on the diagonal.
    public double accuracy() {
        long hits = 0;
        for (int c = 0; c < counts.length; c++) {
            hits += counts[c][c];
        }
        return ratio(hits, total());
    }

    /// Of those taken for the class, the share that belongs to it.
    public double precision(int label) {
        return ratio(counts[label][label], predicted(label));
    }

    /// Of those that belong to the class, the share that was found.
    public double recall(int label) {
        return ratio(counts[label][label], actual(label));
    }

    /// The harmonic mean of precision and recall of a class.
    public double f1(int label) {
        return ratio(2 * counts[label][label], actual(label) + predicted(label));
    }

    /// Precision, averaged over classes.
    public double precision() {
        return average(this::precision);
    }

    /// Recall, averaged over classes.
    public double recall() {
        return average(this::recall);
    }

    /// F1, averaged over classes.
    public double f1() {
        return average(this::f1);
    }

    private double average(IntToDoubleFunction ofClass) {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < counts.length; c++) {
            if (actual(c) + predicted(c) > 0) {
                sum += ofClass.applyAsDouble(c);
                present++;
            }
        }
        return sum / present;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
