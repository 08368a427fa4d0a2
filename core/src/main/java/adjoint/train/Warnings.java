package adjoint.train;

import adjoint.data.Batches;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.OptionalLong;

/// Mistakes that let a training run, to no good end, in words.
final class Warnings {
    private Warnings() {}

    /// Examples sorted by label and not shuffled.
    static Optional<String> ofOrder(Batches train) {
        if (train.seed().isPresent() || train.count() == 1) {
            return Optional.empty();
        }
        int changes = 0;
        for (int i = 1; i < train.data().size(); i++) {
            if (train.data().label(i) < train.data().label(i - 1)) {
                return Optional.empty();
            }
            changes += train.data().label(i) == train.data().label(i - 1) ? 0 : 1;
        }
        return changes == 0
                ? Optional.empty()
                : Optional.of(
                        "the training examples are sorted by label and not shuffled, so that the network sees one class"
                                + " after the other: add .shuffled(seed) before .batched(…)");
    }

    /// An epoch in which nothing could be learned.
    static Optional<String> ofRate(int epoch, double highest) {
        return highest > 0
                ? Optional.empty()
                : Optional.of(
                        "the learning rate was 0 in all of epoch "
                                + epoch
                                + ", so that no weight moved: give the schedule as many steps as the training has");
    }

    /// A label that the output has no place for; it makes a loss NaN.
    static Optional<String> ofLabels(Tensor output, Tensor target, OptionalLong ignored) {
        Shape scores = output.shape();
        if (!target.type().isInteger() || scores.rank() == 0 || !target.shape().equals(scores.without(-1))) {
            return Optional.empty();
        }
        double[] labels = target.toDoubles();
        for (int i = 0; i < labels.length; i++) {
            boolean counts = ignored.isEmpty() || labels[i] != ignored.getAsLong();
            if (counts && (labels[i] < 0 || labels[i] >= output.dim(-1))) {
                return Optional.of(
                        String.format(
                                "label %d at position %d of the batch is outside 0 to %d; give the network more"
                                        + " outputs, or correct the label",
                                (long) labels[i], i, output.dim(-1) - 1));
            }
        }
        return Optional.empty();
    }
}
