package adjoint.io;

import org.junit.jupiter.api.Assumptions;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/// Where the shared test files are: the folder that ADJOINT_DATA names, or one beside the project.
final class Data {
    private Data() {}

    static Path file(String name) {
        Stream<Path> folders =
                Stream.of(System.getenv("ADJOINT_DATA"), "../shared/data", "../../shared/data")
                        .filter(Objects::nonNull)
                        .map(Path::of);
        Path file = folders.map(f -> f.resolve(name)).filter(Files::exists).findFirst().orElse(null);
        Assumptions.assumeTrue(file != null, "no shared data: set ADJOINT_DATA to its folder");
        return file;
    }
}
