package adjoint.io;

import adjoint.tensor.Evaluator;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST = 1 << 16;
    private static final Pattern HEADER =
            Pattern.compile(
                    "\\{\\s*+((?:'\\w++'\\s*+:\\s*+(?:'[^']*+'|True|False|\\([\\d,\\s]*+\\))\\s*+,?+\\s*+){0,8})}\\s*+");
    private static final Pattern ITEM = Pattern.compile("'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([\\d,\\s]*\\))");

    private Npy() {}

    private record Header(StorageType storage, boolean fortran, Shape shape) {
        long bytes() {
            return shape.size() * storage.bytes();
        }
    }

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
        byte[] start = exactly(in, 8, what);
        if (!Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
            throw new FormatException(what + " is no .npy array: it does not begin with \\x93NUMPY");
        }
        int major = start[6];
        if (major < 1 || major > 3 || start[7] != 0) {
            throw new FormatException(
                    what + " is of version " + major + "." + start[7] + ", and 1.0 to 3.0 are read here");
        }
        int lengthBytes = major == 1 ? 2 : 4;
        var lengths = ByteBuffer.wrap(exactly(in, lengthBytes, what)).order(ByteOrder.LITTLE_ENDIAN);
        int length = major == 1 ? Short.toUnsignedInt(lengths.getShort()) : lengths.getInt();
        if (length < 0 || length > LONGEST) {
            throw new FormatException(
                    what
                            + " says that its header has "
                            + Integer.toUnsignedString(length)
                            + " bytes, which is too many");
        }
        Header header = header(new String(exactly(in, length, what), StandardCharsets.UTF_8), what);
        long present = size - 8 - lengthBytes - length;
        if (header.bytes() != present) {
            throw new FormatException(
                    what
                            + " needs "
                            + header.bytes()
                            + " bytes for "
                            + header.storage.npy()
                            + " "
                            + header.shape
                            + ", and has "
                            + present);
        }
        int[] dims = header.shape.dims();
        int rank = dims.length;
        var buffer = header.storage.read(Channels.newChannel(in), header.shape.size(), what);
        if (!header.fortran || rank < 2) {
            return Tensor.of(buffer, header.shape);
        }
        int[] reversed = IntStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        Shape turned = Shape.of(Arrays.stream(reversed).map(i -> dims[i]).toArray());
        Tensor tensor = Tensor.of(buffer, turned).permute(reversed);
        Evaluator.standard().evaluate(tensor);
        return tensor;
    }

    private static byte[] exactly(InputStream in, int count, String what) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException(what + " ends in its header: the file is cut off");
        }
        return bytes;
    }

    // A Python dictionary with exactly the keys descr, fortran_order and shape.
    private static Header header(String text, String what) throws FormatException {
        Matcher whole = HEADER.matcher(text);
        if (!whole.matches()) {
            String object =
                    text.contains("'descr': [") ? "records of several fields are not read here" : "got " + text.strip();
            throw new FormatException(what + " has a header that is not understood: " + object);
        }
        SequencedMap<String, String> items = new LinkedHashMap<>();
        Matcher item = ITEM.matcher(whole.group(1));
        while (item.find()) {
            if (items.put(item.group(1), item.group(2)) != null) {
                throw new FormatException(what + " has a header that says '" + item.group(1) + "' twice");
            }
        }
        String descr = items.getOrDefault("descr", "");
        String order = items.getOrDefault("fortran_order", "");
        String shape = items.getOrDefault("shape", "");
        boolean sound =
                items.size() == 3 && descr.startsWith("'") && order.matches("True|False") && shape.startsWith("(");
        if (!sound) {
            throw new FormatException(
                    what + " needs a header with descr, fortran_order and shape, got " + text.strip());
        }
        String type = descr.substring(1, descr.length() - 1);
        StorageType storage =
                StorageType.ofNpy(type)
                        .orElseThrow(() ->
                                new FormatException(
                                        what
                                                + " has elements of type '"
                                                + type
                                                + "', which are not read here: save it with .astype('<f4')"));
        Header header = new Header(storage, order.equals("True"), shape(shape, what));
        if (header.shape.size() > Long.MAX_VALUE / storage.bytes()) {
            throw new FormatException(what + " of shape " + header.shape + " is too large");
        }
        return header;
    }

    private static Shape shape(String text, String what) throws FormatException {
        List<String> parts =
                Arrays.stream(text.substring(1, text.length() - 1).split(","))
                        .map(String::strip)
                        .filter(s -> !s.isEmpty())
                        .toList();
        try {
            return Shape.of(parts.stream().mapToInt(Integer::parseInt).toArray());
        } catch (NumberFormatException | ShapeException e) {
            throw new FormatException(what + " has the shape " + text + ", which cannot be read here", e);
        }
    }

    // ---------------------------------------------------------------- writing

    /// Writes an `.npy` file, as a whole or not at all.
    ///
    /// @throws IOException if it cannot be written; what was there before still is
    public static void write(Path file, Tensor tensor) throws IOException {
        int[] dims = tensor.shape().dims();
        String shape = Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        String header =
                "{'descr': '"
                        + StorageType.of(tensor.type()).npy()
                        + "', 'fortran_order': False, 'shape': ("
                        + shape
                        + (dims.length == 1 ? "," : "")
                        + "), }";
        int length = Math.ceilDiv(10 + header.length() + 1, 64) * 64 - 10; // the data is aligned to 64 bytes
        ByteBuffer head = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
        head.put(header.getBytes(StandardCharsets.US_ASCII));
        while (head.remaining() > 1) {
            head.put((byte) ' ');
        }
        head.put((byte) '\n').flip();
        var buffer = tensor.read();
        AtomicFile.write(
                file,
                channel -> {
                    while (head.hasRemaining()) {
                        channel.write(head);
                    }
                    StorageType.write(channel, buffer);
                });
    }
}
