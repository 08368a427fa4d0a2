package adjoint.tensor;

/// The base of what Adjoint refuses: the message is a sentence that says what was being done, what was expected, what was
/// got, and the remedy.
public class AdjointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message the sentence
    public AdjointException(String message) {
        super(message);
    }

    /// @param message the sentence
    /// @param cause what led to it
    public AdjointException(String message, Throwable cause) {
        super(message, cause);
    }
}
