package adjoint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Properties;

/// The `adjoint` command.
@Command(
        name = "adjoint",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Neural networks for Java: trains a network and says how good it is.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            GenerateCommand.class,
            PlayCommand.class,
            SummaryCommand.class,
            PlanCommand.class,
            GradcheckCommand.class,
            DoctorCommand.class,
            LabCommand.class,
            InfoCommand.class,
            HelpCommand.class
        },
        footer = {"", "Begin with: adjoint train digits"})
public final class Main implements Runnable {
    @Spec private CommandSpec spec;

    private Main() {}

    /// Runs the command line and exits with its code: 0 if all went well, 1 if a check failed, 2 if something it was given
    /// cannot be used, 70 if it met a mistake of its own.
    ///
    /// @param args the arguments
    public static void main(String[] args) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /// Runs the command line.
    ///
    /// @return the exit code
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return commandLine(out, err).execute(args);
    }

    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .setExpandAtFiles(false) // a text may begin with @
                .setParameterExceptionHandler(Failures::ofArguments)
                .setExecutionExceptionHandler(Failures::ofExecution);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// The version that the build wrote into `version.properties`.
    static String version() {
        var properties = new Properties();
        try (var in = Main.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    /// Gives picocli the version.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"adjoint " + version()};
        }
    }
}
