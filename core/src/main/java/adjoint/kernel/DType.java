package adjoint.kernel;

/// The type of a tensor's elements.
///
/// `FLOAT32` computes, `FLOAT64` proves (gradient checks), the integers are indices and labels, `BOOL` is what comparisons
/// give (one byte an element, 0 or 1).
public enum DType {
    FLOAT32(4),
    FLOAT64(8),
    INT32(4),
    INT64(8),
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /// Bytes one element takes in memory.
    public int bytes() {
        return bytes;
    }

    /// True for the types that carry derivatives.
    public boolean isFloating() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /// True for `INT32` and `INT64`.
    public boolean isInteger() {
        return this == INT32 || this == INT64;
    }

    /// The type in which a [BlockProgram] over elements of this type computes: integers as `INT64`, truth values beside
    /// floats as `FLOAT32`.
    public DType computeType() {
        return switch (this) {
            case FLOAT64 -> FLOAT64;
            case INT32, INT64 -> INT64;
            case FLOAT32, BOOL -> FLOAT32;
        };
    }

    /// The name as users write it: `float32`, `bool` …
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
