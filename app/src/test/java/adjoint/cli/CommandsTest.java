package adjoint.cli;

import static adjoint.cli.Cli.adjoint;
import static adjoint.cli.Cli.json;

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
import java.util.List;

/// The commands as a user would call them, on a small table.
class CommandsTest {
    @TempDir private Path dir;

    private JsonNode train(String name, String... more) throws IOException {
        Path table = Files.writeString(dir.resolve("t.csv"), "0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n".repeat(10));
        String[] args = {
            "train",
            "csv",
            table.toString(),
            "--hidden",
            "16",
            "--epochs",
            "40",
            "--dropout",
            "0.1",
            "--json",
            "--out",
            dir.resolve(name).toString()
        };
        return json(
                adjoint(
                        java.util.stream.Stream.of(args, more)
                                .flatMap(java.util.Arrays::stream)
                                .toArray(String[]::new)));
    }

    @Test
    void trainsAndSaysWhatItIsAskedFor() throws IOException {
        JsonNode r = train("run");
        for (String key :
                List.of(
                        "test.accuracy",
                        "test.loss",
                        "train.loss",
                        "epochs",
                        "steps",
                        "seconds",
                        "samplesPerSecond",
                        "peakMemoryMiB",
                        "parameters",
                        "seed",
                        "weights",
                        "weightsSha256")) {
            assertThat(r.has(key)).as(key).isTrue();
        }
        assertThat(r.get("test.accuracy").asDouble()).isEqualTo(1);
        assertThat(r.get("parameters").asLong()).isEqualTo(2 * 16 + 16 + 16 * 2 + 2);
        Path run = dir.resolve("run");
        assertThat(Files.readString(run.resolve("report.html"))).contains("<svg", "Confusion matrix", "</html>");
        assertThat(Files.readString(run.resolve("curve.svg")))
                .contains("xmlns", "train.accuracy", "test.accuracy", "</svg>");
        JsonNode again = json(adjoint("evaluate", run.toString(), "--json"));
        assertThat(again.get("test.accuracy").asDouble()).isEqualTo(1);
        assertThat(again.get("test.loss").asDouble()).isEqualTo(r.get("test.loss").asDouble());
        JsonNode told = json(adjoint("predict", run.toString(), "0,1", "--json"));
        assertThat(told.get("predictions").get(0).get("class").asString()).isEqualTo("yes");
        assertThat(adjoint("summary", "--run", run.toString())).contains("Linear(2 -> 16)");
    }

    @Test
    void theSameSeedGivesTheSameWeights() throws IOException {
        String one = train("a").get("weightsSha256").asString();
        assertThat(train("b", "--threads", "1").get("weightsSha256").asString()).isEqualTo(one);
        assertThat(train("c", "--threads", "2").get("weightsSha256").asString()).isEqualTo(one);
        assertThat(train("d", "--seed", "7").get("weightsSha256").asString()).isNotEqualTo(one);
    }

    @Test
    void plansAndSums() {
        assertThat(adjoint("plan", "mnist", "--hidden", "32", "--batch", "8")).contains("matmul", "arena");
        assertThat(json(adjoint("summary", "--hidden", "32", "--json")).get("parameters").asLong())
                .isEqualTo(784 * 32 + 32 + 320 + 10);
        assertThat(json(adjoint("info", "--json")).get("threads").asInt()).isPositive();
    }

    @Test
    void everyDerivativeIsRight() {
        JsonNode r = json(adjoint("gradcheck", "--json"));
        assertThat(r.get("failed")).isEmpty();
        assertThat(r.get("checked").asInt()).isGreaterThan(100);
        assertThat(r.get("worstFirstOrder").asDouble()).isLessThan(1e-7);
    }

    @Test
    void warnsOfTheCollectorWithTheDefect() {
        assertThat(InfoCommand.warnings(Runtime.Version.parse("25.0.2+10"), List.of("G1 Young Generation"), true))
                .hasSize(1);
        assertThat(InfoCommand.warnings(Runtime.Version.parse("25.0.3+9"), List.of("G1 Young Generation"), true))
                .isEmpty();
        assertThat(InfoCommand.warnings(Runtime.Version.parse("25"), List.of("Copy"), true)).isEmpty();
    }

