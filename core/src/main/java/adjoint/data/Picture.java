package adjoint.data;

import java.util.Arrays;

/// A picture in memory.
///
/// @param height rows
/// @param width columns
/// @param channels 1, grey, or 3: red, green, blue
/// @param pixels 0 … 1, row by row, the channels of a pixel side by side
public record Picture(int height, int width, int channels, float[] pixels) {
    /// @throws DataException if the numbers do not fit together
    public Picture {
        if (height < 1 || width < 1 || channels != 1 && channels != 3) {
            throw new DataException(
                    String.format(
                            "a picture needs rows, columns and 1 or 3 channels, got %d, %d, %d",
                            height, width, channels));
        }
        if ((long) height * width * channels != pixels.length) {
            throw new DataException(
                    String.format("a picture of %d by %d by %d got %d values", height, width, channels, pixels.length));
        }
    }

    /// The same picture in shades of grey, weighted as the eye does (ITU-R BT.601).
    public Picture grey() {
        if (channels == 1) {
            return this;
        }
        float[] grey = new float[height * width];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = 0.299f * pixels[3 * i] + 0.587f * pixels[3 * i + 1] + 0.114f * pixels[3 * i + 2];
        }
        return new Picture(height, width, 1, grey);
    }

    /// With 1 channel or 3; a grey picture gets three equal ones.
    public Picture channels(int wanted) {
        if (wanted == channels) {
            return this;
        }
        if (wanted == 1) {
            return grey();
        }
        float[] colours = new float[Math.multiplyExact(pixels.length, 3)];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = pixels[i / 3];
        }
        return new Picture(height, width, wanted, colours);
    }

    /// In another size: along each axis by the mean of the area when it shrinks, bilinear when it grows.
    ///
    /// The aspect is not kept.
    public Picture resize(int newHeight, int newWidth) {
        if (newHeight < 1 || newWidth < 1) {
            throw new DataException("a picture cannot get a size of " + newHeight + " by " + newWidth);
        }
        float[] tall = resample(pixels, 1, height, newHeight, width * channels);
        return new Picture(newHeight, newWidth, channels, resample(tall, newHeight, width, newWidth, channels));
    }

    /// A part of the picture.
    Picture crop(int top, int left, int rows, int columns) {
        float[] part = new float[rows * columns * channels];
        for (int row = 0; row < rows; row++) {
            int from = ((top + row) * width + left) * channels;
            System.arraycopy(pixels, from, part, row * columns * channels, columns * channels);
        }
        return new Picture(rows, columns, channels, part);
    }

    private Picture of(float... other) {
        return new Picture(height, width, channels, other);
    }

    /// Left for right.
    Picture mirrored() {
        float[] mirrored = new float[pixels.length];
        int row = width * channels;
        for (int start = 0; start < pixels.length; start += row) {
            for (int x = 0; x < row; x += channels) {
                int to = start + row - channels - x;
                mirrored[to] = pixels[start + x];
                if (channels == 3) {
                    mirrored[to + 1] = pixels[start + x + 1];
                    mirrored[to + 2] = pixels[start + x + 2];
                }
            }
        }
        return of(mirrored);
    }

    /// What is seen at pixel (y, x) is what was at (y + down, x + right).
    Picture shifted(int down, int right, Padding padding) {
        float[] shifted = new float[pixels.length];
        int first = Math.clamp(-(long) right, 0, width); // of the columns, `inside` from `first` on are in the picture
        int inside = Math.max(0, width - Math.abs(right));
        for (int y = 0; y < height; y++) {
            int from = padding.at(y + down, height) * width;
            if (from < 0) {
                continue;
            }
            int to = y * width;
            if (inside > 0) {
                int at = (from + first + right) * channels;
                System.arraycopy(pixels, at, shifted, (to + first) * channels, inside * channels);
            }
            for (int i = 0; padding != Padding.ZERO && i < width - inside; i++) {
                int x = i < first ? i : i + inside;
                int at = (from + padding.at(x + right, width)) * channels;
                System.arraycopy(pixels, at, shifted, (to + x) * channels, channels);
            }
        }
        return of(shifted);
    }

    /// Turned about its middle, then moved. Read bilinearly.
    ///
    /// @param angle in radians, clockwise
    Picture turned(double angle, double down, double right, Padding padding) {
        double cos = StrictMath.cos(angle); // strict: the same bits anywhere
        double sin = StrictMath.sin(angle);
        double middleY = (height - 1) / 2.0;
        double middleX = (width - 1) / 2.0;
        float[] turned = new float[pixels.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double dy = y - middleY - down;
                double dx = x - middleX - right;
                blend(middleY + cos * dy - sin * dx, middleX + sin * dy + cos * dx, padding, turned, y * width + x);
            }
        }
        return of(turned);
    }

    // The four pixels around (y, x), into pixel `to`.
    private void blend(double y, double x, Padding padding, float[] result, int to) {
        int top = (int) Math.floor(y);
        int left = (int) Math.floor(x);
        for (int corner = 0; corner < 4; corner++) {
            int row = padding.at(top + corner / 2, height);
            int column = padding.at(left + corner % 2, width);
            double tall = corner < 2 ? 1 - (y - top) : y - top;
            double wide = corner % 2 == 0 ? 1 - (x - left) : x - left;
            if (row >= 0 && column >= 0) {
                add((float) (tall * wide), pixels, (row * width + column) * channels, result, to * channels, channels);
            }
        }
    }

    /// With one value in a box.
    Picture filled(Box box, float value) {
        float[] filled = pixels.clone();
        for (int y = box.top(); y < box.bottom(); y++) {
            Arrays.fill(filled, (y * width + box.left()) * channels, (y * width + box.right()) * channels, value);
        }
        return of(filled);
    }

    /// With another's pixels in a box.
    Picture with(Box box, Picture other) {
        float[] both = pixels.clone();
        for (int y = box.top(); y < box.bottom(); y++) {
            int from = (y * width + box.left()) * channels;
            System.arraycopy(other.pixels, from, both, from, (box.right() - box.left()) * channels);
        }
        return of(both);
    }

    /// Times `bright`; then distances from the mean grey times `contrast`; then distances from each pixel's own grey times
    /// `saturation`; clipped to 0 … 1.
    Picture recoloured(float bright, float contrast, float saturation) {
        float[] own = grey().pixels;
        double sum = 0;
        for (float g : own) {
            sum += g;
        }
        float mean = (float) (sum / own.length) * bright;
        float[] coloured = new float[pixels.length];
        for (int i = 0; i < coloured.length; i++) {
            float grey = mean + contrast * (bright * own[i / channels] - mean);
            float value = mean + contrast * (bright * pixels[i] - mean);
            coloured[i] = Math.clamp(grey + saturation * (value - grey), 0f, 1f);
        }
        return of(coloured);
    }

    /// The pixels as bytes, 0 … 255.
    byte[] bytes() {
        byte[] bytes = new byte[pixels.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Math.round(255 * Math.clamp(pixels[i], 0f, 1f));
        }
        return bytes;
    }

    // The middle axis of [outer, length, inner] gets a new length.
    private static float[] resample(float[] values, int outer, int length, int wanted, int inner) {
        if (length == wanted) {
            return values;
        }
        float[] result = new float[Math.multiplyExact(Math.multiplyExact(outer, wanted), inner)];
        double step = (double) length / wanted;
        double reach = Math.max(step, 1);
        for (int to = 0; to < wanted; to++) {
            double middle = (to + 0.5) * step;
            int first = (int) Math.floor(step > 1 ? middle - reach / 2 : middle - 0.5);
            int last = step > 1 ? (int) Math.ceil(middle + reach / 2) - 1 : first + 1;
            for (int from = first; from <= last; from++) {
                double weight =
                        step > 1
                                ? Math.min(from + 1, middle + reach / 2) - Math.max(from, middle - reach / 2)
                                : 1 - Math.abs(from + 0.5 - middle);
                int source = Math.clamp(from, 0, length - 1);
                for (int o = 0; o < outer; o++) {
                    int into = (o * wanted + to) * inner;
                    add((float) (weight / reach), values, (o * length + source) * inner, result, into, inner);
                }
            }
        }
        return result;
    }

    private static void add(float weight, float[] values, int from, float[] result, int to, int count) {
        for (int i = 0; i < count; i++) {
            result[to + i] += weight * values[from + i];
        }
    }
}
