package adjoint.train;

import adjoint.io.AtomicFile;
import adjoint.io.SafeTensors;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;

import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where a training leaves its results. Every file in it is complete at any time: written beside, then moved into place.
public final class RunFolder implements AutoCloseable {
    /// What was trained, how, and what came of it.
    public static final String RECORD = "run.json";

    /// The training as a page to look at, if one was made.
    public static final String REPORT = "report.html";

    /// Its curve by epoch, a picture, if one was made.
    public static final String CURVE = "curve.svg";

    /// The weights of the best epoch.
    public static final String BEST = "best.safetensors";

    /// The weights of the last epoch.
    public static final String LAST = "last.safetensors";

    /// How text was cut, in a training on text.
    public static final String TOKENIZER = "tokenizer.json";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build();

    private static final String LOCK = ".lock";

    private final Path path;
    private final Deque<Path> created = new ArrayDeque<>(); // innermost first
    private Optional<FileChannel> lock = Optional.empty();

    private RunFolder(Path path) {
        this.path = path;
    }

    /// Makes the folder, if it is not there, finds out whether one can write in it, and keeps other trainings out of it
    /// until it is closed or abandoned.
    ///
    /// @throws AdjointException if one cannot, another training is at work there, or a run lies there
    public static RunFolder prepare(Path path) {
        if (Files.exists(path.resolve(RECORD))) {
            throw new AdjointException(
                    "cannot save to "
                            + path
                            + ": it holds a run already; choose another folder, or replace that run with saveOver(…)");
        }
        return prepareOver(path);
    }

    /// Like [#prepare], but a run that lies there is replaced when the first epoch of the new one is saved.
    ///
    /// @throws AdjointException if one cannot write there, or another training is at work there
    public static RunFolder prepareOver(Path path) {
        var folder = new RunFolder(path);
        folder.make(path);
        return folder;
    }

    /// Makes the first of the folders `title-n`, `title-(n+1)`, … that is not there yet, whoever else is looking for one.
    ///
    /// @param first the number to begin with
    /// @throws AdjointException if none can be made
    public static RunFolder prepareNext(Path parent, String title, int first) {
        for (int n = first; ; n++) {
            var folder = new RunFolder(parent.resolve(title + "-" + n));
            folder.make(parent);
            try {
                Files.createDirectory(folder.path);
                folder.created.addFirst(folder.path.toAbsolutePath());
                folder.take();
                return folder;
            } catch (FileAlreadyExistsException _) { // somebody else's: the next one
            } catch (IOException e) {
                folder.abandon();
                throw refusal(folder.path, e);
            }
        }
    }

    private void make(Path made) {
        try {
            for (Path p = made.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) {
                created.addLast(p);
            }
            Files.createDirectories(made);
            if (made.equals(path)) {
                take();
            }
        } catch (FileAlreadyExistsException e) {
            throw new AdjointException("cannot save to " + path + ": " + e.getFile() + " is a file, not a folder", e);
        } catch (IOException e) {
            abandon();
            throw refusal(path, e);
        }
    }

    private static AdjointException refusal(Path path, IOException e) {
        String reason =
                e instanceof AccessDeniedException ? "no permission to write there" : "no folder can be made there";
        return new AdjointException("cannot save to " + path + ": " + reason, e);
    }

    // The system releases the lock of a process that is killed, so that nobody is kept out by a run that has died.
    private void take() throws IOException {
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock = Optional.of(channel);
        boolean taken;
        try {
            taken = channel.tryLock() != null;
        } catch (OverlappingFileLockException _) { // another training of this process
            taken = false;
        }
        if (!taken) {
            channel.close();
            lock = Optional.empty();
            throw new AdjointException(
                    "cannot save to " + path + ": another training is writing there; choose another folder");
        }
    }

    /// Lets other trainings in.
    @Override
    public void close() {
        lock.ifPresent(channel -> {
            try (channel) {
                Files.deleteIfExists(path.resolve(LOCK));
            } catch (IOException _) { // not to be deleted while it is open, on some systems: the next one can take it
            }
        });
        lock = Optional.empty();
    }

    /// The folder.
    public Path path() {
        return path;
    }

    /// Closes it, and removes what [#prepare] made, as far as nothing was written into it.
    public void abandon() {
        close();
        try {
            for (Path p : created) {
                Files.deleteIfExists(p);
            }
        } catch (IOException _) { // not empty: it stays
        }
    }

    /// Removes a run that lies there, now that there is something to replace it with.
    ///
    /// @throws UncheckedIOException if it cannot be removed
    public void clear() {
        try {
            for (String name : List.of(RECORD, REPORT, CURVE, BEST, LAST, TOKENIZER)) {
                Files.deleteIfExists(path.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot replace the run in " + path + ": " + e.getMessage(), e);
        }
    }

    /// Writes weights.
    ///
    /// @param name of the file: [#BEST] or [#LAST]
    /// @throws UncheckedIOException if they cannot be written; what lay there stays
    public void weights(String name, Map<String, Parameter> parameters) {
        write(name, file -> SafeTensors.writeParameters(file, parameters, Map.of()));
    }

    private void write(String name, Writer writer) {
        try {
            writer.to(path.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    @FunctionalInterface
    private interface Writer {
        void to(Path file) throws IOException;
    }

    /// Writes what a training was and gave, to [#RECORD].
    ///
    /// @param facts as JSON has them: maps, lists, records, numbers, texts
    /// @throws UncheckedIOException if they cannot be written; what lay there stays
    public void record(Map<String, ?> facts) {
        byte[] text = (JSON.writeValueAsString(facts) + "\n").getBytes(StandardCharsets.UTF_8);
        write(RECORD, file -> AtomicFile.write(file, text));
    }
}
