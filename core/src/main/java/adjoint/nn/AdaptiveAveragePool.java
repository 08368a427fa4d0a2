package adjoint.nn;

import adjoint.tensor.Ints;
import adjoint.tensor.Tensor;

/// The mean of each window, each channel for itself, with windows such that the output has a given size: window `i` of `n`
/// reads elements `⌊i in / n⌋` to before `⌈(i + 1) in / n⌉`, as in PyTorch.
///
/// Shapes: x `[N, spatial…, C]`, y `[N, size…, C]`; any number of spatial axes.
///
/// @param size of the output, for each spatial axis; a single number holds for all
public record AdaptiveAveragePool(Ints size) implements Layer {
    /// An output of a size for each spatial axis; a single number holds for all.
    public AdaptiveAveragePool(int... size) {
        this(Ints.of(size));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.adaptiveAveragePool(size.toArray());
    }

    @Override
    public String toString() {
        return "AdaptiveAveragePool(" + ConvolutionParts.numbers(size.toArray()) + ")";
    }
}
