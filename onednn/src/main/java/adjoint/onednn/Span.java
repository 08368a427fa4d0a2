package adjoint.onednn;

import adjoint.kernel.Memory;
import adjoint.kernel.View;

import java.lang.foreign.MemorySegment;

/// The bytes that a view touches, and the guard in front of native code: an address is given out only if all of them are
/// there.
final class Span {
    private final View view;
    private final long from;
    private final long to;

    /// @throws ArithmeticException if the view reaches further than any memory
    Span(View view) {
        this.view = view;
        long first = 0;
        long last = 0;
        for (int i = 0; i < view.dims().length; i++) {
            long reach = Math.multiplyExact(view.strides()[i], view.dims()[i] - 1L);
            first = Math.addExact(first, Math.min(0, reach));
            last = Math.addExact(last, Math.max(0, reach));
        }
        int bytes = view.type().bytes();
        from = Math.addExact(view.offset(), Math.multiplyExact(first, bytes));
        to = Math.addExact(view.offset(), Math.multiplyExact(last + 1, bytes));
    }

    /// The address of the view's first element.
    ///
    /// @throws IndexOutOfBoundsException if the view does not lie within its slot
    /// @throws IllegalStateException if the slot's memory may not be used so
    long address(Memory memory, boolean write) {
        MemorySegment slot = memory.slot(view.slot());
        check(slot, from, to, write, view.slot());
        return slot.address() + view.offset();
    }

    /// The address of `bytes` bytes in slot 0, from the first multiple of `alignment` at or after an offset.
    static long scratch(Memory memory, long offset, long bytes, int alignment) {
        MemorySegment slot = memory.slot(0);
        long address = slot.address() + offset;
        long aligned = (address + alignment - 1) / alignment * alignment;
        check(slot, offset, aligned - slot.address() + bytes, true, 0);
        return aligned;
    }

    private static void check(MemorySegment slot, long from, long to, boolean write, int index) {
        if (from < 0 || to > slot.byteSize()) {
            throw new IndexOutOfBoundsException(
                    "bytes %d to %d of slot %d, which has %d bytes".formatted(from, to, index, slot.byteSize()));
        }
        if (!slot.isNative()
                || !slot.scope().isAlive()
                || !slot.isAccessibleBy(Thread.currentThread())
                || write && slot.isReadOnly()) {
            throw new IllegalStateException(
                    "slot %d must be off-heap memory that is open to this thread%s"
                            .formatted(index, write ? " for writing" : ""));
        }
    }
}
