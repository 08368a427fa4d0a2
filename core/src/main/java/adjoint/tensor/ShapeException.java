package adjoint.tensor;

/// Shapes or element types that do not fit together. The message ends with the line of the user's own code that asked for it.
public final class ShapeException extends AdjointException {
    private static final long serialVersionUID = 1L;

    private final boolean located;

    /// @param message what was expected and what was got; the user's file and line are added
    public ShapeException(String message) {
        super(message + userLine());
        this.located = false;
    }

    private ShapeException(String layerPath, ShapeException inside) {
        super("layer '" + layerPath + "': " + inside.getMessage());
        this.located = true;
        setStackTrace(inside.getStackTrace());
    }

    /// This exception with the layer in front that it came from. The innermost layer is named; those around it, and a
    /// model without a path, change nothing.
    public ShapeException at(String layerPath) {
        return located || layerPath.isEmpty() ? this : new ShapeException(layerPath, this);
    }

    // The first frame outside the library and the JDK is the line that the user can change.
    private static String userLine() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(f -> isUserCode(f.getClassName())).findFirst())
                .map(f -> " (" + f.getFileName() + ":" + f.getLineNumber() + ")")
                .orElse("");
    }

    private static boolean isUserCode(String name) {
        boolean library = name.startsWith("adjoint.") && !name.endsWith("Test") && !name.contains("Test$");
        return !library && !name.startsWith("java.") && !name.startsWith("jdk.");
    }
}
