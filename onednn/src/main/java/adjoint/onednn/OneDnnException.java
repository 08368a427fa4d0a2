package adjoint.onednn;

import adjoint.kernel.KernelException;

/// What oneDNN refused to do, on which shapes.
public final class OneDnnException extends KernelException {
    private static final long serialVersionUID = 1L;

    /// @param message what failed and why
    public OneDnnException(String message) {
        super(message);
    }
}
