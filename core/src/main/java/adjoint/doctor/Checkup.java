package adjoint.doctor;

import adjoint.train.GradientFlow;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What the doctor found.
///
/// @param findings what is wrong, causes before what they cause; nothing if all is well
/// @param before signals and errors before anything was learned, if the network could be run
/// @param after the same after the steps that were tried
/// @param losses of those steps
public record Checkup(
        List<Finding> findings, Optional<GradientFlow> before, Optional<GradientFlow> after, List<Double> losses) {
    private static final int TENTH = 10;

    /// Copies the lists.
    public Checkup {
        findings = List.copyOf(findings);
        losses = List.copyOf(losses);
    }

    static Checkup of(List<Finding> findings, Course course) {
        return new Checkup(
                findings,
                Optional.of(course.start()),
                Optional.of(course.end()),
                Arrays.stream(course.losses()).boxed().toList());
    }

    /// Whether nothing is wrong.
    public boolean isHealthy() {
        return findings.isEmpty();
    }

    /// Whether this is among the findings.
    public boolean names(Ailment ailment) {
        return findings.stream().anyMatch(f -> f.ailment() == ailment);
    }

    /// The loss at the end: the mean of the last tenth of the steps; NaN where none could be done.
    public double loss() {
        int n = losses.size();
        return losses.subList(Math.max(0, n - Math.max(1, n / TENTH)), n).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /// The findings in words, and a picture of the errors layer by layer.
    public String describe() {
        var text = new StringBuilder();
        if (findings.isEmpty()) {
            text.append(
                    FlowSigns.format(
                            "nothing is wrong: in %d steps the loss went from %.4g to %.4g%n",
                            losses.size(), losses.getFirst(), loss()));
        }
        for (Finding f : findings) {
            text.append("- ").append(f).append(System.lineSeparator());
        }
        before.ifPresent(flow -> text.append(System.lineSeparator()).append(FlowPicture.of(flow)));
        return text.toString();
    }
}
