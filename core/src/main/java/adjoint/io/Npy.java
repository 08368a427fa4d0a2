package adjoint.io;

import adjoint.tensor.Evaluator;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// NumPy's files: `.npy` with one array, `.npz` with several.
///
/// Read are little-endian floats and integers and truth values, in C or Fortran order; small integers become int32,
/// half precision float32. Written are versions 1.0 in C order, the same tensor always as the same bytes. Pickled
/// Python objects are never read.
///
/// ```java
/// Npy.write(file, Tensor.ones(2, 3));
/// Tensor ones = Npy.read(file);
/// ```
public final class Npy {
    private Npy() {}

    // ---------------------------------------------------------------- reading

    /// Reads an `.npy` file.
    ///
    /// @throws FormatException if it is damaged or of a kind that is not read here
    /// @throws IOException if it cannot be read
    public static Tensor read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, Files.size(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new IOException("cannot read " + file + ": there is no such file", e);
        }
    }

    /// Reads all arrays of an `.npz` file, in the order of the file, by their names without `.npy`.
    ///
    /// @throws FormatException if it is damaged or of a kind that is not read here
    /// @throws IOException if it cannot be read
    public static SequencedMap<String, Tensor> readAll(Path file) throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        try (var zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                String what = file + ": " + entry.getName();
                if (!entry.getName().endsWith(".npy")) {
                    throw new FormatException(what + " is no .npy array");
                }
                String name = entry.getName().substring(0, entry.getName().length() - 4);
                try (InputStream in = zip.getInputStream(entry)) {
                    if (tensors.put(name, read(in, entry.getSize(), what)) != null) {
                        throw new FormatException(what + " is there twice");
                    }
                }
            }
        } catch (ZipException e) {
            throw new FormatException(file + " is no sound .npz file: " + e.getMessage(), e);
        }
        return tensors;
    }

    private static Tensor read(InputStream in, long size, String what) throws IOException {
        NpyHeader header = NpyHeader.read(in, size, what);
        Shape shape = header.shape(what);
        int[] dims = shape.dims();
        int rank = dims.length;
        var buffer = header.storage().read(Channels.newChannel(in), shape.size(), what);
        if (!header.fortran() || rank < 2) {
            return Tensor.of(buffer, shape);
        }
        int[] reversed = IntStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        Shape turned = Shape.of(Arrays.stream(reversed).map(i -> dims[i]).toArray());
        Tensor tensor = Tensor.of(buffer, turned).permute(reversed);
        Evaluator.standard().evaluate(tensor);
        return tensor;
    }

    // ---------------------------------------------------------------- writing

    /// Writes an `.npy` file, as a whole or not at all.
    ///
    /// @throws IOException if it cannot be written; what was there before still is
    public static void write(Path file, Tensor tensor) throws IOException {
        long[] dims = Arrays.stream(tensor.shape().dims()).asLongStream().toArray();
        ByteBuffer head = new NpyHeader(StorageType.of(tensor.type()), false, dims).written();
        var buffer = tensor.read();
        AtomicFile.write(
                file,
                channel -> {
                    AtomicFile.writeFully(channel, head);
                    StorageType.write(channel, buffer);
                });
    }
}
