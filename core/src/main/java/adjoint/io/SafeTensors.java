package adjoint.io;

import adjoint.kernel.Buffer;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A file of named tensors in the safetensors format, as PyTorch and others exchange weights.
///
/// ```java
/// SafeTensors.writeParameters(file, model.parameters(), Map.of("epoch", "3"));
/// WeightsReport report = SafeTensors.read(file).load(model.parameters());
/// ```
///
/// Writing replaces a file as a whole or not at all, and the same tensors give the same bytes whatever their order:
/// sorted, as the reference implementation does, by size of element (largest first) and name. Reading is strict: the
/// header is checked entirely before any tensor is read, and tensors are read when asked for. `F16` and `BF16` become
/// float32; `I8`, `U8`, `I16` and `U16` int32; `U32` int64.
///
/// Opened files need no closing.
public final class SafeTensors {
    private final Path file;
    private final SafeTensorsHeader header;
    private final long size;
    private final FileTime modified;

    private SafeTensors(Path file, SafeTensorsHeader header, long size, FileTime modified) {
        this.file = file;
        this.header = header;
        this.size = size;
        this.modified = modified;
    }

    // ---------------------------------------------------------------- writing

    /// Writes tensors, computing those that are not known yet.
    ///
    /// @param metadata notes for the header
    /// @throws IOException if the file cannot be written; what was there before still is
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Tensor[] open = tensors.values().stream().filter(t -> t.parameter() == null).toArray(Tensor[]::new);
        Evaluator.standard().evaluate(open);
        Map<String, Buffer> buffers = new LinkedHashMap<>();
        Map<String, Spec> specs = new LinkedHashMap<>();
        tensors.forEach((name, t) -> {
            buffers.put(name, t.read());
            specs.put(name, t.spec());
        });
        write(file, specs, buffers, metadata);
    }

    /// Writes the present values of parameters.
    ///
    /// @param metadata notes for the header
    /// @throws IOException if the file cannot be written; what was there before still is
    public static void writeParameters(Path file, Map<String, Parameter> parameters, Map<String, String> metadata)
            throws IOException {
        Map<String, Buffer> buffers = new LinkedHashMap<>();
        Map<String, Spec> specs = new LinkedHashMap<>();
        parameters.forEach((name, p) -> {
            buffers.put(name, p.buffer());
            specs.put(name, p.spec());
        });
        write(file, specs, buffers, metadata);
    }

    private static void write(
            Path file, Map<String, Spec> specs, Map<String, Buffer> buffers, Map<String, String> metadata)
            throws IOException {
        SequencedMap<String, Spec> sorted = new LinkedHashMap<>();
        specs.entrySet().stream()
                .sorted(
                        Comparator.<Map.Entry<String, Spec>>comparingInt(e -> -e.getValue().type().bytes())
                                .thenComparing(Map.Entry::getKey))
                .forEach(e -> sorted.put(e.getKey(), e.getValue()));
        sorted.keySet().forEach(SafeTensorsHeader::checkName);
        ByteBuffer head = SafeTensorsHeader.write(sorted, metadata);
        AtomicFile.write(
                file,
                channel -> {
                    while (head.hasRemaining()) {
                        channel.write(head);
                    }
                    for (String name : sorted.keySet()) {
                        StorageType.write(channel, buffers.get(name));
                    }
                });
    }

    // ---------------------------------------------------------------- reading

    /// Opens a file and checks its header.
    ///
    /// @throws FormatException if it is no sound safetensors file
    /// @throws IOException if it cannot be read
    public static SafeTensors read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("cannot read " + file + ": it is a folder");
        }
        try (var channel = FileChannel.open(file)) {
            var modified = Files.getLastModifiedTime(file);
            return new SafeTensors(file, SafeTensorsHeader.read(channel, file), channel.size(), modified);
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": there is no such file", e);
        }
    }

    /// The names of the tensors, in the order of their places in the file.
    public List<String> names() {
        return List.copyOf(header.entries().sequencedKeySet());
    }

    /// The shapes and types of the tensors as they are read, by name.
    public SequencedMap<String, Spec> specs() {
        SequencedMap<String, Spec> specs = new LinkedHashMap<>();
        header.entries().forEach((name, entry) -> specs.put(name, entry.spec()));
        return specs;
    }

    /// What the writer noted.
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /// Reads one tensor.
    ///
    /// @throws IllegalArgumentException if there is none of this name
    /// @throws IOException if the file cannot be read or has changed since it was opened
    public Tensor tensor(String name) throws IOException {
        if (!header.entries().containsKey(name)) {
            throw new IllegalArgumentException(
                    file + " has no tensor '" + name + "'; it has " + header.entries().keySet());
        }
        return buffers(List.of(name)).entrySet().stream()
                .map(e -> Tensor.of(e.getValue(), header.entries().get(name).shape()))
                .findFirst()
                .orElseThrow();
    }

    /// Reads all tensors, by name.
    ///
    /// @throws IOException if the file cannot be read or has changed since it was opened
    public SequencedMap<String, Tensor> tensors() throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        buffers(names()).forEach((name, b) -> tensors.put(name, Tensor.of(b, header.entries().get(name).shape())));
        return tensors;
    }

    private SequencedMap<String, Buffer> buffers(List<String> names) throws IOException {
        SequencedMap<String, Buffer> buffers = new LinkedHashMap<>();
        try (var channel = FileChannel.open(file)) {
            if (channel.size() != size || !Files.getLastModifiedTime(file).equals(modified)) {
                throw new IOException(file + " has changed since it was opened: read it again");
            }
            for (String name : names) {
                SafeTensorsHeader.Entry entry = header.entries().get(name);
                channel.position(header.dataStart() + entry.start());
                String what = file + ": tensor '" + name + "'";
                buffers.put(name, entry.storage().read(channel, entry.shape().size(), what));
            }
        }
        return buffers;
    }

    // ---------------------------------------------------------------- loading

    /// How the file fits the parameters, by name, shape and type.
    public WeightsReport compare(Map<String, Parameter> parameters) {
        List<String> fitting = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> mismatching = new ArrayList<>();
        List<String> unexpected = new ArrayList<>(names());
        unexpected.removeAll(parameters.keySet());
        parameters.forEach((name, p) -> {
            SafeTensorsHeader.Entry entry = header.entries().get(name);
            if (entry == null) {
                missing.add(name);
            } else if (entry.spec().equals(p.spec())) {
                fitting.add(name);
            } else {
                mismatching.add(name + ": " + p.spec() + ", file has " + entry.spec());
            }
        });
        return new WeightsReport(fitting, missing, unexpected, mismatching);
    }

    /// Copies the tensors into the parameters of the same names.
    ///
    /// @throws WeightsException if names, shapes or types differ in any way; then no parameter is changed
    /// @throws IOException if the file cannot be read; then no parameter is changed
    public WeightsReport load(Map<String, Parameter> parameters) throws IOException {
        WeightsReport report = compare(parameters);
        if (!report.fits()) {
            throw new WeightsException(
                    file
                            + " does not fit the parameters: "
                            + report
                            + ". Nothing was loaded; loadFitting takes what fits",
                    report);
        }
        return loadFitting(parameters);
    }

    /// Copies those tensors into parameters that have the same name, shape and type, and says what was left out.
    ///
    /// @throws IOException if the file cannot be read; then no parameter is changed
    public WeightsReport loadFitting(Map<String, Parameter> parameters) throws IOException {
        WeightsReport report = compare(parameters);
        buffers(report.loaded())
                .forEach((name, from) -> {
                    Parameter p = parameters.get(name);
                    long bytes = from.size() * from.type().bytes();
                    MemorySegment.copy(from.segment(), 0, p.buffer().segment(), 0, bytes);
                    p.changed();
                });
        return report;
    }

    // ---------------------------------------------------------------- checksum

    /// The SHA-256 of a file's bytes, in hexadecimal.
    ///
    /// @throws IOException if it cannot be read
    public static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        try (var channel = FileChannel.open(file)) {
            ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
            while (channel.read(chunk.clear()) >= 0) {
                digest.update(chunk.flip());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public String toString() {
        return file + " with " + header.entries().size() + " tensors";
    }
}
