package adjoint.cli;

import static adjoint.cli.Cli.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.train.TrainingEvent;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/// What an interrupted training says and leaves behind.
class InterruptTest {
    @TempDir private Path dir;

    @Test
    void aStepThatTakesTooLongIsLeft() {
        List<String> done = new ArrayList<>();
        try (var interrupt = new Interrupt(() -> done.add("unbegun"), () -> done.add("told"), () -> done.add("left"))) {
            interrupt.signalled(0);
            assertThat(done).containsExactly("unbegun");
        }
        done.clear();
        var interrupt = new Interrupt(() -> done.add("unbegun"), () -> done.add("told"), () -> done.add("left"));
        interrupt.accept(new TrainingEvent.Started(1, 1, 1));
        interrupt.signalled(0);
        assertThat(done).containsExactly("told", "left");
        assertThatThrownBy(() -> interrupt.accept(new TrainingEvent.StepDone(1, 1, 0, 1, 1)))
                .isInstanceOf(CancellationException.class);
        interrupt.close();
        interrupt.signalled(0);
        assertThat(done).containsExactly("told", "left", "told"); // it ended in time
    }

    // In the first round, which has no end.
    @Test
    void aTextTrainingWithoutResultsLeavesNothing() throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/');
        Path text = Files.writeString(dir.resolve("rhyme.txt"), "the quick brown fox\n".repeat(60));
        Path run = dir.resolve("runs/rhyme");
        Process process =
                started(
                        "train text " + text + " --width 8 --block 8 --batch 1 --steps 100000000 --every 100000000",
                        run);
        try (var out = process.inputReader();
                var err = process.errorReader()) {
            String line = out.readLine();
            while (line != null && !line.startsWith("training: ")) {
                line = out.readLine();
            }
            Thread.sleep(3000); // until it has begun
            new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid())).start().waitFor();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(String.join("\n", err.lines().toList()))
                    .contains("interrupted: it ends after the step or test at hand")
                    .containsPattern(
                            "interrupted after [\\d,]+ of 100,000,000 steps: nothing was saved, which is done after a test, every 100,000,000");
            assertThat(json(String.join("\n", out.lines().toList())).get("exitCode").asInt()).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        assertThat(run.getParent()).doesNotExist();
    }

    @Test
    void aGameIsSavedAsItWasTestedLastAndLetGo() throws IOException, InterruptedException {
        assumeTrue(File.separatorChar == '/');
        Path run = dir.resolve("runs/pole");
        Process process = started("train game cart-pole --steps 100000000 --every 5000 --episodes 2", run);
        try (var out = process.inputReader();
                var err = process.errorReader()) {
            String line = out.readLine();
            for (int tests = 0; line != null && tests < 2; line = out.readLine()) {
                tests += line.contains(" of 100,000,000 steps: ") ? 1 : 0;
            }
            new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid())).start().waitFor();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(String.join("\n", err.lines().toList()))
                    .containsPattern(
                            "interrupted after [\\d,]+ of 100,000,000 steps: what it had learned by step [\\d,]+ lies in "
                                    + run);
            assertThat(json(String.join("\n", out.lines().toList())).get("exitCode").asInt()).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(run.resolve("run.json"))).contains("\"state\" : \"interrupted\"");
        try (var files = Files.list(run)) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("best.safetensors", "last.safetensors", "run.json");
        }
    }

    private static Process started(String command, Path run) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "adjoint.cli.Main"));
        words.addAll(List.of(command.split(" ")));
        words.addAll(List.of("--json", "--out", run.toString()));
        return new ProcessBuilder(words).start();
    }
}
