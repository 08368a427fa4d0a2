package adjoint.chart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

class ChartTest {
    private static final Chart.Axis LINEAR = new Chart.Axis("layer", Chart.Scale.LINEAR);
    private static final Chart.Axis DECADES = new Chart.Axis("size", Chart.Scale.LOGARITHMIC);

    private static List<String> labels(double[] values, boolean logarithmic, boolean rounded) {
        return Ticks.of(values, logarithmic, 5, rounded).at().stream().map(Ticks::label).toList();
    }

    @Test
    void ticksAreRoundNumbers() {
        assertThat(labels(new double[] {0.113, 0.87}, false, true))
                .containsExactly("0", "0.2", "0.4", "0.6", "0.8", "1");
        assertThat(labels(new double[] {3, 50}, false, false)).containsExactly("0", "10", "20", "30", "40", "50");
        assertThat(labels(new double[] {-0.3, 0.3}, false, true)).contains("-0.2", "0", "0.2");
        assertThat(labels(new double[] {2e-13, 0.5}, true, true)).containsExactly("1e-15", "1e-10", "1e-5", "1");
        assertThat(labels(new double[] {0.01, 0.9}, true, true))
                .containsExactly("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1");
        assertThat(labels(new double[] {3e-310, 1e300}, true, true)).hasSizeBetween(3, 9).doesNotContain("Infinity");
    }

    @Test
    void anAxisHoldsItsValues() {
        for (double[] values :
                List.of(
                        new double[] {7},
                        new double[] {0, 0},
                        new double[] {1e-9, 3e4},
                        new double[0],
                        new double[] {1, Math.nextUp(1.0)},
                        new double[] {1e17, 1e17},
                        new double[] {3e19}, // a loss that explodes: a step of 1 would change nothing
                        new double[] {-1e300, 1e300})) {
            for (boolean logarithmic : new boolean[] {false, true}) {
                if (logarithmic && Arrays.stream(values).anyMatch(v -> v <= 0)) {
                    continue;
                }
                Ticks ticks = Ticks.of(values, logarithmic, 5, true);
                assertThat(ticks.high()).isGreaterThan(ticks.low());
                assertThat(Arrays.stream(values).map(ticks::place))
                        .allSatisfy(at -> assertThat(at).isBetween(0.0, 1.0));
            }
        }
    }

    @Test
    void whatCannotBeDrawnIsAGap() {
        double[] x = {1, 2, 3, 4, 5};
        double[] y = {1e-3, 0, Double.NaN, 1e-5, 1e-6};
        String svg = new Chart(LINEAR, DECADES, List.of(Chart.Line.of("a<b", 0, x, y))).svg();
        assertThat(svg).doesNotContain("NaN", "Infinity", "a<b").contains("a&lt;b", "layer", "size");
        assertThat(Pattern.compile("<path fill=\"none\"[^>]* d=\"(M[^\"]*)\"").matcher(svg).results().toList())
                .singleElement()
                .satisfies(m -> assertThat(m.group(1).chars().filter(c -> c == 'M').count()).isEqualTo(2));
        assertThat(svg.split("<circle", -1)).hasSize(1 + 3);
    }

    @Test
    void numbersOfAnySizeGiveAPicture() {
        for (double size : new double[] {1e-320, 1e-20, 1, 1e17, 3e19, 1e300, Double.MAX_VALUE}) {
            double[] x = {1, 2};
            double[] y = {size, size};
            for (Chart.Axis axis : List.of(LINEAR, DECADES)) {
                String svg = new Chart(LINEAR, axis, List.of(Chart.Line.of("a", 0, x, y))).svg();
                assertThat(svg).as("%s, %s", size, axis).doesNotContain("NaN", "Infinity").hasSizeLessThan(10_000);
            }
        }
    }

    @Test
    void aLongLegendGoesOnInTheNextRow() {
        List<Chart.Line> lines =
                java.util.stream.IntStream.range(0, 12)
                        .mapToObj(i ->
                                Chart.Line.of("a line of this name " + i, i, new double[] {1, 2}, new double[] {i, 3}))
                        .toList();
        String svg = new Chart(LINEAR, LINEAR, lines).svg();
        var places = Pattern.compile("<text x=\"([\\d.]+)\" y=\"\\d+\">a line").matcher(svg).results().toList();
        assertThat(places).hasSize(12).allSatisfy(m -> assertThat(Double.parseDouble(m.group(1))).isLessThan(500));
    }

    @Test
    void noLineAtAllIsStillAPicture() {
        assertThat(new Chart(LINEAR, DECADES, List.of()).svg()).contains("<svg", "</svg>").doesNotContain("NaN");
    }
}
