package adjoint.io;

import adjoint.kernel.Buffer;
import adjoint.kernel.DType;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Optional;

/// The element types that files have, by their names in safetensors, and the type that each is read as. Always
/// little-endian.
enum StorageType {
    F32("<f4", 4, DType.FLOAT32),
    F64("<f8", 8, DType.FLOAT64),
    I32("<i4", 4, DType.INT32),
    I64("<i8", 8, DType.INT64),
    BOOL("|b1", 1, DType.BOOL),
    F16("<f2", 2, DType.FLOAT32),
    BF16("", 2, DType.FLOAT32),
    I8("|i1", 1, DType.INT32),
    U8("|u1", 1, DType.INT32),
    I16("<i2", 2, DType.INT32),
    U16("<u2", 2, DType.INT32),
    U32("<u4", 4, DType.INT64);

    private static final int CHUNK = 1 << 20;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String npy;
    private final int bytes;
    private final DType type;

    StorageType(String npy, int bytes, DType type) {
        this.npy = npy;
        this.bytes = bytes;
        this.type = type;
    }

    /// NumPy's name for it; empty if it has none.
    String npy() {
        return npy;
    }

    int bytes() {
        return bytes;
    }

    /// What it becomes when read.
    DType type() {
        return type;
    }

    static Optional<StorageType> named(String safetensors) {
        return Arrays.stream(values()).filter(t -> t.name().equals(safetensors)).findFirst();
    }

    static Optional<StorageType> ofNpy(String description) {
        return Arrays.stream(values()).filter(t -> !t.npy.isEmpty() && t.npy.equals(description)).findFirst();
    }

    /// What a type is written as.
    static StorageType of(DType type) {
        return switch (type) {
            case FLOAT32 -> F32;
            case FLOAT64 -> F64;
            case INT32 -> I32;
            case INT64 -> I64;
            case BOOL -> BOOL;
        };
    }

    /// Reads so many elements.
    ///
    /// @param what names what is read, for messages
    Buffer read(ReadableByteChannel channel, long count, String what) throws IOException {
        Buffer buffer = Buffer.offHeap(type, count);
        ByteBuffer chunk = ByteBuffer.allocateDirect(Math.clamp(count * bytes, bytes, CHUNK));
        int perChunk = chunk.capacity() / bytes;
        MemorySegment from = MemorySegment.ofBuffer(chunk);
        for (long done = 0; done < count; ) {
            int n = (int) Math.min(perChunk, count - done);
            chunk.clear().limit(n * bytes);
            while (chunk.hasRemaining()) {
                if (channel.read(chunk) < 0) {
                    throw new EOFException(what + " ends in the middle: the file is cut off");
                }
            }
            decode(from, buffer, done, n, what);
            done += n;
        }
        return buffer;
    }

    private void decode(MemorySegment from, Buffer to, long at, int n, String what) throws FormatException {
        switch (this) {
            case F32, F64, I32, I64 -> {
                ValueLayout layout = layout(type);
                MemorySegment.copy(
                        from, layout.withOrder(ByteOrder.LITTLE_ENDIAN), 0, to.segment(), layout, at * bytes, n);
            }
            case BOOL -> {
                for (int i = 0; i < n; i++) {
                    byte b = from.get(ValueLayout.JAVA_BYTE, i);
                    if (b != 0 && b != 1) {
                        throw new FormatException(what + " has the truth value " + b + ", which is neither 0 nor 1");
                    }
                    to.segment().set(ValueLayout.JAVA_BYTE, at + i, b);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    to.set(at + i, element(from, i));
                }
            }
        }
    }

    private double element(MemorySegment from, int i) {
        return switch (this) {
            case F16 -> Float.float16ToFloat(from.getAtIndex(SHORT, i));
            case BF16 -> Float.intBitsToFloat(from.getAtIndex(SHORT, i) << 16);
            case I8 -> from.get(ValueLayout.JAVA_BYTE, i);
            case U8 -> Byte.toUnsignedInt(from.get(ValueLayout.JAVA_BYTE, i));
            case I16 -> from.getAtIndex(SHORT, i);
            case U16 -> Short.toUnsignedInt(from.getAtIndex(SHORT, i));
            case U32 -> Integer.toUnsignedLong(from.getAtIndex(INT, i));
            default -> throw new AssertionError(this);
        };
    }

    /// Writes all elements of a buffer, whose type is that of this.
    static void write(WritableByteChannel channel, Buffer buffer) throws IOException {
        DType type = buffer.type();
        ValueLayout layout = layout(type);
        int bytes = type.bytes();
        ByteBuffer chunk = ByteBuffer.allocateDirect(Math.clamp(buffer.size() * bytes, bytes, CHUNK));
        MemorySegment to = MemorySegment.ofBuffer(chunk);
        for (long done = 0; done < buffer.size(); ) {
            int n = (int) Math.min(chunk.capacity() / bytes, buffer.size() - done);
            MemorySegment.copy(
                    buffer.segment(), layout, done * bytes, to, layout.withOrder(ByteOrder.LITTLE_ENDIAN), 0, n);
            chunk.clear().limit(n * bytes);
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
            done += n;
        }
    }

    private static ValueLayout layout(DType type) {
        return switch (type) {
            case FLOAT32 -> ValueLayout.JAVA_FLOAT_UNALIGNED;
            case FLOAT64 -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
            case INT32 -> ValueLayout.JAVA_INT_UNALIGNED;
            case INT64 -> ValueLayout.JAVA_LONG_UNALIGNED;
            case BOOL -> ValueLayout.JAVA_BYTE;
        };
    }
}
