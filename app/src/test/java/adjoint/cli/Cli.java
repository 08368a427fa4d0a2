package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// The command as a user calls it, where it must succeed.
final class Cli {
    private Cli() {}

    static String adjoint(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        assertThat(Main.run(new PrintWriter(out), new PrintWriter(err), args)).as(err.toString()).isZero();
        return out.toString();
    }

    /// What `--json` leaves on the last line.
    static JsonNode json(String output) {
        return JsonMapper.shared().readTree(output.strip().lines().reduce((a, b) -> b).orElseThrow());
    }

    /// A folder of real data; without it the test is skipped.
    static Path data(String name) {
        String data = System.getenv("ADJOINT_DATA");
        Path folder = Path.of(data == null ? "../shared/data" : data).resolve(name);
        Path found = Files.isDirectory(folder) ? folder : Path.of("..").resolve(folder);
        assumeTrue(Files.isDirectory(found), "no " + folder + ": set ADJOINT_DATA to run this");
        return found;
    }
}
