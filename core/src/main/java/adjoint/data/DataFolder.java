package adjoint.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Where the files of a known set are.
final class DataFolder {
    private DataFolder() {}

    /// The folder of that name below the one that `ADJOINT_DATA` names, if it is there.
    static Optional<Path> given(String name) {
        String root = System.getenv("ADJOINT_DATA");
        return Optional.ofNullable(root).map(r -> Path.of(r, name)).filter(Files::isDirectory);
    }

    /// The folder of that name in the user's cache, which may not be there yet.
    static Path cache(String name) {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache != null && !cache.isBlank() ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("adjoint").resolve(name);
    }
}
