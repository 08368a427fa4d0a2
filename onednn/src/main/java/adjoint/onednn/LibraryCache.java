package adjoint.onednn;

import adjoint.kernel.UnavailableKernelsException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;

/// A folder, private to the user, with the unpacked libraries of one version.
///
/// A file gets its name only when it is whole, on disk, and its SHA-256 is the right one; so two programs may unpack at once, and one
/// that is killed leaves nothing that another would load. To hash 93 MB at every start would cost a few tenths of a second.
/// So a stamp beside the file says with which size, times and file number it was found right; only if they have changed since, it
/// is hashed again, and unpacked again if it is wrong. An ordinary start costs two stats and two short reads.
final class LibraryCache {
    private static final Duration ABANDONED = Duration.ofDays(1);
    private static final int BUFFER = 1 << 16;

    private final Path folder;
    private final Platform platform;
    private final ClassLoader resources;

    /// @param folder below which each version has its own
    /// @param resources where the packaged libraries are
    LibraryCache(Path folder, Platform platform, ClassLoader resources) {
        String version = platform.files().getLast().sha256().substring(0, 12);
        this.folder = folder.resolve(platform.name() + "-" + version);
        this.platform = platform;
        this.resources = resources;
    }

    /// The path of the library, with all that it needs beside it; unpacks what is missing or wrong.
    ///
    /// @throws IOException if the folder cannot be used, with the reason
    /// @throws UnavailableKernelsException if the artifact is not on the class path or damaged
    Path library() throws IOException {
        try {
            makePrivate();
            Path path = null;
            for (Platform.File file : platform.files()) {
                path = folder.resolve(file.name());
                if (!isSound(path, file)) {
                    unpack(path, file);
                }
            }
            return path;
        } catch (IOException e) {
            String reason =
                    e instanceof FileSystemException f && f.getReason() != null
                            ? f.getFile() + ": " + f.getReason()
                            : e.toString();
            throw new IOException("oneDNN cannot be used from the folder %s (%s)".formatted(folder, reason), e);
        }
    }

    private boolean isPosix() {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private FileAttribute<?>[] permissions(String posix) {
        return isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(posix))}
                : new FileAttribute<?>[0];
    }

    // What others could write, they could also replace: their code would run as this user.
    private void makePrivate() throws IOException {
        Files.createDirectories(folder, permissions("rwx------"));
        if (isPosix()) {
            Set<PosixFilePermission> granted = Files.getPosixFilePermissions(folder);
            Path self = Path.of("/proc/self");
            if (granted.contains(PosixFilePermission.GROUP_WRITE)
                    || granted.contains(PosixFilePermission.OTHERS_WRITE)
                    || Files.exists(self) && !Files.getOwner(folder).equals(Files.getOwner(self))) {
                throw new FileSystemException(folder.toString(), null, "others than this user may write there");
            }
        }
    }

    private boolean isSound(Path path, Platform.File file) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        String state = state(path, file);
        Path stamp = stamp(path);
        if (Files.isRegularFile(stamp) && Arrays.equals(Files.readAllBytes(stamp), state.getBytes(StandardCharsets.UTF_8))) {
            return true;
        }
        boolean right;
        try (var in = Files.newInputStream(path)) {
            right = sha256(in, null).equals(file.sha256());
        }
        if (right) {
            write(stamp, state);
        }
        return right;
    }

    private static Path stamp(Path path) {
        return path.resolveSibling(path.getFileName() + ".verified");
    }

    // Any write moves the times, any replacement the file number (the key).
    private static String state(Path path, Platform.File file) throws IOException {
        String names = path.getFileSystem().supportedFileAttributeViews().contains("unix") ? "unix:*" : "*";
        var all = Files.readAttributes(path, names, LinkOption.NOFOLLOW_LINKS);
        return "%s size=%s modified=%s changed=%s key=%s%n"
                .formatted(
                        file.sha256(),
                        all.get("size"),
                        all.get("lastModifiedTime"),
                        all.get("ctime"),
                        all.get("fileKey"));
    }

    private void write(Path target, String text) throws IOException {
        Path draft = draft(target);
        try {
            Files.writeString(Files.createFile(draft, permissions("rw-------")), text);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static Path draft(Path target) {
        return target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    private void unpack(Path target, Platform.File file) throws IOException {
        removeAbandoned();
        Path draft = draft(target);
        try (InputStream in = resources.getResourceAsStream(platform.resource(file))) {
            if (in == null) {
                throw new UnavailableKernelsException(
                        "%s is not on the class path: add the artifact org.bytedeco:dnnl with the classifier %s"
                                .formatted(platform.resource(file), platform.name()));
            }
            Files.createFile(draft, permissions("rwx------"));
            String found;
            try (var channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                found = sha256(in, channel);
                channel.force(true);
            }
            if (!found.equals(file.sha256())) {
                throw new UnavailableKernelsException(
                        "%s on the class path has the SHA-256 %s instead of %s: it is damaged, or of another version"
                                .formatted(platform.resource(file), found, file.sha256()));
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
        write(stamp(target), state(target, file));
    }

    // What killed programs have left; a day is longer than any unpacking.
    private void removeAbandoned() throws IOException {
        try (var drafts = Files.newDirectoryStream(folder, "*.tmp")) {
            for (Path draft : drafts) {
                try {
                    if (Files.getLastModifiedTime(draft).toInstant().isBefore(Instant.now().minus(ABANDONED))) {
                        Files.deleteIfExists(draft);
                    }
                } catch (NoSuchFileException _) { // another program has just given it its name
                }
            }
        }
    }

    /// Hashes a stream to its end, and copies it on the way if there is a channel.
    private static String sha256(InputStream in, FileChannel copy) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
        var out = copy == null ? null : Channels.newOutputStream(copy);
        var buffer = new byte[BUFFER];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
            if (out != null) {
                out.write(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
