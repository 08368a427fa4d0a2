package adjoint.kernel;

/// What a kernel could not do though its step was sound: a native function that failed. The message says what and why.
public class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed and why
    public KernelException(String message) {
        super(message);
    }
}
