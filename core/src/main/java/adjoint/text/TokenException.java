package adjoint.text;

import adjoint.tensor.AdjointException;

/// Text that cannot be cut into tokens, or a token that does not exist; the message says where, and the remedy.
public final class TokenException extends AdjointException {
    private static final long serialVersionUID = 1L;

    /// @param message the sentence
    public TokenException(String message) {
        super(message);
    }

    /// @param message the sentence
    /// @param cause what led to it
    public TokenException(String message, Throwable cause) {
        super(message, cause);
    }
}
