package adjoint.onednn;

/// What oneDNN refused to do, on which shapes.
public final class OneDnnException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed and why
    public OneDnnException(String message) {
        super(message);
    }
}
