package adjoint.onednn;

import adjoint.kernel.UnavailableKernelsException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Finds the shared library: the user's own, or the packaged one, unpacked.
final class Library {
    /// The system property that names a library file to load as it is.
    static final String FILE = "adjoint.onednn.library";

    /// The system property that names the folder to unpack into.
    static final String CACHE = "adjoint.onednn.cache";

    private Library() {}

    /// The library's file, ready to be loaded.
    ///
    /// @throws UnavailableKernelsException if there is none
    static Path locate() {
        return locate(System.getProperty(FILE), System.getProperty(CACHE), Platform.here());
    }

    /// @param file of the user, or null
    /// @param cache of the user, or null
    static Path locate(String file, String cache, String platformName) {
        if (file != null) {
            Path path = Path.of(file).toAbsolutePath();
            if (!Files.isRegularFile(path)) {
                throw new UnavailableKernelsException(
                        "there is no file %s: correct the system property %s".formatted(path, FILE));
            }
            return path;
        }
        Platform platform =
                Platform.named(platformName)
                        .orElseThrow(() ->
                                new UnavailableKernelsException(
                                        "there is no oneDNN for %s in this build: with a libdnnl of version 3, set -D%s=FILE"
                                                .formatted(platformName, FILE)));
        List<Path> folders = cache != null ? List.of(Path.of(cache).toAbsolutePath()) : folders();
        List<String> refusals = new ArrayList<>();
        for (Path folder : folders) {
            try {
                return new LibraryCache(folder, platform, Library.class.getClassLoader()).library();
            } catch (IOException | SecurityException e) {
                refusals.add(e.getMessage());
            }
        }
        throw new UnavailableKernelsException(
                "%s; set -D%s=FOLDER to a folder that this user can write"
                        .formatted(String.join("; ", refusals), CACHE));
    }

    // The user's cache; where home is read-only, a folder of the user's below the temporary one.
    private static List<Path> folders() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path home =
                cache != null && !cache.isBlank() ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        return List.of(
                home.resolve("adjoint", "onednn"),
                temporary.resolve("adjoint-" + System.getProperty("user.name"), "onednn"));
    }
}
