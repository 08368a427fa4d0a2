package adjoint.data;

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
