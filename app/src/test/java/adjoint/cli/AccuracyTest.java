package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

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
        return Cli.data("mnist").toString();
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
    void leNetInFiveEpochs() {
        assertThat(accuracy("mnist", "--data", mnist(), "--model", "lenet", "--rate", "0.002"))
                .isGreaterThanOrEqualTo(0.992);
    }

    @Test
    void theDoctorCuresThirtyLayersOfSigmoids() {
        String[] args = {
            "doctor",
            "mnist",
            "--data",
            mnist(),
            "--hidden",
            "100x30",
            "--activation",
            "sigmoid",
            "--apply",
            "--json",
            "--out",
            dir.resolve("run").toString()
        };
        JsonNode result = Cli.json(Cli.adjoint(args));
        JsonNode doctor = result.get("doctor");
        assertThat(doctor.get("findings").get(0).get("path").asString()).isEqualTo("body.hidden.0.linear");
        JsonNode best = doctor.get("cures").get(0);
        JsonNode plain = best;
        for (JsonNode cure : doctor.get("cures")) {
            plain = cure.get("name").asString().equals("as it is") ? cure : plain;
        }
        assertThat(doctor.get("applied").asString()).isEqualTo(best.get("options").asString());
        assertThat(best.get("gradient").asDouble()).isGreaterThan(100 * plain.get("gradient").asDouble());
        assertThat(best.get("loss").asDouble()).isLessThan(plain.get("loss").asDouble() / 2);
        assertThat(result.get("test.accuracy").asDouble()).isGreaterThan(0.96);
    }

    private JsonNode rows(String experiment) {
        mnist();
        return Cli.json(Cli.adjoint("lab", experiment, "--json", "--out", dir.toString()))
                .get("tables")
                .get(0)
                .get("rows");
    }

    @Test
    void eachCureBringsADeepNetworkToNinetyPercent() {
        JsonNode rows = rows("cures");
        for (JsonNode row : rows) {
            boolean none = row.get(0).asString().matches("none|Adam");
            assertThat(row.get(2).asString()).as(row.toString()).matches(none ? "not in 1500" : "\\d+");
        }
        assertThat(rows).hasSize(7);
    }

    @Test
    void aThousandLayersLearn() {
        JsonNode row = rows("deeper").get(0);
        assertThat(row.get(0).asString()).isEqualTo("1,000");
        assertThat(Double.parseDouble(row.get(2).asString().replace(" %", ""))).isGreaterThanOrEqualTo(95);
    }

    @Test
    void mnistWithAWideNetworkAndDropout() {
        assertThat(accuracy("mnist", "--data", mnist(), "--hidden", "1024,1024", "--dropout", "0.2", "--epochs", "10"))
                .isGreaterThanOrEqualTo(0.984);
    }
}
