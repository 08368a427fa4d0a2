package adjoint.nn;

import adjoint.tensor.Tensor;

/// How the losses of single elements or examples become one.
public enum Reduction {
    /// The mean over all.
    MEAN,
    /// The sum over all.
    SUM,
    /// The sum over all, divided by the extent of the first axis, the batch.
    BATCH_MEAN,
    /// They stay as they are.
    NONE;

    /// Reduces.
    public Tensor of(Tensor losses) {
        return switch (this) {
            case MEAN -> losses.mean();
            case SUM -> losses.sum();
            case BATCH_MEAN -> losses.shape().rank() == 0 ? losses : losses.sum().mul(1.0 / losses.dim(0));
            case NONE -> losses;
        };
    }
}
