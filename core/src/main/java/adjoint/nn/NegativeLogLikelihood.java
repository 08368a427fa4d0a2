package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.OptionalLong;

/// `-x[label]` of log-probabilities x, as [LogSoftmax] gives them. From logits, [CrossEntropy] is shorter.
///
/// Shapes: log-probabilities `[…, C]`, int labels `[…]`. The mean divides by the sum of the weights of the labels that
/// count.
///
/// @param reduction how the examples' losses become one
/// @param weights `[C]`, a factor for each class
/// @param ignoreLabel examples with this label do not count
public record NegativeLogLikelihood(Reduction reduction, Optional<Tensor> weights, OptionalLong ignoreLabel)
        implements Criterion {
    private static final String NAME = "negative log likelihood";

    /// The mean, all classes alike.
    public NegativeLogLikelihood() {
        this(Reduction.MEAN, Optional.empty(), OptionalLong.empty());
    }

    /// This with another reduction.
    public NegativeLogLikelihood reduction(Reduction other) {
        return new NegativeLogLikelihood(other, weights, ignoreLabel);
    }

    /// This with a factor for each class.
    public NegativeLogLikelihood weights(float... perClass) {
        return new NegativeLogLikelihood(reduction, Optional.of(Tensor.of(perClass, perClass.length)), ignoreLabel);
    }

    /// This without the examples that have the label.
    public NegativeLogLikelihood ignoreLabel(long label) {
        return new NegativeLogLikelihood(reduction, weights, OptionalLong.of(label));
    }

    @Override
    public Tensor of(Tensor logProbabilities, Tensor target) {
        Labels labels = Labels.of(NAME, logProbabilities, target);
        Optional<Tensor> w = Labels.weights(NAME, weights, logProbabilities);
        Tensor loss = labels.take(logProbabilities).neg();
        return labels.reduce(w.map(c -> loss.mul(labels.take(c))).orElse(loss), w, ignoreLabel, reduction);
    }

    @Override
    public double weight(Tensor target) {
        boolean plain = weights.isEmpty() && ignoreLabel.isEmpty();
        return reduction != Reduction.MEAN || plain
                ? Criterion.super.weight(target)
                : Labels.weight(target, weights, ignoreLabel);
    }
}
