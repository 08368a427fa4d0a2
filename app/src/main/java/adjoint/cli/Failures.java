package adjoint.cli;

import adjoint.tensor.AdjointException;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Says what went wrong: one line for what a user can mend, a request to report for what only we can.
final class Failures {
    /// The exit code for what a user can mend.
    static final int MISTAKE = 2;

    /// The exit code for a mistake of the program (EX_SOFTWARE of sysexits.h).
    static final int BUG = 70;

    private Failures() {}

    /// Arguments that picocli or a command refused.
    static int ofArguments(ParameterException e, String... args) {
        CommandLine command = e.getCommandLine();
        String message =
                e.getMessage()
                        .replaceFirst("is not an? (int|long)$", "is no whole number")
                        .replaceFirst("is not a double$", "is no number");
        List<String> unknown = unknownOptions(command, args);
        if (!unknown.isEmpty()) {
            message = "there is no option " + unknown.getFirst() + similar(command, unknown.getFirst());
        } else if (e instanceof UnmatchedArgumentException u) {
            String what = "'" + u.getUnmatched().getFirst() + "'";
            message =
                    command.getSubcommands().isEmpty()
                            ? "there is no place for " + what
                            : what + " is none of the commands " + String.join(", ", command.getSubcommands().keySet());
        }
        say(command, message);
        return MISTAKE;
    }

    // picocli names them only if nothing else is wrong.
    private static List<String> unknownOptions(CommandLine command, String... args) {
        var known = command.getCommandSpec().optionsMap().keySet();
        return Arrays.stream(args)
                .filter(a -> a.startsWith("--") && a.length() > 2)
                .map(a -> a.split("=", 2)[0])
                .filter(a -> !known.contains(a))
                .toList();
    }

    private static String similar(CommandLine command, String option) {
        return command.getCommandSpec().optionsMap().keySet().stream()
                .filter(o -> o.length() > 2 && (o.startsWith(option) || option.startsWith(o)))
                .findFirst()
                .map(o -> "; did you mean " + o + "?")
                .orElse("");
    }

    /// What a command threw.
    static int ofExecution(Exception e, CommandLine command, ParseResult parsed) {
        boolean debug = command.getCommand() instanceof Task task && task.debug();
        String known = known(e);
        if (known.isEmpty()) {
            return bug(e, command, debug);
        }
        say(command, known);
        if (debug) {
            e.printStackTrace(command.getErr());
        }
        return MISTAKE;
    }

    private static void say(CommandLine command, String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + line);
        command.getErr().flush();
    }

    // The library's remedies, as the command line spells them.
    private static String asOptions(String message) {
        return message.replace("missing(Missing.DROP_ROW)", "--missing drop-row")
                .replace("missing(Missing.MEAN)", "--missing mean")
                .replace("target(…)", "--target");
    }

    // Empty for what is no mistake of the user's.
    private static String known(Throwable e) {
        return switch (e) {
            case AdjointException a -> asOptions(a.getMessage());
            case NotEnoughMemory m -> m.getMessage();
            case UncheckedIOException u -> u.getMessage().startsWith("cannot") ? u.getMessage() : known(u.getCause());
            case NoSuchFileException n -> "there is no file " + n.getFile();
            case AccessDeniedException a -> "no permission for " + a.getFile();
            case FileSystemException f -> f.getFile() + ": " + f.getReason();
            case IOException i -> String.valueOf(i.getMessage());
            default -> "";
        };
    }

    /// A network or batch that does not fit into memory.
    static final class NotEnoughMemory extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotEnoughMemory(OutOfMemoryError cause) {
            super(
                    "not enough memory ("
                            + cause.getMessage()
                            + "): use a smaller network or batch, or give Java more"
                            + " with ADJOINT_JAVA_OPTS=-Xmx8g",
                    cause);
        }
    }

    private static int bug(Exception e, CommandLine command, boolean debug) {
        PrintWriter err = command.getErr();
        String what = e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
        String where = "run it again with --debug";
        if (debug) {
            e.printStackTrace(err);
        } else {
            try {
                Path file = Files.createTempFile("adjoint-", ".txt");
                try (var writer = new PrintWriter(Files.newBufferedWriter(file))) {
                    writer.println("adjoint " + Main.version() + ", Java " + Runtime.version());
                    e.printStackTrace(writer);
                }
                where = "the details are in " + file;
            } catch (IOException _) { // then --debug must do
            }
        }
        say(
                command,
                "this is a mistake in Adjoint, not in what you gave it (" + what + "); please report it; " + where);
        return BUG;
    }
}
