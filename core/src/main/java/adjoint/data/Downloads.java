package adjoint.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Fetches known files into a folder. A file appears under its own name only when its checksum fits; until then it is
/// `name.part`, which the next attempt continues.
public final class Downloads {
    private static final int ROUNDS = 4;
    private static final Map<Path, Object> LOCKS = new ConcurrentHashMap<>();

    private Downloads() {}

    /// A file that is known before it is fetched.
    ///
    /// @param name in the folder
    /// @param bytes its size
    /// @param sha256 its checksum in hexadecimal digits
    /// @param mirrors where it is, the best address first; http or https
    public record Remote(String name, long bytes, String sha256, List<URI> mirrors) {
        /// @throws DataException if the name is no plain file name, the checksum is none, or there is no address
        public Remote {
            if (!name.matches("[\\w.+-]+") || name.startsWith(".")) {
                throw new DataException("a file to fetch needs a plain name without folders, got \"" + name + "\"");
            }
            sha256 = sha256.toLowerCase(Locale.ROOT);
            if (bytes < 1 || !sha256.matches("[0-9a-f]{64}")) {
                throw new DataException(
                        name + " needs a size and a SHA-256 of 64 hexadecimal digits, got " + bytes + " and " + sha256);
            }
            mirrors = List.copyOf(mirrors);
            for (URI mirror : mirrors) {
                if (!("http".equals(mirror.getScheme()) || "https".equals(mirror.getScheme()))
                        || mirror.getHost() == null) {
                    throw new DataException(name + " needs addresses of http or https, got " + mirror);
                }
            }
            if (mirrors.isEmpty()) {
                throw new DataException(name + " needs an address to be fetched from");
            }
        }
    }

    /// The file in the folder: fetched if it is not there or its checksum does not fit.
    ///
    /// Several threads or programs may fetch the same file into the same folder: one does, the others wait.
    ///
    /// @throws IOException if no address gives the file, with the addresses and reasons, and where to put it by hand
    public static Path fetch(Remote file, Path folder) throws IOException {
        return fetch(file, folder, Duration.ofMillis(500), Duration.ofSeconds(60));
    }

    /// @param pause before the second round of the addresses, doubled for each further one
    /// @param silence how long a server may say nothing
    static Path fetch(Remote file, Path folder, Duration pause, Duration silence) throws IOException {
        Path target = folder.resolve(file.name());
        if (fits(target, file)) {
            return target;
        }
        Files.createDirectories(folder);
        Path lockFile = folder.toRealPath().resolve(file.name() + ".lock");
        // A file lock keeps other processes out, not other threads of this one: those need a lock of their own.
        synchronized (LOCKS.computeIfAbsent(lockFile, p -> new Object())) {
            try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (!lock.isValid() || !fits(target, file)) {
                    fetchLocked(file, target, pause, silence);
                }
            }
            // Who waited on this lock file finds the target in place, so that it may go.
            removeQuietly(lockFile);
        }
        return target;
    }

    private static void fetchLocked(Remote file, Path target, Duration pause, Duration silence) throws IOException {
        Path part = target.resolveSibling(file.name() + ".part");
        Map<URI, String> failures = new LinkedHashMap<>();
        List<URI> mirrors = new ArrayList<>(file.mirrors());
        HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .connectTimeout(Duration.ofSeconds(10))
                        .build();
        try {
            for (int round = 0; round < ROUNDS && !mirrors.isEmpty(); round++) {
                if (round > 0) {
                    Thread.sleep(pause.multipliedBy(1L << round - 1));
                }
                for (URI mirror : List.copyOf(mirrors)) {
                    try {
                        new Transfer(client, file, mirror, part, silence).run();
                        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
                        return;
                    } catch (Transfer.Refused e) {
                        failures.put(mirror, e.getMessage());
                        mirrors.remove(mirror);
                    } catch (Transfer.Broken e) {
                        failures.put(mirror, e.getMessage());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("fetching " + file.name() + " was interrupted").initCause(e);
        } finally {
            client.shutdownNow();
        }
        List<String> tried = new ArrayList<>();
        failures.forEach((mirror, why) -> tried.add(mirror + " (" + why + ")"));
        throw new IOException(
                String.format(
                        Locale.ROOT,
                        "%s could not be fetched, tried %s: go online and try again, or put the file there by hand"
                                + " as %s (%d bytes, SHA-256 %s)",
                        file.name(),
                        String.join(", ", tried),
                        target,
                        file.bytes(),
                        file.sha256()));
    }

    private static void removeQuietly(Path lockFile) {
        try {
            Files.deleteIfExists(lockFile);
        } catch (IOException e) {
            // Another process has it open, and will remove it.
            return;
        }
    }

    static boolean fits(Path path, Remote file) throws IOException {
        return Files.isRegularFile(path) && Files.size(path) == file.bytes() && sha256(path).equals(file.sha256());
    }

    static String sha256(Path path) throws IOException {
        try (var in = Files.newInputStream(path)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
