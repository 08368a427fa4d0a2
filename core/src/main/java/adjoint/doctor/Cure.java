package adjoint.doctor;

import adjoint.train.GradientFlow;

/// What a remedy did.
///
/// @param remedy what was tried
/// @param loss at the end of the trial: the mean of its last fifth; infinite where it broke
/// @param firstLoss of the first step
/// @param layer the number of the layer concerned, in the order in which they run
/// @param before signals and errors before the first step, with the remedy
/// @param after the same after the last step
public record Cure(Remedy remedy, double loss, double firstLoss, int layer, GradientFlow before, GradientFlow after) {
    static Cure of(Remedy remedy, Course course, int layer) {
        return new Cure(remedy, course.late(), course.losses()[0], layer, course.start(), course.end());
    }

    /// The root mean square of the gradient of the layer concerned, before the first step.
    public double gradient() {
        return layer < before.layers().size() ? before.layers().get(layer).gradient() : Double.NaN;
    }

    @Override
    public String toString() {
        return FlowSigns.format(
                "%-34s loss %8.4g, gradient %.1e, error first/last %.1e",
                remedy.name(), loss, gradient(), before.lastToFirst());
    }
}
