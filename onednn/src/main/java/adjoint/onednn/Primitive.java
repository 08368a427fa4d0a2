package adjoint.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A primitive of oneDNN: one computation on fixed shapes, with what its executions need.
///
/// Any number of threads may execute it at once. Each execution takes a [Call] from a small pool, so that none allocates once as
/// many have been made as ever ran together.
final class Primitive implements AutoCloseable {
    private static final int SCRATCH_ALIGNMENT = 64;

    private final DnnlObjects dnnl;
    private final String what;
    private final int[] arguments;
    private final long[] descriptors;
    private final long scratchBytes;
    private final long handle;
    private Call free;
    private boolean closed;

    /// The memory objects and the argument list of one execution at a time.
    private static final class Call {
        final Arena arena = Arena.ofShared();
        final long[] memories;
        final MemorySegment list;
        final long address;
        final long stream;
        Call next;

        Call(DnnlObjects dnnl, int[] arguments, long[] descriptors) {
            memories = new long[arguments.length];
            list = arena.allocate((long) arguments.length * DnnlObjects.ARGUMENT_BYTES, 16);
            address = list.address();
            try {
                for (int i = 0; i < arguments.length; i++) {
                    memories[i] = dnnl.memory(descriptors[i]);
                    list.set(ValueLayout.JAVA_INT, (long) i * DnnlObjects.ARGUMENT_BYTES, arguments[i]);
                    list.set(ValueLayout.JAVA_LONG, (long) i * DnnlObjects.ARGUMENT_BYTES + 8, memories[i]);
                }
                stream = dnnl.stream();
            } catch (OneDnnException e) {
                free(dnnl);
                throw e;
            }
        }

        private void free(DnnlObjects dnnl) {
            for (long memory : memories) {
                dnnl.destroy("memory", memory);
            }
            arena.close();
        }

        void close(DnnlObjects dnnl) {
            dnnl.destroy("stream", stream);
            free(dnnl);
        }
    }

    /// @param what the operation and its shapes, for messages
    /// @param primitiveDescriptor what to make; stays the caller's
    /// @param arguments the indices of the three or two operands, in the order of [#execute]
    Primitive(DnnlObjects dnnl, String what, long primitiveDescriptor, int... arguments) {
        this.dnnl = dnnl;
        this.what = what;
        this.handle = dnnl.primitive(primitiveDescriptor); // first: what follows cannot be refused
        long scratch = dnnl.argument(primitiveDescriptor, DnnlObjects.SCRATCHPAD);
        this.scratchBytes = dnnl.bytes(scratch);
        int count = arguments.length + (scratchBytes > 0 ? 1 : 0);
        this.arguments = Arrays.copyOf(arguments, count);
        this.descriptors = new long[count];
        for (int i = 0; i < arguments.length; i++) {
            descriptors[i] = dnnl.argument(primitiveDescriptor, arguments[i]);
        }
        if (scratchBytes > 0) {
            this.arguments[count - 1] = DnnlObjects.SCRATCHPAD;
            descriptors[count - 1] = scratch;
        } else {
            dnnl.destroy("memory_desc", scratch);
        }
    }

    /// Bytes that each execution needs as scratch memory, a multiple of a cache line.
    long scratchBytes() {
        return (scratchBytes + SCRATCH_ALIGNMENT - 1) / SCRATCH_ALIGNMENT * SCRATCH_ALIGNMENT;
    }

    /// The layout that the primitive wants of an operand, by its place in the list of arguments.
    long descriptor(int index) {
        return descriptors[index];
    }

    /// Bytes of an operand, by its place in the list of arguments.
    long bytes(int index) {
        return dnnl.bytes(descriptors[index]);
    }

    /// Executes on operands at these addresses, which the caller has checked; scratch is aligned to a cache line.
    void execute(long scratch, long first, long second, long third) {
        Call call = take();
        int operands = scratchBytes > 0 ? call.memories.length - 1 : call.memories.length;
        int status;
        try {
            dnnl.place(call.memories[0], first);
            dnnl.place(call.memories[1], second);
            if (operands > 2) {
                dnnl.place(call.memories[2], third);
            }
            if (scratchBytes > 0) {
                dnnl.place(call.memories[operands], scratch);
            }
            status = dnnl.execute(handle, call.stream, call.memories.length, call.address);
        } finally {
            give(call);
        }
        if (status != 0) {
            throw new OneDnnException(what + " failed in oneDNN with status " + status);
        }
    }

    private Call take() {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException(what + " is closed");
            }
            if (free != null) {
                Call call = free;
                free = call.next;
                return call;
            }
        }
        return new Call(dnnl, arguments, descriptors);
    }

    private synchronized void give(Call call) {
        call.next = free;
        free = call;
    }

    /// Frees everything. Nobody may execute it any more.
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (; free != null; free = free.next) {
            free.close(dnnl);
        }
        for (long descriptor : descriptors) {
            dnnl.destroy("memory_desc", descriptor);
        }
        dnnl.destroy("primitive", handle);
        dnnl.primitives().decrementAndGet();
    }
}
