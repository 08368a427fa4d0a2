package adjoint.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// Reads pictures: PNG, JPEG, BMP, GIF (its first frame) and whatever else the Java runtime decodes.
public final class Images {
    private static final int MOST_BITS = 16;
    private static final int MOST_PIXELS = 50_000_000;
    private static final int WORKING_SIDE = 560;
    private static final int SIDE = 28;
    private static final int BOX = 20;
    private static final float LEAST_CONTRAST = 0.1f;
    private static final float CLEARLY_INK = 0.3f;

    private Images() {}

    /// A picture; grey ones get 1 channel, all others 3. What is transparent shows white paper.
    ///
    /// @throws DataException if the file is missing or cannot be decoded
    public static Picture read(Path file) {
        return decode(load(file), file.toString(), 1);
    }

    /// A picture of one digit made to look as in MNIST, for a network that was trained on it.
    ///
    /// The picture can have any size, and dark ink on light or light on dark: what most of the border is, is paper. The
    /// ink is cut out, scaled to fit 20 by 20, and put with its centre of mass in the middle of 28 by 28, bright.
    ///
    /// @return 784 values, 0 … 1, row by row
    /// @throws DataException if the file is missing, cannot be decoded, or shows nothing
    public static float[] digit(Path file) {
        byte[] bytes = load(file);
        for (float paper : new float[] {1, 0}) { // white ink on nothing shows on black paper only
            Picture ink = ink(decode(bytes, file.toString(), paper).grey());
            if (ink != null) {
                return centred(ink);
            }
        }
        throw new DataException(file + " shows no digit: it is blank, expected ink that stands out from the border");
    }

    static byte[] load(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new DataException(file + " is a folder, expected a picture");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new DataException("there is no file " + file, e);
        } catch (IOException e) {
            throw new DataException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /// @param name for messages
    /// @param paper the grey that shows where the picture is transparent
    static Picture decode(byte[] bytes, String name, float paper) {
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            var readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataException(name + " is no picture that can be decoded, expected PNG, JPEG, BMP or GIF");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long size = (long) reader.getWidth(0) * reader.getHeight(0);
                if (size > MOST_PIXELS) {
                    throw new DataException(name + " has " + size + " pixels, at most " + MOST_PIXELS + " are read");
                }
                return picture(reader.read(0), name, paper);
            } finally {
                reader.dispose();
            }
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // decoders meet damage with all kinds of exceptions
            throw new DataException(name + " cannot be decoded, it seems damaged: " + e.getMessage(), e);
        }
    }

    private static Picture picture(BufferedImage image, String name, float paper) {
        ColorModel model = image.getColorModel();
        boolean grey = !(model instanceof IndexColorModel) && model.getNumColorComponents() == 1;
        return grey ? greyPicture(image, name, paper) : colourPicture(image, paper);
    }

    // Grey samples as they are: getRGB would take them for linear light and brighten them.
    private static Picture greyPicture(BufferedImage image, String name, float paper) {
        Raster raster = image.getRaster();
        int width = image.getWidth();
        boolean alpha = raster.getNumBands() > 1;
        int bits = raster.getSampleModel().getSampleSize(0);
        if (bits > MOST_BITS) {
            throw new DataException(
                    name + " has grey values of " + bits + " bits, at most " + MOST_BITS + " are read: save it as PNG");
        }
        float scale = 1f / ((1 << bits) - 1);
        float[] pixels = new float[image.getHeight() * width];
        for (int i = 0; i < pixels.length; i++) {
            float opaque = alpha ? raster.getSample(i % width, i / width, 1) * scale : 1;
            pixels[i] = over(paper, raster.getSample(i % width, i / width, 0) * scale, opaque);
        }
        return new Picture(image.getHeight(), width, 1, pixels);
    }

    private static Picture colourPicture(BufferedImage image, float paper) {
        int width = image.getWidth();
        float[] pixels = new float[Math.multiplyExact(image.getHeight() * width, 3)];
        int[] row = new int[width];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int i = 0; i < 3 * width; i++) {
                int argb = row[i / 3];
                float opaque = (argb >>> 24) / 255f;
                pixels[3 * y * width + i] = over(paper, (argb >>> (16 - 8 * (i % 3)) & 255) / 255f, opaque);
            }
        }
        return new Picture(image.getHeight(), width, 3, pixels);
    }

    private static float over(float paper, float value, float opaque) {
        return opaque * value + (1 - opaque) * paper;
    }

    // The ink alone, cut out and bright, or null if there is none.
    private static Picture ink(Picture picture) {
        Picture grey = fit(picture, Math.min(WORKING_SIDE, Math.max(picture.height(), picture.width())));
        int width = grey.width();
        float[] values = grey.pixels();
        float low = values[0];
        float high = values[0];
        for (float v : values) {
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
        float paper = border(grey);
        boolean dark = paper > (low + high) / 2;
        float peak = dark ? paper - low : high - paper;
        if (peak < LEAST_CONTRAST) {
            return null;
        }
        float[] ink = new float[values.length];
        int top = grey.height();
        int bottom = -1;
        int left = width;
        int right = -1;
        for (int i = 0; i < ink.length; i++) {
            ink[i] = Math.clamp((dark ? paper - values[i] : values[i] - paper) / peak, 0f, 1f);
            if (ink[i] > CLEARLY_INK) {
                top = Math.min(top, i / width);
                bottom = i / width;
                left = Math.min(left, i % width);
                right = Math.max(right, i % width);
            }
        }
        return new Picture(grey.height(), width, 1, ink).crop(top, left, bottom - top + 1, right - left + 1);
    }

    // The median of the border.
    private static float border(Picture grey) {
        int height = grey.height();
        int width = grey.width();
        float[] border = new float[2 * (height + width)];
        for (int x = 0; x < width; x++) {
            border[2 * x] = grey.pixels()[x];
            border[2 * x + 1] = grey.pixels()[(height - 1) * width + x];
        }
        for (int y = 0; y < height; y++) {
            border[2 * (width + y)] = grey.pixels()[y * width];
            border[2 * (width + y) + 1] = grey.pixels()[y * width + width - 1];
        }
        Arrays.sort(border);
        return border[border.length / 2];
    }

    // Scaled so that the longer side is so long.
    private static Picture fit(Picture picture, int side) {
        double scale = (double) side / Math.max(picture.height(), picture.width());
        return picture.resize(
                (int) Math.max(1, Math.round(scale * picture.height())),
                (int) Math.max(1, Math.round(scale * picture.width())));
    }

    private static float[] centred(Picture ink) {
        Picture small = fit(ink, BOX);
        float[] values = small.pixels();
        float peak = 0;
        double mass = 0;
        double x = 0;
        double y = 0;
        for (int i = 0; i < values.length; i++) {
            peak = Math.max(peak, values[i]);
            mass += values[i];
            x += values[i] * (i % small.width() + 0.5);
            y += values[i] * (i / small.width() + 0.5);
        }
        int left = Math.clamp(Math.round(SIDE / 2.0 - x / mass), 0, SIDE - small.width());
        int top = Math.clamp(Math.round(SIDE / 2.0 - y / mass), 0, SIDE - small.height());
        float[] digit = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            digit[(top + i / small.width()) * SIDE + left + i % small.width()] = values[i] / peak;
        }
        return digit;
    }
}
