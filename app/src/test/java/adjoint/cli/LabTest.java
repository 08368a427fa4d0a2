package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.lab.Experiment;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/// The experiments, each with a few steps, as a user would call them.
class LabTest {
    @TempDir private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int adjoint(String... args) {
        return Main.run(new PrintWriter(out), new PrintWriter(err), args);
    }

    private JsonNode quick(String name) throws IOException {
        assertThat(adjoint("lab", name, "--quick", "--json", "--out", dir.toString())).as(err.toString()).isZero();
        String html = Files.readString(dir.resolve(name + ".html"));
        assertThat(html)
                .contains("<h1>" + name + "</h1>", "<svg", "adjoint lab " + name + " --quick --seed 1", "</html>")
                .doesNotContain("NaN");
        JsonNode json = JsonMapper.shared().readTree(out.toString().strip().lines().toList().getLast());
        assertThat(json.get("tables")).isNotEmpty();
        for (JsonNode table : json.get("tables")) {
            assertThat(html).contains("<h3>" + table.get("title").asString().substring(0, 5));
            assertThat(table.get("rows")).isNotEmpty();
        }
        assertThat(json.get("words")).isNotEmpty();
        return json;
    }

    private static double number(JsonNode table, int row, String column) {
        for (int c = 0; c < table.get("columns").size(); c++) {
            if (table.get("columns").get(c).asString().equals(column)) {
                return Double.parseDouble(table.get("rows").get(row).get(c).asString().replaceFirst(" .*", ""));
            }
        }
        throw new AssertionError("no column " + column + " in " + table);
    }

    @Test
    void listsTheExperiments() {
        assertThat(adjoint("lab")).isZero();
        Experiment.all().forEach(e -> assertThat(out.toString()).contains(e.name(), e.claim()));
    }

    @Test
    void mistakesAreExplained() throws IOException {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThat(adjoint("lab", "chain-rul")).isEqualTo(Failures.MISTAKE);
        assertThat(adjoint("lab", "all", "--full", "--quick")).isEqualTo(Failures.MISTAKE);
        assertThat(adjoint("lab", "chain-rule", "--epochs", "0")).isEqualTo(Failures.MISTAKE);
        assertThat(adjoint("lab", "chain-rule", "--full", "--epochs", "3")).isEqualTo(Failures.MISTAKE);
        assertThat(adjoint("lab", "residual", "--quick", "--epochs", "3")).isEqualTo(Failures.MISTAKE);
        assertThat(adjoint("lab", "chain-rule", "--out", file.toString())).isEqualTo(Failures.MISTAKE);
        assertThat(err.toString())
                .contains(
                        "did you mean chain-rule?",
                        "exclude each other",
                        "--epochs needs 1",
                        "--epochs is how long",
                        "is a file")
                .doesNotContain("Exception");
    }

    @Test
    void chainRule() throws IOException {
        JsonNode tables = quick("chain-rule").get("tables");
        JsonNode derivatives = tables.get(1);
        assertThat(derivatives.get("rows")).hasSize(15);
        for (int row = 0; row < 15; row++) {
            double formula = number(derivatives, row, "formula");
            assertThat(number(derivatives, row, "Adjoint")).isEqualTo(formula);
            assertThat(number(derivatives, row, "finite difference"))
                    .isCloseTo(formula, org.assertj.core.data.Offset.offset(1e-8));
        }
        assertThat(number(tables.get(3), 1, "E")).isLessThan(number(tables.get(3), 0, "E"));
    }

    @Test
    void vanishing() throws IOException {
        JsonNode slopes = quick("vanishing").get("tables").get(0);
        assertThat(slopes.get("rows")).hasSize(12);
        for (int row = 0; row < 12; row++) { // narrow and shallow: 0.0154 away at most
            assertThat(number(slopes, row, "measured"))
                    .as(slopes.get("rows").get(row).toString())
                    .isCloseTo(number(slopes, row, "theory, q of layers"), org.assertj.core.data.Offset.offset(0.03));
        }
        assertThat(number(slopes, 0, "measured")).isGreaterThan(1); // sigmoid, naive: a tenth in each layer, or less
        assertThat(number(slopes, 11, "measured")).isBetween(-0.1, 0.1); // ReLU, orthogonal: nothing is lost
    }

    @Test
    void cures() throws IOException {
        JsonNode json = quick("cures");
        JsonNode table = json.get("tables").get(0);
        assertThat(table.get("rows")).hasSize(7);
        for (int row = 0; row < 7; row++) {
            assertThat(number(table, row, "best")).isBetween(0.0, 100.0);
        }
        assertThat(table.get("rows").get(0).get(3).asString()).isEqualTo("not in 4");
        assertThat(json.get("words").get(0).asString()).startsWith("Without a cure the network stays at chance");
        assertThat(json.get("words").toString()).contains("The nearest to it is").doesNotContain("90 %: ");
    }

    @Test
    void batchNorm() throws IOException {
        JsonNode tables = quick("batch-norm").get("tables");
        assertThat(tables).hasSize(3);
        for (JsonNode table : tables) {
            assertThat(table.get("rows")).hasSize(2);
            assertThat(number(table, 0, "rate")).isEqualTo(0.1);
            assertThat(number(table, 1, "best")).isBetween(0.0, 100.0);
        }
    }

    @Test
    void deeper() throws IOException {
        JsonNode tables = quick("deeper").get("tables");
        assertThat(number(tables.get(0), 1, "layers")).isEqualTo(60);
        assertThat(number(tables.get(0), 1, "steps")).isEqualTo(4);
        assertThat(tables.get(1).get("rows")).hasSize(3); // 20, 30, 60
        assertThat(tables.get(2).get("rows").get(0).get(0).asString()).isEqualTo("ResNet-14");
    }

    @Test
    void residual() throws IOException {
        JsonNode json = quick("residual");
        JsonNode table = json.get("tables").get(0);
        assertThat(table.get("rows")).hasSize(4);
        assertThat(table.get("rows").get(3).get(0).asString()).isEqualTo("residual 14");
        for (int row = 0; row < 4; row++) {
            assertThat(number(table, row, "training error")).isBetween(0.0, 100.0);
        }
        assertThat(json.get("words").get(0).asString()).startsWith("From 8 to 14 layers");
    }
}
