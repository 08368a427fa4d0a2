package adjoint.io;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// A long row of whole numbers in an `.npy` file, read where it lies: the file is mapped into memory, and may be larger than that.
/// NumPy maps it too, with `numpy.load(file, mmap_mode="r")`.
///
/// @param data the numbers, little-endian; at any address
/// @param width bytes of a number: 2 (unsigned) or 4 (signed)
public record NpyVector(MemorySegment data, int width) {
    private static final int CHUNK = 1 << 18;

    /// What gives the numbers.
    @FunctionalInterface
    public interface Content {
        /// Writes all numbers, however many.
        void writeTo(Sink sink) throws IOException;
    }

    /// Maps a file, for as long as anything of it is in use. It must not be changed meanwhile; replacing it is no change.
    ///
    /// @throws FormatException if it is damaged, or holds something else than one axis of `<u2` or `<i4`
    /// @throws IOException if it cannot be read
    public static NpyVector map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                InputStream in = Files.newInputStream(file)) {
            NpyHeader header = NpyHeader.read(in, channel.size(), file.toString());
            boolean whole = header.storage() == StorageType.U16 || header.storage() == StorageType.I32;
            if (!whole || header.dims().length != 1) {
                throw new FormatException(
                        file
                                + " is expected to hold one axis of '<u2' or '<i4', got "
                                + Arrays.toString(header.dims())
                                + " of '"
                                + header.storage().npy()
                                + "': save it with .ravel().astype('<u2'), or '<i4' if numbers exceed 65535");
            }
            long bytes = header.bytes(file.toString());
            MemorySegment data =
                    bytes == 0 // which cannot be mapped everywhere
                            ? MemorySegment.ofArray(new byte[0])
                            : channel.map(FileChannel.MapMode.READ_ONLY, channel.size() - bytes, bytes, Arena.ofAuto());
            return new NpyVector(data, header.storage().bytes());
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": there is no such file", e);
        }
    }

    /// Writes a file, as a whole or not at all.
    ///
    /// @param width bytes of a number: 2 (unsigned) or 4 (signed)
    /// @throws IOException if it cannot be written; what was there before still is
    public static void write(Path file, int width, Content content) throws IOException {
        StorageType storage = width == 2 ? StorageType.U16 : StorageType.I32;
        AtomicFile.write(
                file,
                channel -> {
                    AtomicFile.writeFully(channel, new NpyHeader(storage, false, 0).written());
                    var sink = new Sink(channel, storage.bytes());
                    content.writeTo(sink);
                    sink.flush();
                    channel.position(0); // now that their number is known
                    AtomicFile.writeFully(channel, new NpyHeader(storage, false, sink.count).written());
                });
    }

    /// Where numbers are written to.
    public static final class Sink {
        private final FileChannel channel;
        private final int width;
        private final ByteBuffer bytes = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        private long count;

        private Sink(FileChannel channel, int width) {
            this.channel = channel;
            this.width = width;
        }

        /// The next numbers.
        public void put(int... numbers) throws IOException {
            for (int number : numbers) {
                if (!bytes.hasRemaining()) {
                    flush();
                }
                if (width == 2) {
                    bytes.putShort((short) number);
                } else {
                    bytes.putInt(number);
                }
            }
            count += numbers.length;
        }

        private void flush() throws IOException {
            AtomicFile.writeFully(channel, bytes.flip());
            bytes.clear();
        }
    }
}
