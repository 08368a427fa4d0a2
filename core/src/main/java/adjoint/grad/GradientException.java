package adjoint.grad;

import adjoint.tensor.AdjointException;

/// A gradient that cannot be had, with the reason.
public final class GradientException extends AdjointException {
    private static final long serialVersionUID = 1L;

    /// @param message the reason
    public GradientException(String message) {
        super(message);
    }
}