    @Test
    void aTableIsReadAsItIsTold() throws IOException {
        Path table = Files.writeString(dir.resolve("odd.csv"), "0;1;2\n" + "red;1;7\nblue;2;8\n".repeat(20));
        String run = dir.resolve("odd").toString();
        String[] as = {"--header", "yes", "--separator", ";", "--categorical", "0", "--target", "2"};
        List<String> args =
                new java.util.ArrayList<>(
                        List.of("train", "csv", table.toString(), "--hidden", "4", "--epochs", "1", "--out", run));
        args.addAll(List.of(as));
        adjoint(args.toArray(String[]::new));
        JsonNode record = JsonMapper.shared().readTree(Files.readString(Path.of(run, "run.json")));
        assertThat(record.get("content").get("features").toString()).isEqualTo("[\"0=blue\",\"0=red\",\"1\"]");
        assertThat(record.get("data").get("file").asString()).isEqualTo(table.toAbsolutePath().toString());
        Files.writeString(table, "blue;3;8\n", java.nio.file.StandardOpenOption.APPEND);
        var err = new StringWriter();
        assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), "evaluate", run)).isZero();
        assertThat(err.toString()).startsWith("warning: ").contains("has changed since the training");
    }

    @Test
    void bothTheBestAndTheLastEpochAreTold() throws IOException {
        JsonNode r = train("told");
        assertThat(r.get("last").get("test.accuracy").asDouble()).isPositive();
        assertThat(adjoint("train", "--help").replaceAll("\\s+", " ")).contains("the epoch with the best test result");
        assertThat(adjoint("help")).contains("gradcheck");
        assertThat(adjoint("help", "train")).isEqualTo(adjoint("train", "--help"));
        assertThat(adjoint("help", "train", "game")).isEqualTo(adjoint("train", "game", "--help"));
        String help = adjoint("summary", "--help");
        assertThat(help).doesNotContain("--patience").contains("--batch");
    }

    @Test
    void aSingleStepIsWorthDoing() {
        assertThat(Rates.ONE_CYCLE.over(0.01, 1).rate(0)).isEqualTo(0.01);
        assertThat(Rates.COSINE.over(0.01, 1).rate(0)).isEqualTo(0.01);
    }

    @Test
    void moreThreadsThanProcessorsAreNoticed() {
        int many =
                Runtime.getRuntime().availableProcessors() + 1; // few: the standard engine of the other tests has them
        var err = new StringWriter();
        Main.run(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                "summary",
                "--hidden",
                "4",
                "--threads",
                "" + many);
        assertThat(err.toString()).startsWith("warning: --threads " + many + " on ");
    }

    // As Ctrl-C does it; that one's signal is ignored by all that a shell runs in the background, such as this build.
    @Test
    void anInterruptedTrainingSaysWhereItLies() throws IOException, InterruptedException {
        org.junit.jupiter.api.Assumptions.assumeTrue(java.io.File.separatorChar == '/');
        Path table = Files.writeString(dir.resolve("long.csv"), "0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n".repeat(10));
        Path run = dir.resolve("long");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "adjoint.cli.Main",
                                "train",
                                "csv",
                                table.toString(),
                                "--hidden",
                                "4",
                                "--epochs",
                                "1000000",
                                "--json",
                                "--out",
                                run.toString())
                        .start();
        try (var out = process.inputReader();
                var err = process.errorReader()) {
            for (int i = 0; i < 600 && !Files.exists(run.resolve("run.json")); i++) {
                Thread.sleep(100);
            }
            new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid())).start().waitFor();
            assertThat(process.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
            String told = String.join("\n", err.lines().toList());
            assertThat(told).contains("adjoint train: interrupted after ", "lies in " + run);
            JsonNode last = json(String.join("\n", out.lines().toList()));
            assertThat(last.get("exitCode").asInt()).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(run.resolve("run.json"))).contains("\"state\" : \"interrupted\"");
    }
}
