package adjoint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/// The `adjoint` command.
@Command(
        name = "adjoint",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Neural networks for Java.")
public final class Main implements Runnable {
    @Spec private CommandSpec spec;

    private Main() {}

    /// Runs the command line and exits with its code.
    ///
    /// @param args the arguments
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        VectorModule.load();
        spec.commandLine().usage(System.out);
    }

    /// Reads the version that the build wrote into `version.properties`.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            var properties = new Properties();
            try (var in = Main.class.getResourceAsStream("version.properties")) {
                properties.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new String[] {"adjoint " + properties.getProperty("version")};
        }
    }
}
