package adjoint.lab;

import adjoint.data.Batch;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.models.Mlp;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.plan.Engine;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The sizes of the loss's gradients in each layer of a multilayer perceptron, as root mean squares.
///
/// @param inputs the mean squares of what goes into the hidden neurons, by layer: `q`
/// @param activations of the gradients with respect to what comes out of them, by layer
/// @param weights of the gradients with respect to their weights, by layer
record GradientProbe(double[] inputs, double[] activations, double[] weights) {

    /// Measures them on one batch, in the type of the network's weights.
    static GradientProbe of(Mlp model, Batch batch, Engine engine) {
        List<Tensor> sums = new ArrayList<>();
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> weights = new ArrayList<>();
        Pass pass =
                Pass.inference()
                        .observing((path, layer, output) -> {
                            if (layer instanceof Linear linear && path.startsWith("hidden")) {
                                sums.add(output);
                                weights.add(linear.weight().value());
                            } else if (layer instanceof Mlp.Block) {
                                outputs.add(output);
                            }
                        });
        DType type = model.head().weight().type();
        Tensor loss = Loss.crossEntropy(model.apply(batch.x().to(type), pass), batch.y());
        List<Tensor> asked = new ArrayList<>(outputs);
        asked.addAll(weights);
        List<Tensor> gradients = Gradients.of(loss, asked);
        List<Tensor> wanted = new ArrayList<>(gradients);
        wanted.addAll(sums);
        engine.evaluate(wanted.toArray(Tensor[]::new));
        double[] sizes = gradients.stream().mapToDouble(GradientProbe::size).toArray();
        return new GradientProbe(
                sums.stream().mapToDouble(z -> Math.pow(size(z), 2)).toArray(),
                Arrays.copyOf(sizes, outputs.size()),
                Arrays.copyOfRange(sizes, outputs.size(), sizes.length));
    }

    // Divided by the largest first: the squares of small numbers would be 0.
    private static double size(Tensor tensor) {
        double[] g = tensor.type() == DType.FLOAT64 ? tensor.toDoubles() : doubles(tensor.toFloats());
        double largest = Arrays.stream(g).map(Math::abs).max().orElse(0);
        if (largest == 0) {
            return 0;
        }
        return largest * Math.sqrt(Arrays.stream(g).map(v -> v / largest * (v / largest)).average().orElse(0));
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    /// By how much the base-10 logarithm of sizes rises from one layer to the next: the slope of the least squares line.
    static double slope(double[] sizes) {
        int n = sizes.length;
        double middle = (n - 1) / 2.0;
        double mean = Arrays.stream(sizes).map(Math::log10).average().orElse(0);
        double above = 0;
        double below = 0;
        for (int i = 0; i < n; i++) {
            above += (i - middle) * (Math.log10(sizes[i]) - mean);
            below += (i - middle) * (i - middle);
        }
        return above / below;
    }
}
