package adjoint.data;

import adjoint.kernel.Philox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Draws one digit of [Digits]: bends a skeleton, moves a pen of changing width along it, blurs, adds noise.
///
/// What is random comes from counter-based numbers, all mathematics is exact or strict: the same picture anywhere.
final class DigitPen {
    private static final int GRID = 4;
    private static final int STEPS = 6;

    private final long seed;
    private final long stream;
    private long drawn;

    private final double[] bend = new double[GRID * GRID * 2];
    private final List<double[]> segments = new ArrayList<>(); // x0, y0, r0, x1, y1, r1

    private DigitPen(long seed, long stream) {
        this.seed = seed;
        this.stream = stream;
    }

    /// The digit as `side`² grey values in rows; the number of pixels changes the fineness alone.
    static byte[] draw(long seed, long stream, int digit, int side) {
        var pen = new DigitPen(seed, stream);
        pen.plan(digit);
        double ink = 0.62 + 0.38 * pen.uniform();
        double blur = 0.12 * pen.uniform();
        double noise = 0.05 * pen.uniform();
        return pen.develop(pen.cover(side, side / 28.0), side, ink, blur, noise);
    }

    private double uniform() {
        return Philox.uniform(seed, stream, drawn++);
    }

    private double normal(double deviation) {
        return deviation * Math.clamp(Philox.normal(seed, stream, drawn++), -2.5, 2.5);
    }

    // The middle lines, in pixels of a picture of 28 by 28.
    private void plan(int digit) {
        double[][][] strokes = DigitShapes.strokes(digit, (int) (uniform() * DigitShapes.ways(digit)));
        for (int i = 0; i < bend.length; i++) {
            bend[i] = normal(0.045);
        }
        double height = 18.5 + normal(1.2);
        double width = height * (0.92 + normal(0.12));
        double slant = 0.12 + normal(0.2);
        double turn = normal(0.1);
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        double radius = 1.2 + normal(0.22);
        double pressure = normal(0.2);
        for (double[][] stroke : strokes) {
            double[][] points = new double[stroke.length][];
            for (int i = 0; i < points.length; i++) {
                double[] p = bent(stroke[i][0], stroke[i][1]);
                double x = width * p[0] - slant * height * p[1];
                double y = height * p[1];
                points[i] = new double[] {cos * x - sin * y, sin * x + cos * y};
            }
            follow(points, radius, pressure);
        }
        centre(normal(1.15), normal(1.15));
    }

    // A smooth displacement: random vectors on a grid, interpolated, so that strokes that meet go on meeting.
    private double[] bent(double x, double y) {
        double gx = Math.clamp((x + 0.5) * (GRID - 1), 0, GRID - 1.001);
        double gy = Math.clamp((y + 0.5) * (GRID - 1), 0, GRID - 1.001);
        int column = (int) gx;
        int row = (int) gy;
        double fx = gx - column;
        double fy = gy - row;
        double[] to = {x, y};
        for (int axis = 0; axis < 2; axis++) {
            int at = (row * GRID + column) * 2 + axis;
            double above = bend[at] + fx * (bend[at + 2] - bend[at]);
            double below = bend[at + 2 * GRID] + fx * (bend[at + 2 * GRID + 2] - bend[at + 2 * GRID]);
            to[axis] += above + fy * (below - above);
        }
        return to;
    }

    // A Catmull-Rom curve through the points, in short straight segments; a ring where the ends meet.
    private void follow(double[][] points, double radius, double pressure) {
        int last = points.length - 1;
        boolean ring = last > 1 && Arrays.equals(points[0], points[last]);
        double[] from = points[0];
        double fromRadius = radius * (1 - pressure);
        for (int i = 0; i < last; i++) {
            double[] before = points[i > 0 ? i - 1 : ring ? last - 1 : 0];
            double[] after = points[i + 2 <= last ? i + 2 : ring ? 1 : last];
            for (int step = 1; step <= STEPS; step++) {
                double t = (double) step / STEPS;
                double[] to = {
                    curve(before[0], points[i][0], points[i + 1][0], after[0], t),
                    curve(before[1], points[i][1], points[i + 1][1], after[1], t)
                };
                double toRadius = radius * (1 + pressure * (2 * (i + t) / last - 1));
                segments.add(new double[] {from[0], from[1], fromRadius, to[0], to[1], toRadius});
                from = to;
                fromRadius = toRadius;
            }
        }
    }

    private static double curve(double a, double b, double c, double d, double t) {
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }

    // Puts the centre of mass near the centre of the picture, as in MNIST.
    private void centre(double offX, double offY) {
        double mass = 0;
        double x = 0;
        double y = 0;
        for (double[] s : segments) {
            double weight = Math.sqrt((s[3] - s[0]) * (s[3] - s[0]) + (s[4] - s[1]) * (s[4] - s[1]));
            mass += weight;
            x += weight * (s[0] + s[3]) / 2;
            y += weight * (s[1] + s[4]) / 2;
        }
        for (double[] s : segments) {
            for (int end = 0; end <= 3; end += 3) {
                s[end] += 14 + offX - x / mass;
                s[end + 1] += 14 + offY - y / mass;
            }
        }
    }

    // How much of each pixel is ink, from its distance to the nearest segment.
    private float[] cover(int side, double zoom) {
        float[] covered = new float[side * side];
        for (double[] s : segments) {
            double x0 = s[0] * zoom;
            double y0 = s[1] * zoom;
            double dx = s[3] * zoom - x0;
            double dy = s[4] * zoom - y0;
            double length2 = Math.max(dx * dx + dy * dy, 1e-9);
            double reach = Math.max(s[2], s[5]) * zoom + 0.5;
            int left = Math.max(0, (int) (Math.min(x0, x0 + dx) - reach));
            int right = Math.min(side - 1, (int) (Math.max(x0, x0 + dx) + reach));
            int top = Math.max(0, (int) (Math.min(y0, y0 + dy) - reach));
            int bottom = Math.min(side - 1, (int) (Math.max(y0, y0 + dy) + reach));
            for (int row = top; row <= bottom; row++) {
                for (int column = left; column <= right; column++) {
                    double px = column + 0.5 - x0;
                    double py = row + 0.5 - y0;
                    double t = Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
                    double distance2 = (px - t * dx) * (px - t * dx) + (py - t * dy) * (py - t * dy);
                    double radius = (s[2] + t * (s[5] - s[2])) * zoom + 0.5;
                    if (distance2 < radius * radius) {
                        int at = row * side + column;
                        covered[at] = Math.max(covered[at], (float) Math.min(1, radius - Math.sqrt(distance2)));
                    }
                }
            }
        }
        return covered;
    }

    private byte[] develop(float[] covered, int side, double ink, double blur, double noise) {
        byte[] grey = new byte[covered.length];
        long grain = 0;
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                int at = row * side + column;
                double here = covered[at];
                double around =
                        covered[row > 0 ? at - side : at]
                                + covered[row < side - 1 ? at + side : at]
                                + covered[column > 0 ? at - 1 : at]
                                + covered[column < side - 1 ? at + 1 : at];
                grain = at % 4 == 0 ? Philox.bits(seed, stream, drawn++) : grain >>> 16;
                double speck = ((grain & 255) + (grain >>> 8 & 255)) / 255.0 - 1; // triangular, −1 … 1
                double value = ink * (here + blur * (around - 4 * here)) + noise * speck;
                grey[at] = (byte) (255 * Math.max(0, Math.min(1, value)) + 0.5);
            }
        }
        return grey;
    }
}
