package adjoint.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.kernel.DType;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;

class SafeTensorsTest {
    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("weights.safetensors");
    }

    private static SequencedMap<String, Tensor> tensors() {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("floats", Tensor.of(new float[] {1.5f, -0f, Float.NaN, Float.NEGATIVE_INFINITY, 1e-40f, 3}, 2, 3));
        tensors.put("doubles", Tensor.of(new double[] {Math.PI, Double.MIN_VALUE}, 2));
        tensors.put("longs", Tensor.of(new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 1}, 3));
        tensors.put("ints \"quoted\" ü", Tensor.of(new int[] {Integer.MIN_VALUE, 7}, 2, 1));
        tensors.put("bools", Tensor.of(new boolean[] {true, false, true}, 3));
        tensors.put("scalar", Tensor.scalar(2));
        tensors.put("empty", Tensor.of(new float[0], 0, 3));
        return tensors;
    }

    @Test
    void readsWhatItWrote() throws IOException {
        SafeTensors.write(file(), tensors(), Map.of("epoch", "3", "note", "a\nb"));
        SafeTensors read = SafeTensors.read(file());
        assertThat(read.metadata()).isEqualTo(Map.of("epoch", "3", "note", "a\nb"));
        assertThat(read.names()).containsExactlyInAnyOrderElementsOf(tensors().keySet());
        for (Map.Entry<String, Tensor> e : tensors().entrySet()) {
            Tensor got = read.tensor(e.getKey());
            assertThat(got.spec()).isEqualTo(e.getValue().spec());
            assertThat(read.specs()).containsEntry(e.getKey(), got.spec());
            assertThat(got.toArray()).isEqualTo(e.getValue().toArray());
        }
        assertThatThrownBy(() -> read.tensor("nothing")).hasMessageContaining("has no tensor 'nothing'");
        assertThat(Files.list(folder)).containsExactly(file());
        byte[] bytes = Files.readAllBytes(file());
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
    }

    @Test
    void orderDoesNotChangeTheBytes() throws IOException {
        SafeTensors.write(file(), tensors(), Map.of("a", "1", "b", "2"));
        String first = SafeTensors.sha256(file());
        SequencedMap<String, Tensor> other = new LinkedHashMap<>();
        tensors().reversed().forEach(other::put);
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("b", "2");
        metadata.put("a", "1");
        SafeTensors.write(file(), other, metadata);
        assertThat(SafeTensors.sha256(file())).isEqualTo(first);
    }

    @Test
    void largeTensorsCrossTheChunks() throws IOException {
        float[] values = new float[700_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        SafeTensors.write(file(), Map.of("w", Tensor.of(values)), Map.of());
        assertThat(SafeTensors.read(file()).tensor("w").toFloats()).isEqualTo(values);
    }

    @Test
    void checksum() throws IOException {
        Files.writeString(file(), "abc");
        assertThat(SafeTensors.sha256(file()))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void convertsSmallTypes() throws IOException {
        String header =
                "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                        + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]},"
                        + "\"c\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[8,9]},"
                        + "\"d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9,10]},"
                        + "\"e\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[10,12]},"
                        + "\"f\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[12,14]},"
                        + "\"g\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[14,18]}}";
        var data = ByteBuffer.allocate(18).order(ByteOrder.LITTLE_ENDIAN);
        data.putShort(Float.floatToFloat16(1.5f)).putShort(Float.floatToFloat16(-65504));
        data.putShort((short) 0x3FC0).putShort((short) 0xC000); // 1.5, -2
        data.put((byte) -1).put((byte) -1).putShort((short) -1).putShort((short) -1).putInt(-1);
        raw(header, data.array());
        SafeTensors read = SafeTensors.read(file());
        assertThat(read.tensor("a").toFloats()).containsExactly(1.5f, -65504);
        assertThat(read.tensor("b").toFloats()).containsExactly(1.5f, -2);
        assertThat(read.tensor("c").toInts()).containsExactly(-1);
        assertThat(read.tensor("d").toInts()).containsExactly(255);
        assertThat(read.tensor("e").toInts()).containsExactly(-1);
        assertThat(read.tensor("f").toInts()).containsExactly(65535);
        assertThat(read.tensor("g").toLongs()).containsExactly(4294967295L);
        assertThat(read.specs().get("g").type()).isEqualTo(DType.INT64);
    }

    // ---------------------------------------------------------------- damaged files

    private void raw(String header, byte... data) throws IOException {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        var bytes = new ByteArrayOutputStream();
        bytes.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(head.length).array());
        bytes.write(head);
        bytes.write(data);
        Files.write(file(), bytes.toByteArray());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | `` | 4 | the file is too long",
                "[] | `` | 0 | does not begin with {",
                "{\"a\":1} | `` | 0 | exactly a dtype",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | `` | 3 | cut off",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | `` | 5 | too long",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | `` | 4 | cannot lie",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | `` | 4 | cannot lie",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | `` | 8 | neither overlap nor leave"
                        + " gaps",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | `` | 4 | between 0 and",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | `` | 4 | whole number",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999],\"data_offsets\":[0,4]}} | `` | 4 | between 0 and"
                        + " 2147483647",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,4]}} | `` |"
                        + " 4 | more elements",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647],\"data_offsets\":[0,4]}} | `` | 4 | cannot"
                        + " lie",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}} | `` | 4 | whole"
                        + " number",
                "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}} | `` | 1 | type F8_E4M3, which"
                        + " are not read",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"x\":1}} | `` | 4 | exactly a dtype",
                "{\"__metadata__\":{\"a\":1}} | `` | 0 | must be a string",
                "{\"__metadata__\":[]} | `` | 0 | must be a JSON object",
                "{\"a\":[[[[[[[[]]]]]]]]} | `` | 0 | no valid JSON",
                "{\"a\":{\"dtype\":\"F32\" | `` | 0 | no valid JSON",
                "{} {} | `` | 0 | no valid JSON",
            })
    void unsoundHeadersAreRefused(String header, String unused, int size, String message) throws IOException {
        assertThat(unused).isEmpty();
        raw(header, new byte[size]);
        assertThatThrownBy(() -> SafeTensors.read(file()))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining(message);
    }

    @Test
    void doubleNamesAndOverlapsAreRefused() throws IOException {
        String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        raw("{" + a + "," + a + "}", new byte[4]);
        assertThatThrownBy(() -> SafeTensors.read(file())).hasMessageContaining("names something twice");
        raw("{" + a + "," + a.replace("\"a\"", "\"b\"") + "}", new byte[4]);
        assertThatThrownBy(() -> SafeTensors.read(file())).hasMessageContaining("overlap");
        raw("{" + a.replace("[0,4]", "[0,4],\"dtype\":\"I32\"") + "}", new byte[4]);
        assertThatThrownBy(() -> SafeTensors.read(file())).hasMessageContaining("names something twice");
    }

    @Test
    void truthValuesOtherThanZeroAndOneAreRefused() throws IOException {
        raw("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", (byte) 1, (byte) 2);
        assertThatThrownBy(() -> SafeTensors.read(file()).tensor("a")).hasMessageContaining("truth value 2");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 0, 1, 100_000_001, Long.MAX_VALUE, 60})
    void senselessLengthsAreRefused(long length) throws IOException {
        byte[] bytes = Arrays.copyOf(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array(), 64);
        Files.write(file(), bytes);
        assertThatThrownBy(() -> SafeTensors.read(file())).isInstanceOf(FormatException.class);
    }

    @Test
    void cutAndGarbledFilesNeverDoAnythingButRefuse() throws IOException {
        SafeTensors.write(file(), tensors(), Map.of("k", "v"));
        byte[] whole = Files.readAllBytes(file());
        for (int n = 0; n < whole.length; n++) {
            Files.write(file(), Arrays.copyOf(whole, n));
            assertThatThrownBy(() -> SafeTensors.read(file())).isInstanceOf(IOException.class);
        }
        var random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] garbled = whole.clone();
            garbled[random.nextInt(garbled.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file(), garbled);
            try {
                SafeTensors.read(file()).tensors();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining(file().toString());
            }
        }
    }

    @Test
    void aFileThatChangesIsRefused() throws IOException {
        SafeTensors.write(file(), tensors(), Map.of());
        SafeTensors read = SafeTensors.read(file());
        SafeTensors.write(file(), Map.of("a", Tensor.ones(2)), Map.of());
        assertThatThrownBy(() -> read.tensor("floats"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has changed");
    }

    @Test
    void whatCannotBeWrittenOrReadIsSaid() throws IOException {
        assertThatThrownBy(() -> SafeTensors.write(folder.resolve("no/w"), tensors(), Map.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> SafeTensors.write(folder, tensors(), Map.of())).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> SafeTensors.read(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no such file");
        assertThatThrownBy(() -> SafeTensors.read(folder)).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> SafeTensors.write(file(), Map.of("__metadata__", Tensor.ones(1)), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
        Files.writeString(file(), "before");
        assertThatThrownBy(() ->
                        AtomicFile.write(
                                file(),
                                channel -> {
                                    channel.write(ByteBuffer.wrap(new byte[100]));
                                    throw new IOException("No space left on device");
                                }))
                .hasMessage("cannot write " + file() + ": No space left on device");
        assertThat(file()).hasContent("before");
        assertThat(Files.list(folder)).containsExactly(file());
    }

    // ---------------------------------------------------------------- loading

    @Test
    void loadsOrChangesNothing() throws IOException {
        Map<String, Parameter> saved = Map.of("w", Parameter.of(Tensor.ones(2, 3)), "b", Parameter.of(Tensor.ones(3)));
        SafeTensors.writeParameters(file(), saved, Map.of());
        Parameter w = Parameter.of(Tensor.zeros(2, 3));
        Parameter b = Parameter.of(Tensor.zeros(3));
        SafeTensors read = SafeTensors.read(file());

        Map<String, Parameter> wrong = Map.of("w", w, "b", Parameter.of(Tensor.zeros(4)), "c", b);
        assertThatThrownBy(() -> read.load(wrong))
                .isInstanceOfSatisfying(
                        WeightsException.class, e -> assertThat(e.report().missing()).containsExactly("c"))
                .hasMessageContaining("1 missing from the file (c)")
                .hasMessageContaining("b: float32 [4], file has float32 [3]");
        assertThat(w.value().toFloats()).containsOnly(0);
        WeightsReport report = read.loadFitting(wrong);
        assertThat(report.loaded()).containsExactly("w");
        assertThat(report.fits()).isFalse();
        assertThat(w.value().toFloats()).containsOnly(1);

        assertThatThrownBy(() -> read.load(Map.of("w", w))).hasMessageContaining("1 in the file only (b)");
        assertThat(read.load(Map.of("w", w, "b", b)).fits()).isTrue();
        assertThat(b.value().toFloats()).containsExactly(1, 1, 1);
    }

    // ---------------------------------------------------------------- other people's files

    @ParameterizedTest
    @ValueSource(
            strings = {
                "batch_norm2d",
                "boolean",
                "conv2d",
                "embedding",
                "integer",
                "layer_norm",
                "linear",
                "multi_layer",
                "non_contiguous_indexes"
            })
    void readsPyTorchsFiles(String name) throws IOException {
        SafeTensors read = SafeTensors.read(Data.file("interop/safetensors/" + name + ".safetensors"));
        assertThat(read.tensors()).isNotEmpty().hasSize(read.names().size());
        SafeTensors.write(file(), read.tensors(), read.metadata());
        SafeTensors again = SafeTensors.read(file());
        for (String tensor : read.names()) {
            assertThat(again.tensor(tensor).toArray()).isEqualTo(read.tensor(tensor).toArray());
        }
    }

    @Test
    void readsTheNumbersOfPyTorchsFiles() throws IOException {
        assertThat(one("boolean").toBooleans()).containsExactly(true, false, true);
        assertThat(one("integer").toLongs()).containsExactly(1, 2, 3);
        Tensor bias = SafeTensors.read(Data.file("interop/safetensors/layer_norm.safetensors")).tensor("norm1.weight");
        assertThat(bias.toFloats()).containsExactly(1, 1);
        var mnist = SafeTensors.read(Data.file("interop/mnist-cnn-pytorch/mnist.safetensors"));
        assertThat(mnist.tensors().values()).allSatisfy(t -> assertThat(t.toFloats()).doesNotContain(Float.NaN));
    }

    private static Tensor one(String name) throws IOException {
        return SafeTensors.read(Data.file("interop/safetensors/" + name + ".safetensors"))
                .tensors()
                .firstEntry()
                .getValue();
    }
}
