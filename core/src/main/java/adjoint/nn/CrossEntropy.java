package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.OptionalLong;

/// Cross-entropy of the softmax of logits x with labels: `-log softmax(x)[label] = log Σ eˣ - x[label]`, the loss of
/// classification.
///
/// Shapes: logits `[…, C]`; target either int labels `[…]` from 0 to C-1, or probabilities `[…, C]` (`-Σ p log
/// softmax(x)`). The mean over labels divides by the sum of the weights of the labels that count; over probabilities,
/// by their number (both as in PyTorch, but classes on the last axis). A label outside the classes gives NaN: see
/// [Loss#checkLabels].
///
/// ```java
/// Criterion loss = new CrossEntropy().weights(1, 5).labelSmoothing(0.1);
/// ```
///
/// @param reduction how the examples' losses become one
/// @param weights `[C]`, a factor for each class
/// @param labelSmoothing how much of the target is spread over all classes, in [0, 1] (Szegedy et al. 2016)
/// @param ignoreLabel examples with this label do not count
public record CrossEntropy(
        Reduction reduction, Optional<Tensor> weights, double labelSmoothing, OptionalLong ignoreLabel)
        implements Criterion {
    private static final String NAME = "cross-entropy";

    /// @throws AdjointException if the label smoothing is not in [0, 1]
    public CrossEntropy {
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new AdjointException(NAME + " needs a label smoothing in [0, 1], got " + labelSmoothing);
        }
    }

    /// The mean, all classes alike, labels as they are.
    public CrossEntropy() {
        this(Reduction.MEAN, Optional.empty(), 0, OptionalLong.empty());
    }

    /// This with another reduction.
    public CrossEntropy reduction(Reduction other) {
        return new CrossEntropy(other, weights, labelSmoothing, ignoreLabel);
    }

    /// This with a factor for each class.
    public CrossEntropy weights(float... perClass) {
        return new CrossEntropy(
                reduction, Optional.of(Tensor.of(perClass, perClass.length)), labelSmoothing, ignoreLabel);
    }

    /// This with part of the target spread over all classes.
    public CrossEntropy labelSmoothing(double amount) {
        return new CrossEntropy(reduction, weights, amount, ignoreLabel);
    }

    /// This without the examples that have the label.
    public CrossEntropy ignoreLabel(long label) {
        return new CrossEntropy(reduction, weights, labelSmoothing, OptionalLong.of(label));
    }

    @Override
    public Tensor of(Tensor logits, Tensor target) {
        Fit.refuseSoftmax(NAME, logits);
        boolean probabilities =
                logits.shape().rank() > 0 && logits.type().isFloating() && target.spec().equals(logits.spec());
        return probabilities ? ofProbabilities(logits, target) : ofLabels(logits, target);
    }

    @Override
    public double weight(Tensor target) {
        boolean plain = weights.isEmpty() && ignoreLabel.isEmpty();
        return !target.type().isInteger() || reduction != Reduction.MEAN || plain
                ? Criterion.super.weight(target)
                : Labels.weight(target, weights, ignoreLabel);
    }

    private Tensor ofLabels(Tensor logits, Tensor target) {
        Labels labels = Labels.of(NAME, logits, target);
        Optional<Tensor> w = Labels.weights(NAME, weights, logits);
        Tensor logSum = logits.logSumExp(-1); // [..]
        Tensor loss = logSum.sub(labels.take(logits));
        if (w.isPresent()) {
            loss = loss.mul(labels.take(w.get()));
        }
        if (labelSmoothing > 0) {
            Tensor all = logSum.unsqueeze(-1).sub(logits); // -log softmax, [.., C]
            Tensor spread = w.map(all::mul).orElse(all).sum(-1).mul(labelSmoothing / logits.dim(-1));
            loss = loss.mul(1 - labelSmoothing).add(spread);
        }
        return labels.reduce(loss, w, ignoreLabel, reduction);
    }

    private Tensor ofProbabilities(Tensor logits, Tensor target) {
        if (ignoreLabel.isPresent()) {
            throw new ShapeException(
                    NAME
                            + " ignores the label "
                            + ignoreLabel.getAsLong()
                            + ", which needs int labels [..], got probabilities "
                            + target.spec());
        }
        Tensor p = labelSmoothing == 0 ? target : target.mul(1 - labelSmoothing).add(labelSmoothing / logits.dim(-1));
        Tensor all = logits.logSumExp(-1).unsqueeze(-1).sub(logits).mul(p);
        return reduction.of(Labels.weights(NAME, weights, logits).map(all::mul).orElse(all).sum(-1));
    }
}
