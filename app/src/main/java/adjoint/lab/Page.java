package adjoint.lab;

import static adjoint.chart.Chart.escaped;

import adjoint.io.AtomicFile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// An experiment as one HTML file that needs nothing else.
///
/// @param experiment what was done
/// @param command how to do it again
/// @param facts seed, time, machine: a line each
/// @param findings what came of it
public record Page(
        Experiment experiment, String command, java.util.SequencedMap<String, String> facts, Findings findings) {
    private static final String STYLE =
            """
            body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
            table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .7rem;text-align:left;vertical-align:top}
            .n{text-align:right;font-variant-numeric:tabular-nums}thead th{border-bottom:1px solid #999}
            svg{max-width:44rem;width:100%;display:block}h3{margin-bottom:.2rem}code{background:#f4f4f4;padding:.1rem .3rem}
            .t{overflow-x:auto}
            """;

    /// Writes or replaces the file.
    ///
    /// @throws IOException if that is impossible
    public void write(Path file) throws IOException {
        AtomicFile.write(file, html().getBytes(StandardCharsets.UTF_8));
    }

    String html() {
        var html = new StringBuilder("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>");
        html.append(escaped(experiment.name())).append("</title><style>\n").append(STYLE).append("</style>\n<h1>");
        html.append(escaped(experiment.name())).append("</h1>\n");
        html.append("<h2>The claim</h2>\n<p>").append(escaped(experiment.claim())).append("</p>\n");
        html.append("<h2>What was found</h2>\n");
        findings.words().forEach(w -> html.append("<p>").append(escaped(w)).append("</p>\n"));
        for (Findings.Figure figure : findings.figures()) {
            html.append("<h3>").append(escaped(figure.title())).append("</h3>\n").append(figure.svg());
        }
        findings.tables().forEach(table -> table(html, table));
        html.append("<h2>How it was done</h2>\n<p><code>").append(escaped(command)).append("</code></p>\n<ul>\n");
        findings.settings().forEach(s -> html.append("<li>").append(escaped(s)).append('\n'));
        html.append("</ul>\n<table>\n");
        facts.forEach((name, value) ->
                html.append("<tr><th>").append(escaped(name)).append("<td>").append(escaped(value)).append('\n'));
        return html.append("</table>\n</html>\n").toString();
    }

    private static void table(StringBuilder html, Table table) {
        html.append("<h3>").append(escaped(table.title())).append("</h3>\n<div class=\"t\"><table><thead><tr>");
        for (int c = 0; c < table.columns().size(); c++) {
            html.append(table.isNumeric(c) ? "<th class=\"n\">" : "<th>").append(escaped(table.columns().get(c)));
        }
        html.append("</thead>\n");
        for (var row : table.rows()) {
            html.append("<tr>");
            for (int c = 0; c < row.size(); c++) {
                html.append(table.isNumeric(c) ? "<td class=\"n\">" : "<td>").append(escaped(row.get(c)));
            }
            html.append('\n');
        }
        html.append("</table></div>\n");
    }
}
