package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// What one run of a plan works on: slot 0 is the arena of intermediates, slots 1 … hold inputs and parameters.
/// All segments are off-heap.
public record Memory(MemorySegment... slots) {
    /// The memory of a slot.
    public MemorySegment slot(int index) {
        return slots[index];
    }
}
