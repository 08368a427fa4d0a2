package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

import javax.imageio.ImageIO;

class ImageFolderTest {
    @TempDir private Path folder;

    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

    private static byte[] picture(int red, String format) throws IOException {
        var image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 24; i++) {
            image.setRGB(i % 6, i / 6, red << 16);
        }
        var bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }

    private void file(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private void entry(String prefix, String name, char type, byte[] bytes) throws IOException {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, "0000644");
        put(header, 124, String.format("%011o", bytes.length));
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 257, "ustar");
        put(header, 345, prefix);
        int sum = 0;
        for (byte b : header) {
            sum += b & 255;
        }
        put(header, 148, String.format("%06o\0", sum));
        tar.write(header);
        tar.write(Arrays.copyOf(bytes, (bytes.length + 511) / 512 * 512));
    }

    private static void put(byte[] to, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, to, at, bytes.length);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static void check(ArrayDataset data) {
        assertThat(data.classes()).containsExactly("cats", "dogs");
        assertThat(data.exampleShape()).containsExactly(2, 3, 3);
        assertThat(data.size()).isEqualTo(3);
        int[] reds = {51, 102, 255};
        for (int i = 0; i < 3; i++) {
            assertThat(data.label(i)).isEqualTo(i / 2);
            float[] example = data.example(i);
            for (int p = 0; p < example.length; p++) {
                assertThat(example[p]).isEqualTo(p % 3 == 0 ? reds[i] / 255f : 0);
            }
        }
    }

    @Test
    void readsAFolderForEachClass() throws IOException {
        file("set/dogs/x.gif", picture(255, "gif"));
        file("set/cats/b.PNG", picture(102, "png"));
        file("set/cats/a.bmp", picture(51, "bmp"));
        file("set/cats/.hidden.png", new byte[3]);
        file("set/cats/notes.txt", new byte[3]);
        file("set/readme.md", new byte[3]);
        check(ImageFolder.of(folder.resolve("set"), 2, 3, 3));
        ArrayDataset grey = ImageFolder.of(folder.resolve("set"), 5, 7, 1);
        assertThat(grey.exampleShape()).containsExactly(5, 7, 1);
        assertThat(grey.example(2)[0]).isEqualTo(Math.round(0.299f * 255) / 255f);
    }

    @Test
    void readsArchives() throws IOException {
        String longName = "set/cats/" + "b".repeat(120) + ".png";
        String longerName = "set/dogs/" + "ü".repeat(150) + ".png";
        String path = " path=" + longerName + "\n";
        int length = path.getBytes(StandardCharsets.UTF_8).length + 3;
        entry("", "set/", '5', new byte[0]);
        entry("", "set/README.md", '0', new byte[700]);
        entry("", "pax", 'x', (length + path).getBytes(StandardCharsets.UTF_8));
        entry("", "short", '0', picture(255, "png"));
        entry("", "././@LongLink", 'L', (longName + "\0").getBytes(StandardCharsets.UTF_8));
        entry("", longName.substring(0, 99), '0', picture(102, "png"));
        entry("", "set/dogs/link.txt", '2', new byte[0]);
        entry("set/cats", "a.bmp", '0', picture(51, "bmp"));
        tar.write(new byte[1024]);
        file("set.tar", tar.toByteArray());
        file("set.tgz", gzip(tar.toByteArray()));
        check(ImageFolder.of(folder.resolve("set.tar"), 2, 3, 3));
        check(ImageFolder.of(folder.resolve("set.tgz"), 2, 3, 3));

        file("cut.tar", Arrays.copyOf(tar.toByteArray(), 4000));
        assertRefused("cut.tar", "truncated");
        byte[] packed = gzip(tar.toByteArray());
        file("cut.tgz", Arrays.copyOf(packed, packed.length / 2));
        assertRefused("cut.tgz", "truncated");
        file("text.tar", "no archive ".repeat(100).getBytes(StandardCharsets.UTF_8));
        assertRefused("text.tar", "no sound tar archive");
    }

    @Test
    void readsAnArchiveWithoutOuterFolder() throws IOException {
        entry("", "./dogs/x.png", '0', picture(255, "png"));
        entry("", "./cats/1.png", '0', picture(51, "png"));
        entry("", "./cats/._1.png", '0', new byte[9]);
        entry("", "./cats/2.png", '0', picture(102, "png"));
        tar.write(new byte[512]); // one block of zeros ends it too
        file("set.tar", tar.toByteArray());
        check(ImageFolder.of(folder.resolve("set.tar"), 2, 3, 3));
    }

    private void assertRefused(String name, String... words) {
        assertThatThrownBy(() -> ImageFolder.of(folder.resolve(name), 2, 3, 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(name)
                .hasMessageContainingAll(words);
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        assertRefused("none", "no folder or archive");
        file("flat/a.png", picture(1, "png"));
        assertRefused("flat", "no sub-folders");
        file("damaged/cats/a.png", picture(1, "png"));
        file("damaged/cats/b.png", new byte[20]);
        assertRefused("damaged", "b.png");
        file("empty/cats/a.png", picture(1, "png"));
        Files.createDirectories(folder.resolve("empty/dogs"));
        assertRefused("empty", "dogs", "no pictures");
        entry("", "cats/a.png", '0', picture(1, "png"));
        entry("", "dogs/", '5', new byte[0]);
        file("empty.tar", ended());
        assertRefused("empty.tar", "dogs", "no pictures");
        entry("", "dogs/x.png", '0', new byte[20]);
        file("damaged.tar", ended());
        assertRefused("damaged.tar", "dogs/x.png");
        assertThatThrownBy(() -> ImageFolder.of(folder, 2, 3, 4))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("1 or 3 channels");
    }

    private byte[] ended() {
        byte[] entries = tar.toByteArray();
        return Arrays.copyOf(entries, entries.length + 1024);
    }

    @Test
    void anArchiveThatEndsBetweenTwoEntriesIsTruncated() throws IOException {
        entry("", "cats/a.png", '0', picture(1, "png"));
        entry("", "dogs/a.png", '0', picture(1, "png"));
        file("cut.tar", tar.toByteArray());
        assertRefused("cut.tar", "truncated");
    }

    @Test
    void aLinkToAPictureIsNotPassedOver() throws IOException {
        for (char link : new char[] {'1', '2'}) {
            tar.reset();
            entry("", "cats/a.png", '0', picture(1, "png"));
            entry("", "dogs/b.png", link, new byte[0]);
            file("links.tar", ended());
            assertRefused("links.tar", "dogs/b.png is a link", "--hard-dereference");
        }
    }

    @Test
    void aSizeBeyondAllBoundsIsRefused() throws IOException {
        entry("", "pax", 'x', "28 size=9223372036854775807\n".getBytes(StandardCharsets.UTF_8));
        entry("", "cats/a.png", '0', picture(1, "png"));
        file("size.tar", ended());
        assertRefused("size.tar", "states a size of 9223372036854775807");
        tar.reset();
        entry("", "pax", 'x', "17 size=80000000\n".getBytes(StandardCharsets.UTF_8));
        entry("", "cats/a.png", '0', picture(1, "png"));
        file("large.tar", ended());
        assertRefused("large.tar", "80000000 bytes, at most 67108864");
    }
}
