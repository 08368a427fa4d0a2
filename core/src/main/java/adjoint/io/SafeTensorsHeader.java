package adjoint.io;

import adjoint.kernel.DType;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Spec;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The head of a safetensors file: eight bytes that give the length of a JSON object, and that object, which says for
/// each tensor its type, shape and place.
///
/// @param metadata what the writer noted
/// @param entries the tensors, in the order of their places
/// @param dataStart where the tensors begin in the file
record SafeTensorsHeader(Map<String, String> metadata, SequencedMap<String, Entry> entries, long dataStart) {
    private static final String METADATA = "__metadata__";
    private static final long LONGEST = 100_000_000; // the limit of the reference implementation
    private static final int DEPTH = 4; // object, tensor, list, and one to spare
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder().maxNestingDepth(DEPTH).build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /// One tensor of the file; `start` and `end` count from the beginning of the data.
    record Entry(StorageType storage, Shape shape, long start, long end) {
        Spec spec() {
            return new Spec(shape, storage.type());
        }
    }

    // ---------------------------------------------------------------- reading

    static SafeTensorsHeader read(FileChannel channel, Path file) throws IOException {
        long size = channel.size();
        if (size < 10) {
            throw new FormatException(file + " is no safetensors file: it has only " + size + " bytes");
        }
        long length = bytes(channel, 8, file).getLong();
        if (length < 2 || length > LONGEST || length > size - 8) {
            throw new FormatException(
                    file
                            + " is no safetensors file, or is cut off: it says that its header has "
                            + Long.toUnsignedString(length)
                            + " bytes, and has "
                            + size
                            + " in all");
        }
        JsonNode root = parse(bytes(channel, (int) length, file), file);
        if (!root.isObject()) {
            throw new FormatException(file + ": the header must be a JSON object, got " + root.getNodeType());
        }
        Map<String, String> metadata = new TreeMap<>();
        List<Map.Entry<String, Entry>> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            String name = property.getKey();
            if (name.equals(METADATA)) {
                readMetadata(property.getValue(), metadata, file);
            } else {
                found.add(Map.entry(name, entry(file + ": tensor '" + name + "'", property.getValue())));
            }
        }
        found.sort(
                Comparator.<Map.Entry<String, Entry>>comparingLong(e -> e.getValue().start)
                        .thenComparingLong(e -> e.getValue().end)
                        .thenComparing(Map.Entry::getKey));
        SequencedMap<String, Entry> entries = new LinkedHashMap<>();
        found.forEach(e -> entries.put(e.getKey(), e.getValue()));
        checkPlaces(entries, size - 8 - length, file);
        return new SafeTensorsHeader(metadata, entries, 8 + length);
    }

    private static ByteBuffer bytes(FileChannel channel, int count, Path file) throws IOException {
        var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(file + " ends in its header: the file is cut off");
            }
        }
        return buffer.flip();
    }

    private static JsonNode parse(ByteBuffer header, Path file) throws FormatException {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(header).toString(); // refuses bad UTF-8
            if (text.charAt(0) != '{') {
                throw new FormatException(file + " is no safetensors file: its header does not begin with {");
            }
            return JSON.readTree(text);
        } catch (CharacterCodingException e) {
            throw new FormatException(file + " is no safetensors file: its header is not UTF-8", e);
        } catch (JacksonException e) {
            throw new FormatException(
                    file + ": the header is no valid JSON, or names something twice: " + e.getOriginalMessage(), e);
        }
    }

    private static void readMetadata(JsonNode node, Map<String, String> metadata, Path file) throws FormatException {
        if (!node.isObject()) {
            throw new FormatException(file + ": " + METADATA + " must be a JSON object, got " + node.getNodeType());
        }
        for (Map.Entry<String, JsonNode> e : node.properties()) {
            if (!e.getValue().isString()) {
                throw new FormatException(file + ": the metadata '" + e.getKey() + "' must be a string");
            }
            metadata.put(e.getKey(), e.getValue().stringValue());
        }
    }

    private static Entry entry(String what, JsonNode node) throws FormatException {
        JsonNode dtype = node.path("dtype");
        JsonNode shape = node.path("shape");
        JsonNode offsets = node.path("data_offsets");
        if (node.size() != 3 || !dtype.isString() || !shape.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw new FormatException(what + " must have exactly a dtype, a shape and two data_offsets");
        }
        StorageType storage =
                StorageType.named(dtype.stringValue())
                        .orElseThrow(() ->
                                new FormatException(
                                        what
                                                + " has elements of type "
                                                + dtype.stringValue()
                                                + ", which are not read here: "
                                                + List.of(StorageType.values())
                                                + " are"));
        int[] dims = new int[shape.size()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = Math.toIntExact(whole(what + " axis " + i, shape.get(i), Integer.MAX_VALUE));
        }
        long start = whole(what + " start", offsets.get(0), Long.MAX_VALUE);
        long end = whole(what + " end", offsets.get(1), Long.MAX_VALUE);
        Shape extents;
        try {
            extents = Shape.of(dims);
        } catch (ShapeException e) {
            throw new FormatException(what + ": " + e.getMessage(), e);
        }
        boolean fits =
                extents.size() <= Long.MAX_VALUE / storage.bytes()
                        && end >= start
                        && end - start == extents.size() * storage.bytes();
        if (!fits) {
            throw new FormatException(
                    what + " of " + storage + " " + extents + " cannot lie from byte " + start + " to " + end);
        }
        return new Entry(storage, extents, start, end);
    }

    private static long whole(String what, JsonNode node, long largest) throws FormatException {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new FormatException(what + " must be a whole number, got " + node);
        }
        long value = node.longValue();
        if (value < 0 || value > largest) {
            throw new FormatException(what + " must lie between 0 and " + largest + ", got " + value);
        }
        return value;
    }

    private static void checkPlaces(SequencedMap<String, Entry> entries, long size, Path file) throws FormatException {
        long next = 0;
        for (Map.Entry<String, Entry> e : entries.entrySet()) {
            if (e.getValue().start != next) {
                throw new FormatException(
                        file
                                + ": tensor '"
                                + e.getKey()
                                + "' begins at byte "
                                + e.getValue().start
                                + " where the one before ends at "
                                + next
                                + ": tensors must neither overlap nor leave gaps");
            }
            next = e.getValue().end;
        }
        if (next != size) {
            throw new FormatException(
                    file
                            + ": the tensors take "
                            + next
                            + " bytes, and there are "
                            + size
                            + ": the file is "
                            + (next > size ? "cut off" : "too long"));
        }
    }

    // ---------------------------------------------------------------- writing

    /// The bytes of a header, padded with spaces so that the data is aligned to eight bytes.
    static ByteBuffer write(SequencedMap<String, Spec> specs, Map<String, String> metadata) {
        ObjectNode root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode notes = root.putObject(METADATA);
            new TreeMap<>(metadata).forEach(notes::put);
        }
        long start = 0;
        for (Map.Entry<String, Spec> e : specs.entrySet()) {
            DType type = e.getValue().type();
            long end = start + e.getValue().shape().size() * type.bytes();
            ObjectNode node = root.putObject(e.getKey());
            node.put("dtype", StorageType.of(type).name());
            var dims = node.putArray("shape");
            for (int d : e.getValue().shape().dims()) {
                dims.add(d);
            }
            node.putArray("data_offsets").add(start).add(end);
            start = end;
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int length = Math.ceilDiv(json.length, 8) * 8;
        if (length > LONGEST) {
            throw new IllegalArgumentException("a safetensors header has at most " + LONGEST + " bytes, got " + length);
        }
        ByteBuffer buffer = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(length).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }

    /// Refuses the name that the format keeps for itself.
    static void checkName(String name) {
        if (name.equals(METADATA)) {
            throw new IllegalArgumentException(
                    "a tensor cannot be named " + METADATA + ", which is the metadata's name");
        }
    }
}
