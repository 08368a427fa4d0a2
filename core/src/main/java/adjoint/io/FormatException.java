package adjoint.io;

import java.io.IOException;

/// A file that is not what it should be: damaged, cut off, or of a kind that is not read here.
public final class FormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param message the file, what is wrong with it, and the remedy
    public FormatException(String message) {
        super(message);
    }

    /// @param message the file, what is wrong with it, and the remedy
    /// @param cause what found it
    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
