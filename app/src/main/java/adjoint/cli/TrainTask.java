package adjoint.cli;

import adjoint.io.AtomicFile;
import adjoint.train.Run;
import adjoint.train.RunFolder;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/// What all commands share that train: a folder for the results, and a good end when they are interrupted.
abstract class TrainTask extends Task {
    @Option(names = "--out", paramLabel = "DIR", description = "Where the results go (default: runs/SET-N).")
    private Optional<Path> out;

    @Option(names = "--overwrite", description = "Replace the run that lies in --out.")
    private boolean overwrite;

    /// A training.
    @FunctionalInterface
    interface Body {
        /// @return the exit code
        int train(RunFolder folder, Interrupt interrupt) throws Exception;
    }

    /// Trains in the folder that is asked for, or in the next one of that title.
    final int inFolder(String title, Body body) throws Exception {
        try (RunFolder folder = folder(title);
                var interrupt =
                        new Interrupt(
                                () -> abandon(folder, "before the training began"),
                                this::warnOfInterrupt,
                                () -> abandon(folder, "in a step that takes too long to wait for"))) {
            try (folder) { // let go before the program is
                return body.train(folder, interrupt);
            } catch (CancellationException e) {
                folder.abandon(); // empty only now that what lay there to train with is deleted
                return Failures.ofExecution(e, spec().commandLine(), null); // said before the program is let go
            } catch (Exception | Error e) {
                folder.abandon();
                throw e;
            }
        }
    }

    /// Deletes what was laid into the folder to train with.
    void clear(Path folder) throws IOException {}

    private void abandon(RunFolder folder, String when) {
        try {
            clear(folder.path());
        } catch (IOException e) {
            warn("cannot delete what lies in " + folder.path() + ": " + e.getMessage());
        }
        folder.abandon();
        boolean isSaved = Files.exists(folder.path().resolve(RunFolder.RECORD));
        warn(
                "interrupted "
                        + when
                        + ": "
                        + (isSaved ? "the run in " + folder.path() + " is as it was saved last" : "nothing was saved"));
    }

    private RunFolder folder(String title) throws IOException {
        if (out.isEmpty()) {
            require(!overwrite, "--overwrite replaces the run in --out: say which");
            return RunFolder.prepareNext(SavedRun.RUNS, title, SavedRun.last(title) + 1);
        }
        require(!out.get().toString().isBlank(), "--out needs the name of a folder");
        return overwrite ? RunFolder.prepareOver(out.get()) : RunFolder.prepare(out.get());
    }

    private void warnOfInterrupt() {
        spec().commandLine().getErr().println();
        warn("interrupted: it ends after the step or test at hand, in " + Interrupt.PATIENCE + " seconds at most");
    }

    /// What was typed.
    final String command() {
        return "adjoint " + String.join(" ", words());
    }

    /// How it was trained, as a report says it.
    final Map<String, String> settings(String network, String optimizer, int batch, long seed) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("network", network);
        settings.put("optimizer", optimizer);
        settings.put("batch", String.valueOf(batch));
        settings.put("seed", String.valueOf(seed));
        settings.put("command", command());
        return settings;
    }

    /// Draws what the training was judged by.
    static void saveCurve(Path folder, Run run, Curves curves) throws IOException {
        AtomicFile.write(folder.resolve(RunFolder.CURVE), Report.curve(run, curves).getBytes(StandardCharsets.UTF_8));
    }

    /// How far a training has come that is saved now and then.
    ///
    /// @param unit what is counted: `step`
    /// @param saved how much of it was done when it was saved last; 0: it never was
    /// @param every after how much it is saved
    record Reached(String unit, long done, long all, long saved, long every) {}

    /// What to say of a training that was interrupted.
    static CancellationException interrupted(Path folder, Reached reached, CancellationException cause) {
        String kept =
                reached.saved == 0
                        ? String.format(
                                Locale.ROOT, "nothing was saved, which is done after a test, every %,d", reached.every)
                        : String.format(
                                Locale.ROOT,
                                "what it had learned by %s %,d lies in %s (%s, %s)",
                                reached.unit,
                                reached.saved,
                                folder,
                                RunFolder.BEST,
                                RunFolder.RECORD);
        return interrupted(
                String.format(Locale.ROOT, "after %,d of %s", reached.done, Words.count(reached.all, reached.unit)),
                kept,
                cause);
    }

    private static CancellationException interrupted(String when, String kept, CancellationException cause) {
        var told = new CancellationException("interrupted " + when + ": " + kept);
        told.initCause(cause);
        return told;
    }

    /// What to say of a training that was interrupted.
    ///
    /// @param done how many epochs are done
    /// @param what they are called
    static CancellationException interrupted(
            Path folder, int done, int epochs, String what, CancellationException cause) {
        return done == 0
                ? interrupted("in the first " + what, "nothing was saved", cause)
                : interrupted(
                        String.format(Locale.ROOT, "after %d of %s", done, Words.count(epochs, what)),
                        String.format(
                                "what it had learned by then lies in %s (%s, %s)",
                                folder, RunFolder.BEST, RunFolder.RECORD),
                        cause);
    }
}
