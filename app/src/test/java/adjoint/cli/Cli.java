package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.io.StringWriter;

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
}
