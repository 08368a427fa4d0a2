package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

class DoctorCommandTest {
    private record Result(int code, String out, String err) {
        JsonNode json() {
            return JsonMapper.shared().readTree(out.lines().toList().getLast());
        }
    }

    private static Result adjoint(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
        return new Result(code, out.toString(), err.toString());
    }

    @Test
    void aHealthyTrainingGetsACleanBill() {
        Result r = adjoint("doctor", "digits", "--json");
        assertThat(r.code()).as(r.err()).isZero();
        assertThat(r.out()).contains("nothing is wrong");
        assertThat(r.json().get("healthy").asBoolean()).isTrue();
        assertThat(r.json().get("findings")).isEmpty();
    }

    @Test
    void deepSigmoidsAreNamedCuredAndDrawn(@TempDir Path dir) throws IOException {
        Path picture = dir.resolve("flow.svg");
        Result r =
                adjoint(
                        "doctor",
                        "digits",
                        "--hidden",
                        "32x30",
                        "--activation",
                        "sigmoid",
                        "--trial",
                        "150",
                        "--picture",
                        picture.toString(),
                        "--json");
        assertThat(r.code()).as(r.err()).isZero();
        JsonNode finding = r.json().get("findings").get(0);
        assertThat(finding.get("ailment").asString()).isEqualTo("vanishing");
        assertThat(finding.get("path").asString()).isEqualTo("body.hidden.0.linear");
        JsonNode cures = r.json().get("cures");
        JsonNode best = cures.get(0);
        JsonNode plain = null;
        for (JsonNode cure : cures) {
            plain = cure.get("name").asString().equals("as it is") ? cure : plain;
        }
        assertThat(plain).isNotNull();
        assertThat(best.get("gradient").asDouble()).isGreaterThan(100 * plain.get("gradient").asDouble());
        assertThat(best.get("loss").asDouble()).isLessThan(0.9 * plain.get("loss").asDouble());
        assertThat(Files.readString(picture)).startsWith("<svg").contains("as it is");
    }

    @Test
    void theBestCureIsApplied(@TempDir Path dir) {
        Path run = dir.resolve("run");
        Result r =
                adjoint(
                        "doctor",
                        "digits",
                        "--hidden",
                        "32x12",
                        "--activation",
                        "sigmoid",
                        "--trial",
                        "60",
                        "--epochs",
                        "1",
                        "--apply",
                        "--json",
                        "--out",
                        run.toString());
        assertThat(r.code()).as(r.err()).isZero();
        assertThat(r.out()).contains("adjoint train digits --hidden 32x12").contains("test accuracy");
        assertThat(run.resolve("best.safetensors")).exists();
        JsonNode doctor = r.json().get("doctor");
        assertThat(doctor.get("findings").get(0).get("ailment").asString()).isEqualTo("vanishing");
        assertThat(doctor.get("cures").get(0).get("options").asString()).isEqualTo(doctor.get("applied").asString());
        assertThat(r.json().get("test.accuracy").asDouble()).isPositive();
    }

    @Test
    void withoutACureNothingIsAppliedAndItSaysWhy() {
        Result healthy = adjoint("doctor", "digits", "--hidden", "16", "--apply", "--steps", "4");
        assertThat(healthy.code()).as(healthy.err()).isZero();
        assertThat(healthy.out()).contains("no cure was tried", "nothing trained").doesNotContain("was better");
    }

    // Of a long schedule that begins with a tenth of the rate and less, sixty steps would see nothing.
    @Test
    void aRateTooHighIsSeenThoughItsCourseIsLong() {
        Result r =
                adjoint(
                        "doctor",
                        "digits",
                        "--hidden",
                        "64,64",
                        "--optimizer",
                        "sgd",
                        "--rate",
                        "30",
                        "--epochs",
                        "50",
                        "--trial",
                        "60",
                        "--json");
        assertThat(r.code()).as(r.err()).isZero();
        assertThat(r.json().get("findings").toString()).contains("rate too high");
        JsonNode best = r.json().get("cures").get(0);
        assertThat(best.get("options").asString()).isIn("--rate 0.3", "--rate 3");
        for (JsonNode cure : r.json().get("cures")) {
            if (cure.get("name").asString().startsWith("warm-up")) {
                assertThat(cure.get("options").asString()).startsWith("--warmup ");
            }
        }
        assertThat(adjoint("train", "digits", "--epochs", "1", "--warmup", "30", "--hidden", "16").code()).isZero();
    }

    @Test
    void hesWeightsAreNoCureOfHesWeights() {
        String[] args = {"doctor", "digits", "--hidden", "16x3", "--cures", "--steps", "2", "--trial", "2", "--json"};
        for (JsonNode cure : adjoint(args).json().get("cures")) {
            if (cure.get("name").asString().startsWith("He ")) {
                assertThat(cure.has("options")).isFalse();
            }
        }
    }

    @Test
    void whatIsNoNumberIsNullInJson() {
        Result r =
                adjoint(
                        "doctor",
                        "digits",
                        "--hidden",
                        "16x3",
                        "--optimizer",
                        "sgd",
                        "--rate",
                        "1e30",
                        "--steps",
                        "3",
                        "--trial",
                        "3",
                        "--json");
        assertThat(r.code()).as(r.err()).isZero();
        assertThat(r.out().lines().toList().getLast()).doesNotContain("NaN", "Infinity");
        assertThat(r.json().get("loss").isNull()).isTrue();
    }
}
