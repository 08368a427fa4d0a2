package adjoint.train;

import adjoint.io.AtomicFile;
import adjoint.io.SafeTensors;
import adjoint.nn.Layer;
import adjoint.tensor.AdjointException;

import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/// Where a training leaves its results. Every file in it is complete at any time: written beside, then moved into place.
public final class RunFolder {
    /// What was trained, how, and what came of it.
    public static final String RECORD = "run.json";

    /// The weights of the best epoch.
    public static final String BEST = "best.safetensors";

    /// The weights of the last epoch.
    public static final String LAST = "last.safetensors";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build();

    private final Path path;
    private final Deque<Path> created = new ArrayDeque<>(); // innermost first

    private RunFolder(Path path) {
        this.path = path;
    }

    /// Makes the folder, if it is not there, and finds out whether one can write in it.
    ///
    /// @throws AdjointException if one cannot
    public static RunFolder prepare(Path path) {
        var folder = new RunFolder(path);
        try {
            for (Path p = path.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) {
                folder.created.addLast(p);
            }
            Files.createDirectories(path);
            Files.delete(Files.createTempFile(path, ".probe", ""));
        } catch (FileAlreadyExistsException e) {
            throw new AdjointException("cannot save to " + path + ": " + e.getFile() + " is a file, not a folder", e);
        } catch (IOException e) {
            folder.abandon();
            String reason =
                    e instanceof AccessDeniedException ? "no permission to write there" : "no folder can be made there";
            throw new AdjointException("cannot save to " + path + ": " + reason, e);
        }
        return folder;
    }

    /// The folder.
    public Path path() {
        return path;
    }

    /// Removes what [#prepare] made, as far as nothing was written into it.
    public void abandon() {
        try {
            for (Path p : created) {
                Files.deleteIfExists(p);
            }
        } catch (IOException _) { // not empty: it stays
        }
    }

    /// Writes the weights.
    void weights(String name, Layer model) {
        write(name, file -> SafeTensors.writeParameters(file, model.parameters(), Map.of()));
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

    /// Writes what a training was and gave.
    void record(Map<String, ?> facts) {
        byte[] text = (JSON.writeValueAsString(facts) + "\n").getBytes(StandardCharsets.UTF_8);
        write(RECORD, file -> AtomicFile.write(file, text));
    }
}
