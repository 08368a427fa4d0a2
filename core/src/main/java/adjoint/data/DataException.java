package adjoint.data;

import adjoint.tensor.AdjointException;

/// Data that cannot be used: the message says what, in which file and line, what was expected, what was got, and the remedy.
public final class DataException extends AdjointException {
    private static final long serialVersionUID = 1L;

    /// @param message the sentence
    public DataException(String message) {
        super(message);
    }

    /// @param message the sentence
    /// @param cause what led to it
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
