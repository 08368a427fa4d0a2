package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// Cross-entropy of the sigmoid of logits x with the probability t of yes:
/// `-w t log σ(x) - (1 - t) log σ(-x) = w t softplus(-x) + (1 - t) softplus(x)`, exact for logits of any size.
///
/// Shapes: logits and target alike; the weight broadcasts to them from the last axis.
///
/// @param reduction how the elements' losses become one
/// @param positiveWeight the factor w for yes: one, or `[C]`; more than 1 finds more, with more false alarms
/// @param elementWeights a factor for each element's loss
public record BinaryCrossEntropy(Reduction reduction, Optional<Tensor> positiveWeight, Optional<Tensor> elementWeights)
        implements Criterion {
    private static final String NAME = "binary cross-entropy";

    /// The mean, yes and no alike.
    public BinaryCrossEntropy() {
        this(Reduction.MEAN, Optional.empty(), Optional.empty());
    }

    /// This with another reduction.
    public BinaryCrossEntropy reduction(Reduction other) {
        return new BinaryCrossEntropy(other, positiveWeight, elementWeights);
    }

    /// This with a factor for yes: one for all, or one for each of the last axis.
    public BinaryCrossEntropy positiveWeight(float... weight) {
        Tensor w = weight.length == 1 ? Tensor.scalar(weight[0]) : Tensor.of(weight, weight.length);
        return new BinaryCrossEntropy(reduction, Optional.of(w), elementWeights);
    }

    /// This with a factor for each element's loss, which broadcasts to the logits; the mean still divides by their number
    /// (as PyTorch's `weight`).
    public BinaryCrossEntropy elementWeights(Tensor factors) {
        return new BinaryCrossEntropy(reduction, positiveWeight, Optional.of(factors));
    }

    @Override
    public Tensor of(Tensor logits, Tensor target) {
        Fit.same(NAME, logits, target);
        Fit.refuseSigmoid(NAME, logits);
        Tensor yes = logits.neg().softplus().mul(target);
        if (positiveWeight.isPresent()) {
            Tensor w = positiveWeight.get().to(logits.type());
            if (w.shape().rank() > 0 && (logits.shape().rank() == 0 || w.dim(0) != logits.dim(-1))) {
                throw new ShapeException(
                        NAME
                                + " needs one positive weight or "
                                + (logits.shape().rank() == 0 ? 1 : logits.dim(-1))
                                + ", got "
                                + w.dim(0));
            }
            yes = yes.mul(w);
        }
        Tensor losses = yes.add(logits.softplus().mul(target.neg().add(1)));
        Tensor weighted = elementWeights.map(w -> losses.mul(w.to(logits.type()))).orElse(losses);
        if (!weighted.shape().equals(losses.shape())) {
            throw new ShapeException(
                    NAME
                            + " needs element weights that broadcast to "
                            + losses.shape()
                            + ", got "
                            + elementWeights.orElseThrow().shape());
        }
        return reduction.of(weighted);
    }
}
