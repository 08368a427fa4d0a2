package adjoint.doctor;

import adjoint.train.GradientFlow;
import adjoint.train.GradientFlow.LayerFlow;

import java.util.Arrays;
import java.util.Optional;

/// What some steps of training show.
final class CourseSigns {
    private static final double WORSE = 1.5; // times the loss at the beginning
    private static final double SAME = 0.995;
    private static final double JUMP = 3;
    private static final double VIOLENT = 0.2; // of a weight's size, in one step
    private static final double TIMID = 1e-5;

    private CourseSigns() {}

    static Optional<Finding> rateTooHigh(Course course) {
        if (course.losses().length < 3) {
            return Optional.empty();
        }
        double change = changes(course)[course.flows().size() - 1];
        boolean violent = change > VIOLENT;
        double early = course.losses()[0];
        boolean worse = course.broken().isPresent() || course.late() > WORSE * early;
        boolean jumped = Arrays.stream(course.losses()).max().orElse(early) > JUMP * early;
        boolean nothing = course.late() > SAME * early || jumped && course.late() > early / 2;
        boolean killed = !dead(course.start()) && dead(course.end());
        if (!((worse || killed) && change > VIOLENT / 10 || violent && nothing)) {
            return Optional.empty();
        }
        return Optional.of(
                new Finding(
                        Ailment.RATE_TOO_HIGH,
                        "",
                        FlowSigns.format(
                                "steps change the weights by %.0f %% of their size (0.1 %% is usual), and the loss goes"
                                        + " from %.3g to %s",
                                100 * change,
                                early,
                                course.broken().isPresent() ? "NaN" : FlowSigns.format("%.3g", course.late())),
                        "Use a learning rate a tenth of it or less, or warm-up and clipNorm(1)"));
    }

    private static boolean dead(GradientFlow flow) {
        return FlowSigns.of(flow, Integer.MAX_VALUE).stream().anyMatch(f -> f.ailment() == Ailment.DEAD);
    }

    static Optional<Finding> rateTooLow(Course course) {
        double change = middle(changes(course)); // a schedule may begin and end near 0
        boolean nothing = course.late() > 0.98 * course.early();
        return change > 0 && change < TIMID && nothing && course.broken().isEmpty()
                ? Optional.of(
                        new Finding(
                                Ailment.RATE_TOO_LOW,
                                "",
                                FlowSigns.format(
                                        "steps change the weights by %.0e of their size (0.001 is usual), and the loss"
                                                + " stays at %.3g",
                                        change, course.late()),
                                "Use a learning rate ten or a hundred times as high"))
                : Optional.empty();
    }

    // Of the layers whose weights had a size when they were measured: the middle one, of each sample, in rising order.
    private static double[] changes(Course course) {
        return course.flows().stream()
                .mapToDouble(sample ->
                        middle(
                                sample.flow().layers().stream()
                                        .filter(l -> l.weight() > 0 && !Double.isNaN(l.update()))
                                        .mapToDouble(LayerFlow::updateRatio)
                                        .sorted()
                                        .toArray()))
                .sorted()
                .toArray();
    }

    private static double middle(double... sorted) {
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }
}
