package adjoint.plan;

import adjoint.tensor.AdjointException;

/// A tensor recorded before a parameter's update and read after it: computing it now would silently use the new weights.
public final class StaleReadException extends AdjointException {
    private static final long serialVersionUID = 1L;

    /// @param message what happened and what to do instead
    public StaleReadException(String message) {
        super(message);
    }
}
