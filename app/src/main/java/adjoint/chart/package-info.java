/// Charts as SVG pictures for reports: [adjoint.chart.Chart] holds what is to be shown, and draws it.
///
/// ```java
/// var depth = new Chart.Axis("layer", Chart.Scale.LINEAR);
/// var size = new Chart.Axis("gradient, root mean square", Chart.Scale.LOGARITHMIC);
/// String svg = new Chart(depth, size, List.of(Chart.Line.of("sigmoid", 0, layers, gradients))).svg();
/// ```
package adjoint.chart;
