package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import javax.imageio.ImageIO;

class ImagesTest {
    @TempDir private Path folder;

    private Path write(BufferedImage image, String format) throws IOException {
        Path file = folder.resolve("picture." + format);
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
        return file;
    }

    // What to write for a pixel with so much ink.
    private interface Pen {
        int argb(int ink);
    }

    private static int grey(int value) {
        return 0xff000000 | value << 16 | value << 8 | value;
    }

    private static BufferedImage picture(byte[] digit, int side, int type, int around, Pen pen) {
        var image = new BufferedImage(side + 3 * around, side + 2 * around, type);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int row = y - around;
                int column = x - 2 * around;
                boolean inside = row >= 0 && row < side && column >= 0 && column < side;
                int ink = inside ? digit[row * side + column] & 255 : 0;
                if (type == BufferedImage.TYPE_BYTE_GRAY) {
                    image.getRaster().setSample(x, y, 0, pen.argb(ink) & 255);
                } else {
                    image.setRGB(x, y, pen.argb(ink));
                }
            }
        }
        return image;
    }

    private static double likeness(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Test
    void aDigitLooksTheSameHoweverItWasWritten() throws IOException {
        int rgb = BufferedImage.TYPE_INT_RGB;
        int argb = BufferedImage.TYPE_INT_ARGB;
        int grey = BufferedImage.TYPE_BYTE_GRAY;
        double sum = 0;
        for (int i = 0; i < 30; i++) {
            byte[] small = Digits.draw(5, i, i % 10);
            byte[] large = Digits.draw(5, i, i % 10, 280);
            float[] coarse = Images.digit(write(picture(small, 28, grey, 0, ink -> ink), "png"));
            float[] wanted = Images.digit(write(picture(large, 280, grey, 0, ink -> ink), "png"));
            assertThat(likeness(coarse, wanted)).as("picture %d", i).isGreaterThan(0.7); // may be a pixel aside
            sum += likeness(coarse, wanted);
            BufferedImage[] ways = {
                picture(large, 280, grey, 0, ink -> 255 - ink),
                picture(large, 280, rgb, 60, ink -> grey(230 - ink * 3 / 4)),
                picture(large, 280, argb, 10, ink -> ink << 24), // black on nothing
                picture(large, 280, argb, 10, ink -> ink << 24 | 0xffffff), // white on nothing
            };
            for (int way = 0; way < ways.length; way++) {
                float[] got = Images.digit(write(ways[way], "png"));
                assertThat(likeness(got, wanted)).as("way %d of picture %d", way, i).isGreaterThan(0.98);
                assertThat(max(got)).isEqualTo(1);
            }
            assertThat(likeness(Images.digit(write(ways[0], "jpg")), wanted)).isGreaterThan(0.98);
            assertThat(likeness(Images.digit(write(ways[1], "bmp")), wanted)).isGreaterThan(0.98);
        }
        assertThat(sum / 30).isGreaterThan(0.93);
    }

    private static float max(float... values) {
        float max = 0;
        for (float v : values) {
            max = Math.max(max, v);
        }
        return max;
    }

    @Test
    void aDigitIsScaledAndCentred() throws IOException {
        var image = new BufferedImage(300, 200, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 20; y < 120; y++) {
            for (int x = 200; x < 220; x++) {
                image.getRaster().setSample(x, y, 0, 200);
            }
        }
        float[] digit = Images.digit(write(image, "png"));
        for (int i = 0; i < 784; i++) {
            boolean inside = i / 28 >= 4 && i / 28 < 24 && i % 28 >= 12 && i % 28 < 16;
            assertThat(digit[i]).as("pixel %d", i).isCloseTo(inside ? 1 : 0, within(1e-5f));
        }
    }

    @Test
    void readsGreyAndColours() throws IOException {
        var grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(1, 0, 0, 51);
        Picture picture = Images.read(write(grey, "png"));
        assertThat(picture.channels()).isEqualTo(1);
        assertThat(picture.pixels()).containsExactly(new float[] {0, 0.2f}, within(1e-6f));

        var colours = new BufferedImage(1, 2, BufferedImage.TYPE_INT_ARGB);
        colours.setRGB(0, 0, 0xffff3300);
        picture = Images.read(write(colours, "png"));
        assertThat(picture.height()).isEqualTo(2);
        assertThat(picture.pixels()).containsExactly(new float[] {1, 0.2f, 0, 1, 1, 1}, within(1e-6f));
        assertThat(picture.grey().pixels()).containsExactly(new float[] {0.299f + 0.2f * 0.587f, 1}, within(1e-5f));
        assertThat(picture.grey().channels(3).pixels()).hasSize(6);
    }

    @Test
    void shrinksByAreaAndGrowsBetween() {
        var picture = new Picture(1, 4, 1, new float[] {0, 1, 1, 0.5f});
        assertThat(picture.resize(1, 2).pixels()).containsExactly(new float[] {0.5f, 0.75f}, within(1e-6f));
        assertThat(picture.resize(3, 1).pixels()).containsExactly(new float[] {0.625f, 0.625f, 0.625f}, within(1e-6f));
        assertThat(new Picture(1, 3, 1, new float[] {0, 1, 0}).resize(1, 2).pixels())
                .containsExactly(new float[] {1 / 3f, 1 / 3f}, within(1e-6f));
        assertThat(new Picture(1, 2, 1, new float[] {0, 1}).resize(1, 4).pixels())
                .containsExactly(new float[] {0, 0.25f, 0.75f, 1}, within(1e-6f));
    }

    @Test
    void namesTheFileThatCannotBeUsed() throws IOException {
        assertThatThrownBy(() -> Images.read(folder.resolve("none.png")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("none.png");
        assertThatThrownBy(() -> Images.read(folder)).isInstanceOf(DataException.class).hasMessageContaining("folder");
        Path text = Files.writeString(folder.resolve("text.png"), "no picture");
        assertThatThrownBy(() -> Images.digit(text)).isInstanceOf(DataException.class).hasMessageContaining("text.png");
        Path blank = write(new BufferedImage(30, 30, BufferedImage.TYPE_INT_ARGB), "png");
        assertThatThrownBy(() -> Images.digit(blank))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("picture.png", "blank");
        byte[] bytes = Files.readAllBytes(write(new BufferedImage(99, 99, BufferedImage.TYPE_INT_RGB), "png"));
        for (int length : new int[] {0, 1, 20, 40, 60}) {
            Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Images.read(cut))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("cut.png");
        }
    }

    @Test
    void greyValuesThatAreNoWholeNumbersAreRefused() throws IOException {
        var raster =
                java.awt.image.Raster.createWritableRaster(
                        new java.awt.image.PixelInterleavedSampleModel(
                                java.awt.image.DataBuffer.TYPE_FLOAT, 2, 2, 1, 2, new int[] {0}),
                        null);
        var model =
                new java.awt.image.ComponentColorModel(
                        java.awt.color.ColorSpace.getInstance(java.awt.color.ColorSpace.CS_GRAY),
                        false,
                        false,
                        java.awt.Transparency.OPAQUE,
                        java.awt.image.DataBuffer.TYPE_FLOAT);
        Path file = write(new BufferedImage(model, raster, false, null), "tiff");
        assertThatThrownBy(() -> Images.read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("grey values of 32 bits, at most 16 are read");
    }
}
