package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;

class IdxTest {
    private static final List<String> CLASSES = List.of("0", "1", "2");

    @TempDir private Path folder;

    private static byte[] idx(int magic, int[] dims, int size) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(magic);
            for (int d : dims) {
                out.writeInt(d);
            }
            for (int i = 0; i < size; i++) {
                out.writeByte(i % 3);
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static byte[] images() throws IOException {
        return idx(0x803, new int[] {5, 2, 3}, 30);
    }

    private static byte[] labels(int n) throws IOException {
        return idx(0x801, new int[] {n}, n);
    }

    @Test
    void readsPlainAndPackedAlike() throws IOException {
        for (boolean packed : new boolean[] {false, true}) {
            Path i = file("images", packed ? gzip(images()) : images());
            Path l = file("labels", packed ? gzip(labels(5)) : labels(5));
            ArrayDataset data = Idx.images(i, l, CLASSES);
            assertThat(data.exampleShape()).containsExactly(2, 3, 1);
            assertThat(data.example(1)).containsExactly(0, 1 / 255f, 2 / 255f, 0, 1 / 255f, 2 / 255f);
            assertThat(data.batch(4, 2).y().toInts()).containsExactly(1, 2);
        }
    }

    @Test
    void refusesWhatIsDamaged() throws IOException {
        Path l = file("labels", labels(5));
        byte[] whole = images();
        check(() -> Idx.images(folder.resolve("none"), l, CLASSES), "there is no file");
        check(() -> Idx.images(folder, l, CLASSES), "is a folder");
        check(() -> Idx.images(l, l, CLASSES), "0x00000801, expected 0x00000803");
        check(() -> Idx.images(file("a", Arrays.copyOf(whole, 40)), l, CLASSES), "ends after 24 of 30");
        check(() -> Idx.images(file("a", Arrays.copyOf(whole, 9)), l, CLASSES), "truncated");
        check(() -> Idx.images(file("a", new byte[0]), l, CLASSES), "truncated");
        check(() -> Idx.images(file("a", Arrays.copyOf(gzip(whole), 25)), l, CLASSES), "truncated");
        byte[] scrambled = gzip(whole);
        scrambled[scrambled.length - 6] ^= 1; // in the checksum
        check(() -> Idx.images(file("a", scrambled), l, CLASSES), "no sound gzip file");
        check(() -> Idx.images(file("a", Arrays.copyOf(whole, 50)), l, CLASSES), "goes on after the 30 elements");
        check(() -> Idx.images(file("a", idx(0x803, new int[] {5, -2, 3}, 0)), l, CLASSES), "header is damaged");
        check(() -> Idx.images(file("a", idx(0x803, new int[] {1 << 30, 99, 99}, 0)), l, CLASSES), "header is damaged");
        check(() -> Idx.images(file("a", whole), file("b", labels(4)), CLASSES), "5 images");
        check(() -> Idx.images(file("a", whole), l, List.of("0", "1")), "label 2 is 2, outside 0 to 1");
        check(
                () -> Idx.images(file("a", idx(0x803, new int[] {0, 2, 3}, 0)), file("b", labels(0)), CLASSES),
                "has no images");
    }

    @Test
    void refusesAFolderWithoutTheFiles() {
        check(() -> Mnist.train(folder), "has no file train-images-idx3-ubyte.gz");
        check(() -> Mnist.train(folder.resolve("none")), "there is no folder");
    }

    @Test
    void readsTheRealFiles() throws IOException {
        Path root = TestData.folder("mnist");
        Assumptions.assumeTrue(Files.isDirectory(root), "MNIST is not there: set ADJOINT_DATA");
        ArrayDataset train = Mnist.train(root);
        assertThat(train.size()).isEqualTo(60_000);
        assertThat(train.batch(0, 1, 2).y().toInts()).containsExactly(5, 0, 4);
        double sum = 0;
        for (int i = 0; i < train.size(); i++) {
            for (float v : train.example(i)) {
                sum += v;
            }
        }
        assertThat(sum / train.size() / 784).isCloseTo(0.1307, org.assertj.core.data.Offset.offset(1e-4));
    }

    private static void check(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(DataException.class).hasMessageContaining(message);
    }

    @Test
    void picturesWithoutPixelsAreRefused() throws IOException {
        Path pictures = file("pictures", idx(0x803, new int[] {5, 0, 28}, 0));
        Path labels = file("labels", labels(5));
        assertThatThrownBy(() -> Idx.images(pictures, labels, CLASSES))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("images of 0 by 28 pixels");
    }

    @Test
    void mnistHasPicturesOfOneSize() throws IOException {
        file("train-images-idx3-ubyte", images());
        file("train-labels-idx1-ubyte", labels(5));
        assertThatThrownBy(() -> Mnist.train(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("has pictures of 2 by 3 pixels, those of mnist have 28 by 28");
    }

    @Test
    void oneSetIsNotTakenForAnother() {
        Path mnist = TestData.folder("mnist");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isDirectory(mnist), "no " + mnist);
        assertThatThrownBy(() -> FashionMnist.train(mnist))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("belongs to mnist, not to fashion-mnist");
    }
}
