package adjoint.io;

import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What an `.npy` file begins with.
///
/// @param storage the elements' type
/// @param fortran whether the first axis is the densest
/// @param dims lengths of the axes
record NpyHeader(StorageType storage, boolean fortran, long... dims) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST = 1 << 16;
    private static final Pattern HEADER =
            Pattern.compile(
                    "\\{\\s*+((?:'\\w++'\\s*+:\\s*+(?:'[^']*+'|True|False|\\([\\d,\\s]*+\\))\\s*+,?+\\s*+){0,8})}\\s*+");
    private static final Pattern ITEM = Pattern.compile("'(\\w+)'\\s*:\\s*('[^']*'|True|False|\\([\\d,\\s]*\\))");

    /// Reads it and checks that the elements have the room they need.
    ///
    /// @param size of the whole, in bytes
    /// @param what names what is read, for messages
    static NpyHeader read(InputStream in, long size, String what) throws IOException {
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
        NpyHeader header = of(new String(exactly(in, length, what), StandardCharsets.UTF_8), what);
        long present = size - 8 - lengthBytes - length;
        if (header.bytes(what) != present) {
            throw new FormatException(
                    what
                            + " needs "
                            + header.bytes(what)
                            + " bytes for "
                            + header.storage.npy()
                            + " "
                            + Arrays.toString(header.dims)
                            + ", and has "
                            + present);
        }
        return header;
    }

    private static byte[] exactly(InputStream in, int count, String what) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException(what + " ends in its header: the file is cut off");
        }
        return bytes;
    }

    // A Python dictionary with exactly the keys descr, fortran_order and shape.
    private static NpyHeader of(String text, String what) throws FormatException {
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
        return new NpyHeader(storage, order.equals("True"), dims(shape, what));
    }

    private static long[] dims(String text, String what) throws FormatException {
        try {
            return Arrays.stream(text.substring(1, text.length() - 1).split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
        } catch (NumberFormatException e) {
            throw unreadable(text, what, e);
        }
    }

    private static FormatException unreadable(String shape, String what, Exception cause) {
        return new FormatException(what + " has the shape " + shape + ", which cannot be read here", cause);
    }

    /// How many bytes the elements take.
    long bytes(String what) throws FormatException {
        try {
            return Arrays.stream(dims).reduce(storage.bytes(), Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw new FormatException(what + " of shape " + Arrays.toString(dims) + " is too large", e);
        }
    }

    /// The shape of a tensor of the elements.
    Shape shape(String what) throws FormatException {
        try {
            return Shape.of(Arrays.stream(dims).mapToInt(Math::toIntExact).toArray());
        } catch (ArithmeticException | ShapeException e) {
            throw unreadable(Arrays.toString(dims), what, e);
        }
    }

    /// As it stands in a file of version 1.0: the elements behind it lie at a multiple of 64 bytes. With one axis it has 128 bytes,
    /// however long that is.
    ByteBuffer written() {
        String header =
                "{'descr': '"
                        + storage.npy()
                        + "', 'fortran_order': "
                        + (fortran ? "True" : "False")
                        + ", 'shape': ("
                        + Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(", "))
                        + (dims.length == 1 ? "," : "")
                        + "), }";
        int length = Math.ceilDiv(10 + header.length() + 1, 64) * 64 - 10;
        ByteBuffer head = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
        head.put(header.getBytes(StandardCharsets.US_ASCII));
        while (head.remaining() > 1) {
            head.put((byte) ' ');
        }
        return head.put((byte) '\n').flip();
    }
}
