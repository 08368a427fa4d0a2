package adjoint.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ThreadLocalRandom;

/// A run of elements of one type in memory, dense and without shape.
///
/// What lives long and is written in place (parameters, optimizer state) is off-heap and 64-byte aligned; what is made anew at
/// every step (batches, losses read back) is a Java array, so that the garbage collector keeps it bounded and nobody
/// closes anything. A heap buffer that keeps being used moves off-heap by itself: see [#stage()].
public final class Buffer {
    private static final int USES_BEFORE_MOVING = 2;
    private static final long SMALLEST_MOVED = 16 << 10;

    private final DType type;
    private final long size;
    private final int hash = ThreadLocalRandom.current().nextInt(); // cheaper than the JVM's identity hash
    private volatile MemorySegment segment;
    private int uses;

    private Buffer(DType type, long size, MemorySegment segment) {
        this.type = type;
        this.size = size;
        this.segment = segment;
    }

    /// A zeroed off-heap buffer, freed when it is no longer reachable.
    public static Buffer offHeap(DType type, long size) {
        return new Buffer(type, size, Arena.ofAuto().allocate(Math.max(1, size * type.bytes()), 64));
    }

    /// A zeroed buffer in a Java array of the matching type (`byte[]` for `BOOL`).
    ///
    /// @throws IllegalArgumentException if `size` exceeds what a Java array holds
    public static Buffer onHeap(DType type, long size) {
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a Java array cannot hold " + size + " elements of " + type);
        }
        int n = (int) size;
        return switch (type) {
            case FLOAT32 -> wrap(new float[n]);
            case FLOAT64 -> wrap(new double[n]);
            case INT32 -> wrap(new int[n]);
            case INT64 -> wrap(new long[n]);
            case BOOL -> new Buffer(type, n, MemorySegment.ofArray(new byte[n]));
        };
    }

    /// Wraps the array, which from then on belongs to the buffer.
    public static Buffer wrap(float[] values) {
        return new Buffer(DType.FLOAT32, values.length, MemorySegment.ofArray(values));
    }

    /// Wraps the array, which from then on belongs to the buffer.
    public static Buffer wrap(double[] values) {
        return new Buffer(DType.FLOAT64, values.length, MemorySegment.ofArray(values));
    }

    /// Wraps the array, which from then on belongs to the buffer.
    public static Buffer wrap(int[] values) {
        return new Buffer(DType.INT32, values.length, MemorySegment.ofArray(values));
    }

    /// Wraps the array, which from then on belongs to the buffer.
    public static Buffer wrap(long[] values) {
        return new Buffer(DType.INT64, values.length, MemorySegment.ofArray(values));
    }

    /// Copies truth values into a buffer of bytes.
    public static Buffer of(boolean[] values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return new Buffer(DType.BOOL, bytes.length, MemorySegment.ofArray(bytes));
    }

    /// A buffer of its own with the same elements, on the heap where a Java array can hold them.
    public Buffer copy() {
        Buffer copy = size > Integer.MAX_VALUE - 8 ? offHeap(type, size) : onHeap(type, size);
        MemorySegment.copy(segment, 0, copy.segment, 0, size * type.bytes());
        return copy;
    }

    /// The type of the elements.
    public DType type() {
        return type;
    }

    /// The number of elements.
    public long size() {
        return size;
    }

    /// The memory itself: a heap array or an off-heap segment.
    public MemorySegment segment() {
        return segment;
    }

    /// True where kernels can read the memory in place.
    public boolean isOffHeap() {
        return segment.isNative();
    }

    /// The memory as a plan wants it at the start of a run: a heap buffer that was used repeatedly (a constant, a batch of a
    /// fixed pool) moves off-heap here, so that it is no longer copied at every run. The caller copies what stays on the heap.
    public synchronized MemorySegment stage() {
        if (!segment.isNative() && size * type.bytes() >= SMALLEST_MOVED && ++uses > USES_BEFORE_MOVING) {
            var moved = Arena.ofAuto().allocate(size * type.bytes(), 64);
            moved.copyFrom(segment);
            segment = moved;
        }
        return segment;
    }

    /// Element `i` as a double; truth values are 0 and 1.
    ///
    /// @throws IndexOutOfBoundsException if `i` is outside the buffer
    public double get(long i) {
        return get(segment, type, i);
    }

    /// Element `i` as a long; floating values are cut off.
    ///
    /// @throws IndexOutOfBoundsException if `i` is outside the buffer
    public long getLong(long i) {
        return type == DType.INT64
                ? segment.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i)
                : type == DType.INT32 ? segment.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i) : (long) get(i);
    }

    /// Sets element `i`, rounded to the type (truth values: anything but 0 is true).
    ///
    /// @throws IndexOutOfBoundsException if `i` is outside the buffer
    public void set(long i, double value) {
        set(segment, type, i, value);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    static double get(MemorySegment segment, DType type, long i) {
        return switch (type) {
            case FLOAT32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
            case FLOAT64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
            case INT32 -> segment.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
            case INT64 -> segment.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
            case BOOL -> segment.get(ValueLayout.JAVA_BYTE, i);
        };
    }

    static void set(MemorySegment segment, DType type, long i, double value) {
        switch (type) {
            case FLOAT32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, (float) value);
            case FLOAT64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, value);
            case INT32 -> segment.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, (int) value);
            case INT64 -> segment.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i, (long) value);
            case BOOL -> segment.set(ValueLayout.JAVA_BYTE, i, (byte) (value != 0 ? 1 : 0));
        }
    }
}
