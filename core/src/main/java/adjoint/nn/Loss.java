package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

/// The usual losses, as functions of output and target that give the mean: `Loss::crossEntropy` is a [Criterion]. Each
/// has a record or factory with its options: `new CrossEntropy().labelSmoothing(0.1)`, `Pointwise.huber(0.5)`.
///
/// Nothing broadcasts: shapes and types that do not fit are refused with a [adjoint.tensor.ShapeException].
public final class Loss {
    private static final CrossEntropy CROSS_ENTROPY = new CrossEntropy();
    private static final BinaryCrossEntropy BINARY_CROSS_ENTROPY = new BinaryCrossEntropy();
    private static final NegativeLogLikelihood NEGATIVE_LOG_LIKELIHOOD = new NegativeLogLikelihood();
    private static final MultiClassMargin MULTI_CLASS_MARGIN = new MultiClassMargin();
    private static final Pointwise SQUARED_ERROR = Pointwise.squaredError();
    private static final Pointwise ABSOLUTE_ERROR = Pointwise.absoluteError();
    private static final Pointwise HUBER = Pointwise.huber(1);
    private static final Pointwise SMOOTH_L1 = Pointwise.smoothL1(1);
    private static final Pointwise KL_DIVERGENCE = Pointwise.klDivergence();
    private static final Pointwise HINGE = Pointwise.hinge();
    private static final Pointwise POISSON = Pointwise.poisson();

    private Loss() {}

    /// Of logits `[…, C]` with int labels `[…]` or probabilities `[…, C]`: see [CrossEntropy].
    public static Tensor crossEntropy(Tensor logits, Tensor target) {
        return CROSS_ENTROPY.of(logits, target);
    }

    /// Of logits with probabilities of one shape: see [BinaryCrossEntropy].
    public static Tensor binaryCrossEntropy(Tensor logits, Tensor target) {
        return BINARY_CROSS_ENTROPY.of(logits, target);
    }

    /// Of log-probabilities `[…, C]` with int labels `[…]`: see [adjoint.nn.NegativeLogLikelihood].
    public static Tensor negativeLogLikelihood(Tensor logProbabilities, Tensor target) {
        return NEGATIVE_LOG_LIKELIHOOD.of(logProbabilities, target);
    }

    /// Of scores `[…, C]` with int labels `[…]`: see [MultiClassMargin].
    public static Tensor multiClassMargin(Tensor scores, Tensor target) {
        return MULTI_CLASS_MARGIN.of(scores, target);
    }

    /// The mean of `(x - t)²`.
    public static Tensor meanSquaredError(Tensor output, Tensor target) {
        return SQUARED_ERROR.of(output, target);
    }

    /// The mean of `|x - t|`.
    public static Tensor meanAbsoluteError(Tensor output, Tensor target) {
        return ABSOLUTE_ERROR.of(output, target);
    }

    /// Squares near 0, straight lines beyond 1: see [Pointwise#huber].
    public static Tensor huber(Tensor output, Tensor target) {
        return HUBER.of(output, target);
    }

    /// See [Pointwise#smoothL1], with β = 1.
    public static Tensor smoothL1(Tensor output, Tensor target) {
        return SMOOTH_L1.of(output, target);
    }

    /// Of log-probabilities with probabilities, the mean over elements: see [Pointwise#klDivergence].
    public static Tensor klDivergence(Tensor logProbabilities, Tensor target) {
        return KL_DIVERGENCE.of(logProbabilities, target);
    }

    /// The mean of `max(0, 1 - t x)` with targets of -1 and 1.
    public static Tensor hinge(Tensor output, Tensor target) {
        return HINGE.of(output, target);
    }

    /// Of logarithms of rates with counts: see [Pointwise#poisson].
    public static Tensor poisson(Tensor logRate, Tensor count) {
        return POISSON.of(logRate, count);
    }

    /// The mean of 1 - cos of the angle between vectors `[…, n]`.
    public static Tensor cosineDistance(Tensor output, Tensor target) {
        return cosineSimilarity(output, target).mean().neg().add(1);
    }

    /// The cosine of the angle between vectors: `[…, n], […, n] -> […]`. For losses of pairs: [CosineEmbedding].
    public static Tensor cosineSimilarity(Tensor a, Tensor b) {
        return CosineEmbedding.similarity(a, b);
    }

    /// Refuses labels outside 0 to `classes - 1`. For loaders: when a loss is recorded, its labels are not known yet,
    /// and one outside the classes makes it NaN.
    ///
    /// @throws AdjointException naming the first such label and its position
    public static void checkLabels(int[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new AdjointException(
                        "label "
                                + labels[i]
                                + " at position "
                                + i
                                + " does not lie in 0 to "
                                + (classes - 1)
                                + ": give the network more outputs, or correct the labels");
            }
        }
    }
}
