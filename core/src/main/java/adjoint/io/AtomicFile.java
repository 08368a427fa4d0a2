package adjoint.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes a file so that it is either there as a whole or as it was before, even if the process is killed or the disk
/// is full: into a new file of the same folder, forced to the disk, and renamed.
///
/// ```java
/// AtomicFile.write(Path.of("run.json"), json);
/// ```
public final class AtomicFile {
    private AtomicFile() {}

    /// What writes the content.
    @FunctionalInterface
    public interface Content {
        /// Writes everything, however few bytes a single `write` takes; the channel is closed by the caller.
        void writeTo(FileChannel channel) throws IOException;
    }

    /// Writes or replaces a file with these bytes.
    ///
    /// @throws IOException if that is impossible, with the reason; what was there before still is
    public static void write(Path file, byte[] content) throws IOException {
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    // A channel may take fewer bytes than it is given, and does before the disk is full.
    static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Writes or replaces a file.
    ///
    /// @throws IOException if that is impossible, with the reason; what was there before still is
    public static void write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw new IOException("cannot write " + file + ": it is a folder; give the name of a file");
        }
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(
                    "cannot write " + file + ": the folder " + folder + " does not exist; create it first");
        }
        Path draft = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (var channel = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            move(draft, target);
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "cannot write " + file + ": the folder " + folder + " may not be written by this user", e);
        } catch (FileSystemException e) {
            throw new IOException("cannot write " + file + ": " + reason(e), e);
        } catch (IOException e) {
            throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(draft);
        }
        forceFolder(folder);
    }

    private static String reason(FileSystemException e) {
        return e.getReason() == null ? e.getMessage() : e.getReason();
    }

    private static void move(Path draft, Path target) throws IOException {
        try {
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    // Makes the new name survive a power cut. Not every system opens folders; there, the rename alone must do.
    private static void forceFolder(Path folder) {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return;
        }
    }
}
