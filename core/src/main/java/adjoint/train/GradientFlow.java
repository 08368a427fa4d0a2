package adjoint.train;

import java.util.List;

/// How signals and errors go through a network in one step: a row for each layer with weights, from input to output.
///
/// @param layers in the order in which the network ran them
/// @param loss of the batch
public record GradientFlow(List<LayerFlow> layers, double loss) {
    /// Copies the list.
    public GradientFlow {
        layers = List.copyOf(layers);
    }

    /// One layer in one step. "Outputs" are the layer's weighted sums, behind a norm that follows it at once. Numbers that
    /// cannot be had (the gradient inside a [adjoint.nn.Checkpoint], the update where nothing was trained) are NaN.
    ///
    /// @param path of the layer: `hidden.3.linear`
    /// @param layer in words: `Linear(100 -> 100)`
    /// @param weight the root mean square of its weights
    /// @param gradient that of the loss's derivative with respect to them
    /// @param update that of what the step adds to them
    /// @param output that of its outputs
    /// @param outputGradient that of the loss's derivative with respect to its outputs
    /// @param outputs how many there are in the batch
    /// @param variation how much of the outputs differs from example to example: the root mean square of what is left when the
    ///     mean over the batch is taken away, as a share of `output`
    /// @param likeness how alike its units' weights are: 1 where all are the same, 0 where they differ as random ones do
    /// @param gradientLikeness the same of their gradients
    /// @param nonlinearity what follows the outputs at once
    /// @param idle of ReLU, the share of units that gave 0 for the whole batch; of sigmoid and tanh, the share of outputs within
    ///     3 % of the range's ends; 0 otherwise
    public record LayerFlow(
            String path,
            String layer,
            double weight,
            double gradient,
            double update,
            double output,
            double outputGradient,
            long outputs,
            double variation,
            double likeness,
            double gradientLikeness,
            Nonlinearity nonlinearity,
            double idle) {
        /// The length of the loss's derivative with respect to all outputs of the batch, taken as one vector. Other than the
        /// root mean square, it does not depend on into how many outputs a layer divides its influence.
        public double errorNorm() {
            return outputGradient * Math.sqrt(outputs);
        }

        /// How far the step moves the weights, as a share of their size.
        public double updateRatio() {
            return weight == 0 ? 0 : update / weight;
        }

        /// Whether all numbers that could be had are finite.
        public boolean isFinite() {
            return !Double.isInfinite(weight + gradient + update + output + outputGradient)
                    && !Double.isNaN(weight + output);
        }
    }

    /// The functions whose idle units are counted.
    public enum Nonlinearity {
        RELU,
        SIGMOID,
        TANH,
        /// None of them.
        OTHER
    }

    /// The error at the first layer as a share of that at the last: what is left of it on its way back.
    public double lastToFirst() {
        return layers.isEmpty() ? Double.NaN : layers.getFirst().errorNorm() / layers.getLast().errorNorm();
    }
}
