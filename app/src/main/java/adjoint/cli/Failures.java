package adjoint.cli;

import adjoint.kernel.UnavailableKernelsException;
import adjoint.tensor.AdjointException;

import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/// Says what went wrong: one line for what a user can mend, a request to report for what only we can.
final class Failures {
    /// The exit code for what a user can mend.
    static final int MISTAKE = 2;

    /// The exit code after Ctrl-C, as shells have it.
    static final int INTERRUPTED = 130;

    /// The exit code for a mistake of the program (EX_SOFTWARE of sysexits.h).
    static final int BUG = 70;

    private Failures() {}

    /// Arguments that picocli or a command refused.
    static int ofArguments(ParameterException e, String... args) {
        CommandLine command = e.getCommandLine();
        String message =
                e.getMessage()
                        .replaceFirst("^Invalid value for positional parameter at index \\d+ \\([^)]*\\): ", "")
                        .replaceFirst("('[-+]?\\d+') is not an int$", outside(Integer.MIN_VALUE, Integer.MAX_VALUE))
                        .replaceFirst("('[-+]?\\d+') is not a long$", outside(Long.MIN_VALUE, Long.MAX_VALUE))
                        .replaceFirst("is not an? (int|long)$", "is no whole number")
                        .replaceFirst("is not a double$", "is no number");
        List<String> unknown = unknownOptions(command, args);
        if (!unknown.isEmpty()) {
            message = "there is no option " + unknown.getFirst() + similar(command, unknown.getFirst());
        } else if (e instanceof UnmatchedArgumentException u) {
            String what = u.getUnmatched().getFirst();
            List<String> commands = List.copyOf(command.getSubcommands().keySet());
            message =
                    commands.isEmpty()
                            ? "there is no place for '" + what + "'"
                            : Choices.noneOf("the commands ", what, commands);
        }
        say(command, message);
        json(command, Arrays.asList(args).contains("--json"), message, MISTAKE);
        return MISTAKE;
    }

    private static String outside(long least, long most) {
        return "$1 is outside " + least + " to " + most;
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
                .orElseGet(() -> elsewhere(command, option));
    }

    private static String elsewhere(CommandLine command, String option) {
        List<String> having =
                command.getSubcommands().values().stream()
                        .filter(c -> c.getCommandSpec().optionsMap().containsKey(option))
                        .map(c -> c.getCommandSpec().qualifiedName())
                        .toList();
        return having.isEmpty() ? "" : ": it is one of " + String.join(" and ", having);
    }

    /// What a command threw.
    static int ofExecution(Exception e, CommandLine command, ParseResult parsed) {
        boolean debug = command.getCommand() instanceof Task task && task.debug();
        boolean json = command.getCommand() instanceof Task task && task.json();
        String known = known(e);
        if (known.isEmpty()) {
            return bug(e, command, debug, json);
        }
        say(command, known);
        if (debug) {
            e.printStackTrace(command.getErr());
        }
        int code = e instanceof CancellationException ? INTERRUPTED : MISTAKE;
        json(command, json, known, code);
        return code;
    }

    private static void say(CommandLine command, String message) {
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + oneLine(message));
        command.getErr().flush();
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    // Who asked for JSON gets it on the last line, whatever happens.
    private static void json(CommandLine command, boolean wanted, String message, int code) {
        if (wanted) {
            Map<String, Object> failure = new LinkedHashMap<>();
            failure.put("error", oneLine(message));
            failure.put("exitCode", code);
            command.getOut().println(JsonMapper.shared().writeValueAsString(failure));
            command.getOut().flush();
        }
    }

    // The library's remedies, as the command line spells them. The line of code that a message ends with is none of the
    // user's here.
    private static String asOptions(String message) {
        return message.replaceFirst(" \\([\\w.]+\\.java:\\d+\\)$", "")
                .replace("missing(Missing.DROP_ROW)", "--missing drop-row")
                .replace("missing(Missing.MEAN)", "--missing mean")
                .replace("target(…)", "--target")
                .replace("say header(true)", "say --header yes")
                .replace("use Ppo", "use --algorithm ppo")
                .replace("separator(…)", "--separator")
                .replace("predict classes with classification()", "make classes of it with --categorical")
                .replace("categorical(…)", "--categorical")
                .replace(
                        "choose another folder, or replace that run with saveOver(…)",
                        "choose another --out, or add --overwrite")
                .replace("; loadFitting takes what fits", "");
    }

    // Empty for what is no mistake of the user's.
    private static String known(Throwable e) {
        return switch (e) {
            case AdjointException a -> asOptions(a.getMessage());
            case UnavailableKernelsException u -> u.getMessage();
            case NotEnoughMemory m -> m.getMessage();
            case CancellationException c -> c.getMessage();
            case UncheckedIOException u -> u.getMessage().startsWith("cannot") ? u.getMessage() : known(u.getCause());
            case NoSuchFileException n ->
                    n.getFile().startsWith("cannot ") ? n.getFile() : "there is no file " + n.getFile();
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

    private static int bug(Exception e, CommandLine command, boolean debug, boolean json) {
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
        String message =
                "this is a mistake in Adjoint, not in what you gave it (" + what + "); please report it; " + where;
        say(command, message);
        json(command, json, message, BUG);
        return BUG;
    }
}
