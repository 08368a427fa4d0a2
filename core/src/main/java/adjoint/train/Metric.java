package adjoint.train;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// A number that says how good a network is, over all examples of a set. For reading, not for gradients.
///
/// Classification takes logits `[…, C]` with int labels `[…]`, or, for two classes, logits and 0/1 targets of one shape.
///
/// ```java
/// Trainer.of(model, Loss::crossEntropy, AdamW.rate(1e-3)).metric(Metric.accuracy(), Metric.topK(5))
/// ```
public interface Metric {
    /// The name behind `test.` in results: `accuracy`.
    String name();

    /// A new count, of no examples yet.
    Tally tally();

    /// Whether more is better. The opposite of a loss, unless said otherwise.
    default boolean higherIsBetter() {
        return true;
    }

    /// The same over all examples but those with this label: padding, or what nobody labelled. [Trainer] does it by
    /// itself where the loss ignores a label.
    default Metric ignoring(long label) {
        return of(name(), higherIsBetter(), () -> new Tallies.Ignoring(label, tally()));
    }

    /// Counts examples, batch after batch.
    interface Tally {
        /// Counts a batch. Both are computed already, so that reading them costs nothing.
        void add(Tensor output, Tensor target);

        /// The metric over all examples so far; NaN before the first.
        double value();
    }

    /// A metric of your own.
    static Metric of(String name, boolean higherIsBetter, Supplier<Tally> tally) {
        return new Named(name, higherIsBetter, tally);
    }

    /// The share of examples whose largest logit is the label's.
    static Metric accuracy() {
        return ofMatrix("accuracy", ConfusionMatrix::accuracy);
    }

    /// The share of examples whose label is among the k largest logits.
    ///
    /// @throws AdjointException if k is less than 1
    static Metric topK(int k) {
        if (k < 1) {
            throw new AdjointException("top-k accuracy needs a k of 1 or more, got " + k);
        }
        return of("top" + k, true, () -> new Tallies.TopK(k));
    }

    /// Precision, averaged over classes.
    static Metric precision() {
        return ofMatrix("precision", ConfusionMatrix::precision);
    }

    /// Precision of one class.
    static Metric precision(int label) {
        return ofMatrix("precision." + label, m -> m.precision(label));
    }

    /// Recall, averaged over classes.
    static Metric recall() {
        return ofMatrix("recall", ConfusionMatrix::recall);
    }

    /// Recall of one class.
    static Metric recall(int label) {
        return ofMatrix("recall." + label, m -> m.recall(label));
    }

    /// F1, the harmonic mean of precision and recall, averaged over classes.
    static Metric f1() {
        return ofMatrix("f1", ConfusionMatrix::f1);
    }

    /// F1 of one class.
    static Metric f1(int label) {
        return ofMatrix("f1." + label, m -> m.f1(label));
    }

    /// `exp` of the mean cross-entropy of logits `[…, C]` with int labels `[…]`: among how many equally likely answers
    /// the network hesitates.
    static Metric perplexity() {
        return of("perplexity", false, Tallies.Perplexity::new);
    }

    /// The coefficient of determination R²: 1 minus the squared error over the targets' variance, for outputs and
    /// targets of one shape; averaged over the last axis, if there are several axes. For a target that is constant: 1 if
    /// it is met exactly, else 0. (As scikit-learn's `r2_score`.)
    static Metric r2() {
        return of("r2", true, Tallies.R2::new);
    }

    /// A number of the confusion matrix.
    static Metric ofMatrix(String name, ToDoubleFunction<ConfusionMatrix> number) {
        return of(name, true, () -> new Tallies.OfMatrix(number));
    }

    /// A metric by its parts.
    ///
    /// @param counter makes new counts
    record Named(String name, boolean higherIsBetter, Supplier<Tally> counter) implements Metric {
        @Override
        public Tally tally() {
            return counter.get();
        }
    }
}
