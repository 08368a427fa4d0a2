package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/// What the documents promise: their programs run as they stand there, and the README names every command.
class ReadmeTest {
    @TempDir private Path dir;

    private static String text(String name) throws IOException {
        Path folder =
                Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent)
                        .filter(p -> Files.exists(p.resolve("README.md")))
                        .findFirst()
                        .orElseThrow();
        return Files.readString(folder.resolve(name));
    }

    @Test
    void theProgramRuns() throws IOException, InterruptedException {
        String line = told("First.java", text("README.md"), "epochs = 5;", "epochs = 1;");
        assertThat(line).startsWith("epoch 1: test accuracy 0.");
        assertThat(Double.parseDouble(line.replaceFirst(".* ", ""))).isGreaterThan(0.85);
    }

    @Test
    void theProgramThatPlaysRuns() throws IOException, InterruptedException {
        String line = told("Pole.java", text("docs/games.md"), "100_000", "10_000");
        assertThat(line).startsWith("mean return of 100 episodes: ");
        assertThat(Double.parseDouble(line.replaceFirst(".* ", ""))).isGreaterThan(60); // 22 by chance
    }

    @Test
    void theProgramThatIsTunedRuns() throws IOException, InterruptedException {
        String line = told("Tune.java", text("docs/fine-tuning.md"), "epochs(5)", "epochs(3)");
        double[] accuracies =
                Arrays.stream(line.split("[:,] ?"))
                        .filter(w -> w.startsWith("0."))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
        assertThat(accuracies[1]).as(line).isGreaterThan(accuracies[0] + 0.03);
    }

    // The last line of what a document's program prints, in a shortened form.
    private String told(String name, String document, String usual, String shorter)
            throws IOException, InterruptedException {
        String program = document.split("```java\n")[1].split("```")[0];
        assertThat(program).contains("void main()", usual);
        Path file = Files.writeString(dir.resolve(name), program.replace(usual, shorter));
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules",
                                "jdk.incubator.vector",
                                "--class-path",
                                System.getProperty("java.class.path"),
                                file.toString())
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .start();
        String told = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(told).isZero();
        return told.lines().reduce((a, b) -> b).orElseThrow();
    }

    @Test
    void everyCommandIsNamed() throws IOException {
        String readme = text("README.md");
        for (Class<?> command : Main.class.getAnnotation(CommandLine.Command.class).subcommands()) {
            String name = command.getAnnotation(CommandLine.Command.class).name();
            assertThat(readme).contains("./adjoint " + name);
        }
    }
}
