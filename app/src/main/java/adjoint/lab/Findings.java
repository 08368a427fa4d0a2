package adjoint.lab;

import adjoint.chart.Chart;

import java.util.List;

/// What came of an experiment.
///
/// @param settings what was done, each a sentence or part of one
/// @param tables the numbers
/// @param figures the same as charts
/// @param words what is shown, and how it compares with the claim, computed from the numbers
public record Findings(List<String> settings, List<Table> tables, List<Figure> figures, List<String> words) {
    /// Copies the lists.
    public Findings {
        settings = List.copyOf(settings);
        tables = List.copyOf(tables);
        figures = List.copyOf(figures);
        words = List.copyOf(words);
    }

    /// A picture with words.
    ///
    /// @param title above it
    /// @param svg the picture
    public record Figure(String title, String svg) {
        /// Lines over the steps of a training.
        static Figure bySteps(String title, String what, List<Chart.Line> lines) {
            var steps = new Chart.Axis("steps", Chart.Scale.LINEAR);
            return new Figure(title, new Chart(steps, new Chart.Axis(what, Chart.Scale.LINEAR), lines).svg());
        }
    }
}
