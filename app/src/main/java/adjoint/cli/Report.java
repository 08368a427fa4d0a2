package adjoint.cli;

import adjoint.chart.Chart;
import adjoint.io.AtomicFile;
import adjoint.train.ConfusionMatrix;
import adjoint.train.Epoch;
import adjoint.train.Run;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import javax.imageio.ImageIO;

/// A training as one HTML file that needs nothing else: curves, confusion matrix, the worst mistakes.
final class Report {
    private static final int POINTS = 400;
    private static final String STYLE =
            """
            body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
            table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;font-variant-numeric:tabular-nums}
            .t td{text-align:left;vertical-align:top}.m td,.m th{text-align:center;min-width:1.6rem}svg{max-width:100%}figure{display:inline-block;margin:.3rem;text-align:center}
            figcaption{font-size:12px}img{width:84px;image-rendering:pixelated;border:1px solid #ccc}
            """;

    private Report() {}

    /// @param text what an example says, of texts
    static void write(
            Path file,
            String title,
            Map<String, String> settings,
            Run run,
            Curves curves,
            Assessment assessment,
            List<String> classes,
            Optional<Function<float[], String>> text)
            throws IOException {
        var html = new StringBuilder();
        html.append("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>")
                .append(Chart.escaped(title))
                .append("</title><style>\n")
                .append(STYLE)
                .append("</style>\n<h1>")
                .append(Chart.escaped(title))
                .append("</h1>\n<table>");
        assessment.results().forEach((name, value) -> row(html, name, format("%.4f", value)));
        row(html, "best epoch", run.bestEpoch() + " of " + run.history().size());
        row(html, "parameters", format("%,d", run.parameters()));
        row(html, "seconds", format("%.1f", run.seconds()));
        row(html, "samples per second", format("%,.0f", run.samplesPerSecond()));
        settings.forEach((name, value) -> row(html, name, value));
        html.append("</table>\n<h2>Loss</h2>\n");
        html.append(chart(lossLines(curves)));
        html.append("<h2>").append(Chart.escaped(heading(judged(run)))).append("</h2>\n");
        html.append(curve(run, curves));
        if (!classes.isEmpty()) {
            matrix(html, assessment.matrix(), classes);
            if (text.isPresent()) {
                misread(html, assessment.mistakes(), classes, text.get());
            } else {
                mistakes(html, assessment.mistakes(), classes);
            }
        }
        html.append("</html>\n");
        AtomicFile.write(file, html.toString().getBytes(StandardCharsets.UTF_8));
    }

    /// What the training is judged by, epoch after epoch, as SVG.
    static String curve(Run run, Curves curves) {
        return chart(
                List.of(
                        line(curves.epochs(), "train." + judged(run), "#3b75af"),
                        line(curves.epochs(), "test." + judged(run), "#d1462f")));
    }

    private static String judged(Run run) {
        return run.judgedBy().replaceFirst("^test\\.", "");
    }

    private static String heading(String metric) {
        return metric.equals("r2") ? "R²" : metric.substring(0, 1).toUpperCase(Locale.ROOT) + metric.substring(1);
    }

    private static void row(StringBuilder html, String name, String value) {
        html.append("<tr><th>").append(Chart.escaped(name)).append("<td>").append(Chart.escaped(value)).append('\n');
    }

    private static List<Chart.Line> lossLines(Curves curves) {
        double[] losses = curves.losses(POINTS);
        double[] x = new double[losses.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i + 0.5) / x.length * curves.epochs().size();
        }
        return List.of(
                new Chart.Line("train.loss, by step", "#b9cbe0", false, x, losses),
                line(curves.epochs(), "train.loss", "#3b75af"),
                line(curves.epochs(), "test.loss", "#d1462f"));
    }

    private static Chart.Line line(List<Epoch> epochs, String metric, String colour) {
        return new Chart.Line(
                metric,
                colour,
                false,
                epochs.stream().mapToDouble(Epoch::number).toArray(),
                epochs.stream().mapToDouble(e -> e.metrics().get(metric)).toArray());
    }

    private static String chart(List<Chart.Line> lines) {
        return new Chart(new Chart.Axis("epoch", Chart.Scale.LINEAR), new Chart.Axis("", Chart.Scale.LINEAR), lines)
                .svg();
    }

    private static void matrix(StringBuilder html, ConfusionMatrix m, List<String> classes) {
        html.append(
                "<h2>Confusion matrix</h2>\n"
                        + "<p>Rows: what it is. Columns: what the network says.</p>\n"
                        + "<table class=\"m\"><tr><th>");
        classes.forEach(c -> html.append("<th>").append(Chart.escaped(c)));
        html.append("<th>precision<th>recall<th>F1\n");
        for (int a = 0; a < classes.size(); a++) {
            html.append("<tr><th>").append(Chart.escaped(classes.get(a)));
            for (int p = 0; p < classes.size(); p++) {
                double share = m.actual(a) == 0 ? 0 : (double) m.count(a, p) / m.actual(a);
                String rgb = a == p ? "59,117,175" : "209,70,47";
                double depth = a == p ? 0.6 * share : Math.min(1, 8 * share);
                html.append(format("<td style=\"background:rgba(%s,%.2f)\">%d", rgb, depth, m.count(a, p)));
            }
            html.append(format("<td>%.3f<td>%.3f<td>%.3f%n", m.precision(a), m.recall(a), m.f1(a)));
        }
        html.append("</table>\n");
    }

    private static void mistakes(StringBuilder html, List<Assessment.Mistake> mistakes, List<String> classes)
            throws IOException {
        if (mistakes.isEmpty() || mistakes.getFirst().shape().length < 2) {
            return;
        }
        html.append("<h2>The worst mistakes</h2>\n");
        for (Assessment.Mistake m : mistakes) {
            html.append("<figure><img alt=\"\" src=\"data:image/png;base64,")
                    .append(Base64.getEncoder().encodeToString(png(m.values(), m.shape()[0], m.shape()[1])))
                    .append("\"><figcaption>")
                    .append(
                            Chart.escaped(
                                    "is " + classes.get(m.actual()) + ", taken for " + classes.get(m.predicted())))
                    .append(format("<br>%.1f %% sure</figcaption></figure>%n", 100 * m.certainty()));
        }
    }

    private static void misread(
            StringBuilder html,
            List<Assessment.Mistake> mistakes,
            List<String> classes,
            Function<float[], String> text) {
        if (mistakes.isEmpty()) {
            return;
        }
        html.append("<h2>The worst mistakes</h2>\n<table class=\"t\"><tr><th>text<th>is<th>taken for<th>sure\n");
        for (Assessment.Mistake m : mistakes) {
            html.append("<tr><td>").append(Chart.escaped(text.apply(m.values())));
            html.append("<td>").append(Chart.escaped(classes.get(m.actual())));
            html.append("<td>").append(Chart.escaped(classes.get(m.predicted())));
            html.append(format("<td>%.1f %%%n", 100 * m.certainty()));
        }
        html.append("</table>\n");
    }

    private static byte[] png(float[] values, int height, int width) throws IOException {
        var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < height * width; i++) {
            int grey = Math.clamp(Math.round(255 * values[i]), 0, 255);
            image.getRaster().setSample(i % width, i / width, 0, grey);
        }
        ImageIO.setUseCache(false);
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }

    private static String format(String pattern, Object... args) {
        return String.format(Locale.ROOT, pattern, args);
    }
}
