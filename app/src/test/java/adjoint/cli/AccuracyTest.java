package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Whole trainings with the settings that a newcomer meets: how well they must end.
@Tag("slow")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class AccuracyTest {
    @TempDir private Path dir;

    private double accuracy(String... command) {
        String[] args =
                Stream.of(
                                new String[] {"train"},
                                command,
                                new String[] {"--json", "--out", dir.resolve("run").toString()})
                        .flatMap(Arrays::stream)
                        .toArray(String[]::new);
        return Cli.json(Cli.adjoint(args)).get("test.accuracy").asDouble();
    }

    private static String mnist() {
        String data = System.getenv("ADJOINT_DATA");
        Path folder = Path.of(data == null ? "../shared/data" : data).resolve("mnist");
        Path found = Files.isDirectory(folder) ? folder : Path.of("..").resolve(folder);
        assumeTrue(Files.isDirectory(found), "no " + folder + ": set ADJOINT_DATA to run this");
        return found.toString();
    }

    @Test
    void digits() {
        assertThat(accuracy("digits")).isGreaterThanOrEqualTo(0.97);
    }

    @Test
    void mnistInFiveEpochs() {
        assertThat(accuracy("mnist", "--data", mnist(), "--epochs", "5")).isGreaterThanOrEqualTo(0.978);
    }

    @Test
    void mnistWithAWideNetworkAndDropout() {
        assertThat(accuracy("mnist", "--data", mnist(), "--hidden", "1024,1024", "--dropout", "0.2", "--epochs", "10"))
                .isGreaterThanOrEqualTo(0.984);
    }
}
