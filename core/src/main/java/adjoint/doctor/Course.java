package adjoint.doctor;

import adjoint.nn.Layer;
import adjoint.tensor.Tensor;
import adjoint.train.GradientFlow;
import adjoint.train.NonFinite;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How a training went for some steps.
///
/// @param losses of all steps that were done
/// @param flows measured on the way, the first one before anything was learned
/// @param first what the network gave in the first step
/// @param last what it gave in the last one
/// @param broken where numbers stopped to be finite, which ended it
record Course(double[] losses, List<Sample> flows, Snapshot first, Snapshot last, Optional<NonFinite> broken) {

    /// @param step from 0
    record Sample(int step, GradientFlow flow) {}

    /// A batch and what became of it, as numbers.
    ///
    /// @param entered what went into each layer with weights, in the order in which they ran
    record Snapshot(Tensor x, Tensor y, Tensor output, double loss, List<Entered> entered) {}

    /// @param normed whether a norm follows the layer at once
    record Entered(String path, Layer layer, Tensor x, boolean normed) {}

    GradientFlow start() {
        return flows.getFirst().flow();
    }

    GradientFlow end() {
        return flows.getLast().flow();
    }

    /// The mean of the first tenth of the losses (one at least).
    double early() {
        return mean(0, Math.max(1, losses.length / 10));
    }

    /// The mean of the last fifth of the losses (one at least).
    double late() {
        return broken.isPresent()
                ? Double.POSITIVE_INFINITY
                : mean(losses.length - Math.max(1, losses.length / 5), losses.length);
    }

    private double mean(int from, int to) {
        return Arrays.stream(losses, from, to).average().orElse(Double.NaN);
    }
}
