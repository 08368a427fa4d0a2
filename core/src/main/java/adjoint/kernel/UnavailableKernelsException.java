package adjoint.kernel;

/// Kernels that cannot run here. The message is one sentence: why not, and what would help.
public final class UnavailableKernelsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message why not, and the remedy
    public UnavailableKernelsException(String message) {
        super(message);
    }

    /// @param message why not, and the remedy
    /// @param cause what was refused below
    public UnavailableKernelsException(String message, Throwable cause) {
        super(message, cause);
    }
}
