package adjoint.cli;

import adjoint.plan.Engine;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import tools.jackson.databind.json.JsonMapper;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/// What all commands share.
abstract class Task implements Callable<Integer> {
    private static final int MOST_THREADS = 1024;
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "Print the results as one JSON object on the last line.")
    private boolean json;

    @Option(names = "--threads", paramLabel = "N", description = "How many threads compute (default: all processors).")
    private Optional<Integer> threads;

    @Option(names = "--debug", description = "Print the stack trace of an error.")
    private boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /// The work itself.
    ///
    /// @return the exit code
    abstract int work() throws Exception;

    @Override
    public final Integer call() throws Exception {
        VectorModule.load();
        threads.ifPresent(n -> {
            require(n >= 1 && n <= MOST_THREADS, "--threads needs 1 to " + MOST_THREADS + ", got " + n);
            System.setProperty("adjoint.threads", n.toString());
            if (n > PROCESSORS) {
                warn("--threads " + n + " on " + PROCESSORS + " processors: more threads than these only wait");
            }
        });
        try {
            return work();
        } catch (OutOfMemoryError e) {
            throw new Failures.NotEnoughMemory(e);
        }
    }

    final boolean json() {
        return json;
    }

    /// Says on standard error what is allowed, but hardly meant.
    final void warn(String message) {
        spec.commandLine().getErr().println("warning: " + message);
        spec.commandLine().getErr().flush();
    }

    /// Whether an option stands on the command line.
    final boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    final boolean debug() {
        return debug;
    }

    /// The words of the command line.
    final List<String> words() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    final CommandSpec spec() {
        return spec;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final void say(String format, Object... args) {
        out().println(args.length == 0 ? format : String.format(java.util.Locale.ROOT, format, args));
        out().flush();
    }

    final Engine engine() {
        return threads.isPresent() ? new Engine(threads.get()) : new Engine();
    }

    /// Prints the results, if they were asked for as JSON.
    final void report(Map<String, ?> results) {
        if (json) {
            say("%s", JsonMapper.shared().writeValueAsString(results));
        }
    }

    /// Refuses what was given on the command line.
    final void require(boolean condition, String message) {
        if (!condition) {
            throw refusal(message);
        }
    }

    final ParameterException refusal(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
