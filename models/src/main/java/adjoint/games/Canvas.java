package adjoint.games;

import adjoint.data.Picture;

import java.util.Arrays;

/// Lines, discs and rectangles with soft edges on white, for [Environment#picture()] and, smaller, [Environment#text()].
///
/// Lengths are in pixels of the picture, from its upper left corner; colours are 0xRRGGBB.
final class Canvas {
    static final int BLACK = 0x222222;
    static final int GREY = 0xB0B0B0;
    static final int ICE = 0xDCEBF5;
    static final int RED = 0xD1495B;
    static final int GREEN = 0x66A182;
    static final int BLUE = 0x2E4057;
    static final int YELLOW = 0xEDAE49;

    /// Width and height of a field of a grid.
    static final int CELL = 16;

    /// The scale at which a canvas of 300 by 200 becomes a text of 60 columns and 20 lines.
    static final double TEXT = 0.4;

    // Braille has 2 x 4 dots a letter: the first six stand in columns, the last two beneath them (Unicode, U+2800).
    private static final int BRAILLE = 0x2800;
    private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

    private final int width;
    private final int height;
    private final double scale;
    private final float[] pixels;
    private final boolean[] drawn;

    /// @param scale how many pixels (or dots) there are for one of `width` and `height`
    Canvas(int width, int height, double scale) {
        this.width = (int) (width * scale);
        this.height = (int) (height * scale);
        this.scale = scale;
        pixels = new float[this.width * this.height * 3];
        Arrays.fill(pixels, 1);
        drawn = new boolean[this.width * this.height];
    }

    /// With round ends.
    void line(double x0, double y0, double x1, double y1, double thickness, int colour) {
        double ax = x0 * scale;
        double ay = y0 * scale;
        double bx = x1 * scale - ax;
        double by = y1 * scale - ay;
        double reach = Math.max(1, thickness * scale) / 2; // not thinner than a pixel
        double square = bx * bx + by * by;
        int bottom = Math.min(height, (int) Math.ceil(Math.max(ay, ay + by) + reach) + 1);
        int right = Math.min(width, (int) Math.ceil(Math.max(ax, ax + bx) + reach) + 1);
        for (int y = Math.max(0, (int) (Math.min(ay, ay + by) - reach) - 1); y < bottom; y++) {
            for (int x = Math.max(0, (int) (Math.min(ax, ax + bx) - reach) - 1); x < right; x++) {
                double dx = x + 0.5 - ax;
                double dy = y + 0.5 - ay;
                double along = square == 0 ? 0 : Math.clamp((dx * bx + dy * by) / square, 0.0, 1.0);
                double distance = Math.hypot(dx - along * bx, dy - along * by);
                paint(x, y, reach + 0.5 - distance, colour);
            }
        }
    }

    void disc(double x, double y, double radius, int colour) {
        line(x, y, x, y, 2 * radius, colour);
    }

    void rectangle(double left, double top, double right, double bottom, int colour) {
        int lower = Math.min(height, (int) Math.round(bottom * scale));
        int end = Math.min(width, (int) Math.round(right * scale));
        for (int y = Math.max(0, (int) Math.round(top * scale)); y < lower; y++) {
            for (int x = Math.max(0, (int) Math.round(left * scale)); x < end; x++) {
                paint(x, y, 1, colour);
            }
        }
    }

    /// A field of a grid, with a thin border left out.
    void cell(int row, int column, int colour) {
        rectangle(column * CELL + 1, row * CELL + 1, (column + 1) * CELL, (row + 1) * CELL, colour);
    }

    private void paint(int x, int y, double covered, int colour) {
        float share = (float) Math.clamp(covered, 0.0, 1.0);
        int at = y * width + x;
        drawn[at] |= share >= 0.5f;
        for (int channel = 0; channel < 3; channel++) {
            float wanted = (colour >> (16 - 8 * channel) & 0xFF) / 255f;
            pixels[3 * at + channel] += share * (wanted - pixels[3 * at + channel]);
        }
    }

    Picture picture() {
        return new Picture(height, width, 3, pixels);
    }

    /// What has been drawn, in whatever colour, as dots of Braille: lines of equal length.
    String text() {
        var text = new StringBuilder();
        for (int y = 0; y + 4 <= height; y += 4) {
            text.append(y == 0 ? "" : "\n");
            for (int x = 0; x + 2 <= width; x += 2) {
                int dots = 0;
                for (int dot = 0; dot < 8; dot++) {
                    dots |= drawn[(y + dot / 2) * width + x + dot % 2] ? DOTS[dot / 2][dot % 2] : 0;
                }
                text.append(dots == 0 ? ' ' : (char) (BRAILLE + dots));
            }
        }
        return text.toString();
    }
}
