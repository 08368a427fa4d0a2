package adjoint.chart;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/// Lines over two axes as one SVG element, with ticks at round numbers and a legend below.
///
/// A point that cannot be drawn (NaN, infinite, beyond 1e300, or not positive on a logarithmic axis) leaves a gap in its line.
///
/// @param x the horizontal axis; a linear one begins at 0, if nothing is below
/// @param y the vertical axis
/// @param lines what is drawn, the last on top
public record Chart(Axis x, Axis y, List<Line> lines) {
    private static final int WIDTH = 640;
    private static final int LEFT = 64;
    private static final int RIGHT = 626;
    private static final int TOP = 12;
    private static final int BOTTOM = 252;
    private static final int LEGEND = 300;
    private static final int ROW = 18;
    private static final int SWATCH = 22;
    private static final double LETTER = 6.2; // of a font of 11 pixels, rather too wide than too narrow
    private static final double MOST = 1e300; // more, and the length of an axis would be infinite
    private static final int MARKED = 24; // a line of so few points shows each
    private static final List<String> COLOURS =
            List.of("#3b75af", "#d1462f", "#3c8d40", "#8a5fa8", "#c8871e", "#2f9c9c", "#7a5548", "#c2549d", "#6b6b6b");

    /// How values become distances.
    public enum Scale {
        /// Equal distances are equal differences.
        LINEAR,
        /// Equal distances are equal ratios; values must be positive.
        LOGARITHMIC
    }

    /// One axis.
    ///
    /// @param title stands beside it; may be empty
    /// @param scale how values become distances
    public record Axis(String title, Scale scale) {}

    /// One line.
    ///
    /// @param name in the legend; an empty one leaves the line out of it
    /// @param colour as CSS spells it
    /// @param dashed for what is calculated beside what is measured
    /// @param x of each point
    /// @param y of each point
    public record Line(String name, String colour, boolean dashed, double[] x, double[] y) {
        /// @throws IllegalArgumentException if there are not as many x as y
        public Line {
            if (x.length != y.length) {
                throw new IllegalArgumentException("line '" + name + "' has " + x.length + " x and " + y.length + " y");
            }
        }

        /// A solid line in the palette's colour of this number.
        public static Line of(String name, int number, double[] x, double[] y) {
            return new Line(name, COLOURS.get(number % COLOURS.size()), false, x, y);
        }

        /// The same, dashed and without a place in the legend.
        public Line beside(double[] otherX, double[] otherY) {
            return new Line("", colour, true, otherX, otherY);
        }
    }

    /// Copies the list.
    public Chart {
        lines = List.copyOf(lines);
    }

    /// The picture, as a file of its own or inside a page.
    public String svg() {
        Ticks across = Ticks.of(values(Line::x, x), x.scale == Scale.LOGARITHMIC, 8, false);
        Ticks up = Ticks.of(values(Line::y, y), y.scale == Scale.LOGARITHMIC, 5, true);
        var svg = new StringBuilder();
        int height = LEGEND + ROW * legend(new StringBuilder());
        svg.append(
                format(
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"11\""
                                + " font-family=\"system-ui,sans-serif\" style=\"background:#fff\">\n",
                        WIDTH, height));
        for (double tick : up.at()) {
            double at = vertical(up.place(tick));
            svg.append(format("<path d=\"M%d %.1fH%d\" stroke=\"#e4e4e4\"/>", LEFT, at, RIGHT))
                    .append(
                            format(
                                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                                    LEFT - 5, at + 4, Ticks.label(tick)));
        }
        for (double tick : across.at()) {
            double at = horizontal(across.place(tick));
            svg.append(format("<path d=\"M%.1f %dv4\" stroke=\"#999\"/>", at, BOTTOM))
                    .append(
                            format(
                                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                                    at, BOTTOM + 17, Ticks.label(tick)));
        }
        svg.append(format("<path d=\"M%d %dH%d\" stroke=\"#999\"/>\n", LEFT, BOTTOM, RIGHT));
        titles(svg);
        lines.forEach(line -> draw(svg, line, across, up));
        legend(svg);
        return svg.append("</svg>\n").toString();
    }

    private void titles(StringBuilder svg) {
        if (!x.title.isEmpty()) {
            svg.append(
                    format(
                            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n",
                            (LEFT + RIGHT) / 2, BOTTOM + 34, escaped(x.title)));
        }
        if (!y.title.isEmpty()) {
            svg.append(
                    format(
                            "<text transform=\"translate(12 %d) rotate(-90)\" text-anchor=\"middle\""
                                    + " fill=\"#555\">%s</text>\n",
                            (TOP + BOTTOM) / 2, escaped(y.title)));
        }
    }

    private double[] values(Function<Line, double[]> which, Axis axis) {
        DoubleStream all = lines.stream().flatMapToDouble(l -> Arrays.stream(which.apply(l)));
        return all.filter(v -> drawable(v, axis)).toArray();
    }

    private static boolean drawable(double value, Axis axis) {
        return Math.abs(value) <= MOST && (axis.scale == Scale.LINEAR || value > 0);
    }

    private static double horizontal(double place) {
        return LEFT + place * (RIGHT - LEFT);
    }

    private static double vertical(double place) {
        return BOTTOM - place * (BOTTOM - TOP);
    }

    private void draw(StringBuilder svg, Line line, Ticks across, Ticks up) {
        var path = new StringBuilder();
        var marks = new StringBuilder();
        char move = 'M';
        for (int i = 0; i < line.x.length; i++) {
            if (!drawable(line.x[i], x) || !drawable(line.y[i], y)) {
                move = 'M';
                continue;
            }
            double px = horizontal(across.place(line.x[i]));
            double py = vertical(up.place(line.y[i]));
            path.append(format("%s%.1f %.1f", move, px, py));
            if (line.x.length <= MARKED && !line.dashed) {
                marks.append(format("<circle fill=\"%s\" r=\"2.6\" cx=\"%.1f\" cy=\"%.1f\"/>", line.colour, px, py));
            }
            move = 'L';
        }
        svg.append(
                format(
                        "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\"%s d=\"%s\"/>%s\n",
                        line.colour, line.dashed ? " stroke-dasharray=\"5 4\"" : "", path, marks));
    }

    // Returns how many rows it takes.
    private int legend(StringBuilder svg) {
        double at = LEFT;
        int row = 0;
        for (Line line : lines) {
            if (line.name.isEmpty()) {
                continue;
            }
            double width = SWATCH + LETTER * line.name.length() + 14;
            if (at > LEFT && at + width > WIDTH) {
                at = LEFT;
                row++;
            }
            int y = LEGEND + ROW * row + 6;
            svg.append(
                    format(
                            "<path d=\"M%.1f %dh16\" stroke=\"%s\" stroke-width=\"2.4\"%s/><text x=\"%.1f\""
                                    + " y=\"%d\">%s</text>\n",
                            at,
                            y - 4,
                            line.colour,
                            line.dashed ? " stroke-dasharray=\"5 4\"" : "",
                            at + SWATCH,
                            y,
                            escaped(line.name)));
            at += width;
        }
        return row + 1;
    }

    private static String format(String pattern, Object... args) {
        return String.format(Locale.ROOT, pattern, args);
    }

    /// A text as HTML and SVG want it.
    public static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
