package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Single elements of any type at a byte offset: slow, and right for everything that is not worth a loop of its own.
final class Elements {
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private Elements() {}

    static double get(MemorySegment memory, DType type, long offset) {
        return switch (type) {
            case FLOAT32 -> memory.get(FLOAT, offset);
            case FLOAT64 -> memory.get(DOUBLE, offset);
            case INT32 -> memory.get(INT, offset);
            case INT64 -> memory.get(LONG, offset);
            case BOOL -> memory.get(BYTE, offset) != 0 ? 1 : 0;
        };
    }

    static long getLong(MemorySegment memory, DType type, long offset) {
        return switch (type) {
            case FLOAT32 -> (long) memory.get(FLOAT, offset);
            case FLOAT64 -> (long) memory.get(DOUBLE, offset);
            case INT32 -> memory.get(INT, offset);
            case INT64 -> memory.get(LONG, offset);
            case BOOL -> memory.get(BYTE, offset) != 0 ? 1 : 0;
        };
    }

    static void set(MemorySegment memory, DType type, long offset, double value) {
        switch (type) {
            case FLOAT32 -> memory.set(FLOAT, offset, (float) value);
            case FLOAT64 -> memory.set(DOUBLE, offset, value);
            case INT32 -> memory.set(INT, offset, (int) value);
            case INT64 -> memory.set(LONG, offset, (long) value);
            case BOOL -> memory.set(BYTE, offset, (byte) (value != 0 ? 1 : 0));
        }
    }

    static void setLong(MemorySegment memory, DType type, long offset, long value) {
        switch (type) {
            case FLOAT32 -> memory.set(FLOAT, offset, value);
            case FLOAT64 -> memory.set(DOUBLE, offset, value);
            case INT32 -> memory.set(INT, offset, (int) value);
            case INT64 -> memory.set(LONG, offset, value);
            case BOOL -> memory.set(BYTE, offset, (byte) (value != 0 ? 1 : 0));
        }
    }

    /// The product of `dims[from … to-1]`.
    static long product(int[] dims, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }
}
