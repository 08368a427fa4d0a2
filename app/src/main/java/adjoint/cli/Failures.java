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
        String hint = "";
        if (e instanceof UnmatchedArgumentException u) {
            List<String> similar = u.getSuggestions();
            hint = similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
        }
        say(command, e.getMessage() + hint);
        return MISTAKE;
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

    // Empty for what is no mistake of the user's.
    private static String known(Throwable e) {
        return switch (e) {
            case AdjointException a -> a.getMessage();
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
