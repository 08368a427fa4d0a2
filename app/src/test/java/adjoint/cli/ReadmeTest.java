package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What the README promises: its program runs as it stands there, and it names every command.
class ReadmeTest {
    @TempDir private Path dir;

    private static String readme() throws IOException {
        Path folder =
                Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent)
                        .filter(p -> Files.exists(p.resolve("README.md")))
                        .findFirst()
                        .orElseThrow();
        return Files.readString(folder.resolve("README.md"));
    }

    @Test
    void theProgramRuns() throws IOException, InterruptedException {
        String program = readme().split("```java\n")[1].split("```")[0];
        assertThat(program).contains("void main()", "int epochs = 5;");
        Path file = Files.writeString(dir.resolve("First.java"), program.replace("epochs = 5;", "epochs = 1;"));
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules",
                                "jdk.incubator.vector",
                                "--class-path",
                                System.getProperty("java.class.path"),
                                file.toString())
                        .redirectErrorStream(true)
                        .start();
        String told = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(told).isZero();
        String line = told.lines().reduce((a, b) -> b).orElseThrow();
        assertThat(line).startsWith("epoch 1: test accuracy 0.");
        assertThat(Double.parseDouble(line.replaceFirst(".* ", ""))).isGreaterThan(0.85);
    }

    @Test
    void everyCommandIsNamed() throws IOException {
        String readme = readme();
        for (Class<?> command : Main.class.getAnnotation(CommandLine.Command.class).subcommands()) {
            String name = command.getAnnotation(CommandLine.Command.class).name();
            assertThat(readme).contains("./adjoint " + name);
        }
    }
}
