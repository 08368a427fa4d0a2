package adjoint.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.kernel.DType;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

class NpyTest {
    @Test
    void aFileThatIsNotThereIsNamed() {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Npy.read(Path.of("nope.npy")))
                .hasMessage("cannot read nope.npy: there is no such file");
    }

    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("array.npy");
    }

    private void raw(int version, String header, byte... data) throws IOException {
        byte[] head = header.getBytes(StandardCharsets.US_ASCII);
        var bytes = ByteBuffer.allocate(64 + head.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (version == 1) {
            bytes.putShort((short) head.length);
        } else {
            bytes.putInt(head.length);
        }
        bytes.put(head).put(data);
        Files.write(file(), Arrays.copyOf(bytes.array(), bytes.position()));
    }

    private static byte[] counting(int n) {
        var bytes = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < n; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    @Test
    void readsWhatItWrote() throws IOException {
        List<Tensor> tensors =
                List.of(
                        Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
                        Tensor.of(new double[] {Math.E}, 1),
                        Tensor.of(new int[] {-1, 2}, 2),
                        Tensor.of(new long[] {1L << 40}, 1, 1),
                        Tensor.of(new boolean[] {true, false}, 2),
                        Tensor.scalar(3),
                        Tensor.of(new float[0], 3, 0));
        for (Tensor t : tensors) {
            Npy.write(file(), t);
            Tensor read = Npy.read(file());
            assertThat(read.spec()).isEqualTo(t.spec());
            assertThat(read.toArray()).isEqualTo(t.toArray());
        }
        Npy.write(file(), tensors.getFirst());
        byte[] bytes = Files.readAllBytes(file());
        assertThat(bytes).hasSize(128 + 24);
        assertThat(new String(bytes, 10, 118, StandardCharsets.US_ASCII))
                .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  ")
                .endsWith(" \n");
    }

    @Test
    void readsFortranOrderAndAllVersions() throws IOException {
        for (int version = 1; version <= 3; version++) {
            raw(version, "{'shape': (2, 3), 'fortran_order': True, 'descr': '<f4'}\n", counting(6));
            Tensor read = Npy.read(file());
            assertThat(read.shape()).isEqualTo(Shape.of(2, 3));
            assertThat(read.toFloats()).containsExactly(0, 2, 4, 1, 3, 5);
        }
        raw(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", (byte) 1, (byte) 255);
        assertThat(Npy.read(file()).toInts()).containsExactly(1, 255);
        assertThat(Npy.read(file()).type()).isEqualTo(DType.INT32);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } | 23 | needs 24 bytes",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } | 25 | has 25",
                "{'descr': '>f4', 'fortran_order': False, 'shape': (1,), } | 4 | type '>f4'",
                "{'descr': '~O', 'fortran_order': False, 'shape': (1,), } | 4 | type '~O'",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), } | 4 | several fields",
                "{'descr': '<f4', 'fortran_order': False} | 4 | descr, fortran_order and shape",
                "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), } | 4 | twice",
                "{'descr': '<f4', 'fortran_order': 'False', 'shape': (1,), } | 4 | needs a header",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), } | 4 | needs 399999999996 bytes",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), } | 4 | cannot be read",
                "{'descr': '~b1', 'fortran_order': False, 'shape': (99999999999, 0), } | 0 | cannot be read",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), } | 4 | not understood",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647), } | 4 | too large",
                "garbage | 4 | not understood",
            })
    void unsoundFilesAreRefused(String header, int size, String message) throws IOException {
        raw(1, header.replace("~", "|"), new byte[size]);
        assertThatThrownBy(() -> Npy.read(file()))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(file().toString())
                .hasMessageContaining(message.replace("~", "|"));
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        Files.writeString(file(), "PK and so on");
        assertThatThrownBy(() -> Npy.read(file())).hasMessageContaining("does not begin with");
        assertThatThrownBy(() -> Npy.readAll(file())).isInstanceOf(FormatException.class);
        Files.writeString(file(), "PK");
        assertThatThrownBy(() -> Npy.read(file())).hasMessageContaining("cut off");
        raw(4, "{}");
        assertThatThrownBy(() -> Npy.read(file())).hasMessageContaining("version 4.0");
        raw(1, " ".repeat(60_000) + "{" + " ".repeat(5000));
        assertThatThrownBy(() -> Npy.read(file())).isInstanceOf(FormatException.class);
        try (var zip = new ZipOutputStream(Files.newOutputStream(file()))) {
            zip.putNextEntry(new ZipEntry("notes.txt"));
        }
        assertThatThrownBy(() -> Npy.readAll(file())).hasMessageContaining("notes.txt is no .npy array");
    }

    @Test
    void readsNumPysFiles() throws IOException {
        String mnist = "interop/mnist-cnn-pytorch/";
        SequencedMap<String, Tensor> all = Npy.readAll(Data.file(mnist + "derived-io.npz"));
        assertThat(all).containsKeys("input", "labels", "logprob_onnx", "logprob_safetensors", "logprob_pt");
        assertThat(all.get("logprob_pt").type()).isEqualTo(DType.FLOAT64);
        Tensor input = Npy.read(Data.file(mnist + "derived-input.npy"));
        assertThat(all.get("input").toFloats()).isEqualTo(input.toFloats());
        int[] labels = all.get("labels").toInts();
        assertThat(Arrays.copyOf(labels, 5)).containsExactly(7, 2, 1, 0, 4); // the first test digits of MNIST
        Npy.write(file(), input);
        assertThat(Files.mismatch(file(), Data.file(mnist + "derived-input.npy"))).isEqualTo(-1);
    }
}
