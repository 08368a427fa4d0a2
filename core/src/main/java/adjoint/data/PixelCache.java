package adjoint.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Decoded pictures in a file, to spare decoding them again. Never needed: where it cannot be read it is missing, where it
/// cannot be written it is left out.
///
/// The file: `adjoint pixels 1`, the source's SHA-256 in 64 hexadecimal digits, then int32 the number of pictures and the CRC-32C
/// of what follows, a byte for each label, and the pixels. It appears under its name when it is whole, so that several processes
/// can read and write it.
///
/// @param sha256 of what the pixels were decoded from
/// @param shape of one picture
record PixelCache(Path file, String sha256, int... shape) {
    private static final String MAGIC = "adjoint pixels 1";
    private static final int HEADER = 16 + 64 + 8;
    private static final int PIECE = 1 << 20;
    private static final Duration ABANDONED = Duration.ofDays(1);

    /// @param labels 0 … 255
    record Content(int[] labels, byte[] pixels) {}

    /// What was written before, if it is whole and from this source.
    Optional<Content> read() {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = fill(in, new byte[HEADER]);
            byte[] start = new byte[MAGIC.length() + sha256.length()];
            header.get(start);
            int count = header.getInt();
            int crc = header.getInt();
            long pixels = (long) count * width();
            boolean fits = Arrays.equals(start, start()) && count > 0 && in.size() == HEADER + count + pixels;
            if (!fits) {
                return Optional.empty();
            }
            byte[] labels = fill(in, new byte[count]).array();
            var content = new Content(new int[count], fill(in, new byte[Math.toIntExact(pixels)]).array());
            Arrays.setAll(content.labels, i -> labels[i] & 255);
            return crc(labels, content.pixels) == crc ? Optional.of(content) : Optional.empty();
        } catch (IOException | ArithmeticException e) {
            return Optional.empty(); // missing, unreadable or cut short: to be made anew
        }
    }

    /// Keeps this, if the folder can be written to.
    void write(Content content) {
        byte[] labels = new byte[content.labels.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) content.labels[i];
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER).put(start());
        header.putInt(labels.length).putInt(crc(labels, content.pixels)).flip();
        try {
            Files.createDirectories(file.getParent());
            removeAbandoned();
            Path part = Files.createTempFile(file.getParent(), file.getFileName() + ".", ".part");
            try {
                try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
                    drain(out, header);
                    drain(out, ByteBuffer.wrap(labels));
                    drain(out, ByteBuffer.wrap(content.pixels));
                    out.force(true);
                }
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            return; // a folder that is read-only or full: it is decoded again next time
        }
    }

    // What a process left that ended while it wrote.
    private void removeAbandoned() throws IOException {
        FileTime before = FileTime.from(Instant.now().minus(ABANDONED));
        try (Stream<Path> files = Files.list(file.getParent())) {
            for (Path each : files.toList()) {
                String name = each.getFileName().toString();
                boolean part = name.startsWith(file.getFileName() + ".") && name.endsWith(".part");
                if (part && Files.getLastModifiedTime(each).compareTo(before) < 0) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    private byte[] start() {
        return (MAGIC + sha256).getBytes(StandardCharsets.US_ASCII);
    }

    private int width() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    // In pieces: a channel copies a whole heap buffer through direct memory.
    private static ByteBuffer fill(FileChannel in, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.position() < bytes.length) {
            buffer.limit(Math.min(bytes.length, buffer.position() + PIECE));
            if (in.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        return buffer.flip();
    }

    private static void drain(FileChannel out, ByteBuffer all) throws IOException {
        int end = all.limit();
        while (all.position() < end) {
            all.limit(Math.min(end, all.position() + PIECE));
            out.write(all);
        }
    }

    private static int crc(byte[] labels, byte[] pixels) {
        var crc = new CRC32C();
        crc.update(labels, 0, labels.length);
        crc.update(pixels, 0, pixels.length);
        return (int) crc.getValue();
    }
}
