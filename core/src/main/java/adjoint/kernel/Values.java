package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// A dense run of elements, seen as doubles: what a user's own function works on.
///
/// @param segment the memory, exactly as long as the elements
/// @param type the type of the elements in memory
public record Values(MemorySegment segment, DType type) {
    /// The number of elements.
    public long size() {
        return segment.byteSize() / type.bytes();
    }

    /// Element `i`.
    ///
    /// @throws IndexOutOfBoundsException if there is no such element
    public double get(long i) {
        return Buffer.get(segment, type, i);
    }

    /// Sets element `i`, rounded to the type.
    ///
    /// @throws IndexOutOfBoundsException if there is no such element
    public void set(long i, double value) {
        Buffer.set(segment, type, i, value);
    }
}
