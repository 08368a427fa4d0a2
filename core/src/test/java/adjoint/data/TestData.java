package adjoint.data;

import java.nio.file.Files;
import java.nio.file.Path;

/// Where tests look for real data: below the folder that `ADJOINT_DATA` names, or `shared/data` beside the project.
public final class TestData {
    private TestData() {}

    /// A folder of real data, which may not be there.
    public static Path folder(String name) {
        String root = System.getenv("ADJOINT_DATA");
        if (root != null) {
            return Path.of(root, name);
        }
        Path beside = Path.of("..", "..", "shared", "data", name); // tests run in their module's folder
        return Files.exists(beside) ? beside : Path.of("..", "shared", "data", name);
    }
}
