package adjoint.nn;

import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

/// The mean of each window, each channel for itself.
///
/// Shapes: x `[N, spatial…, C]`, y `[N, out…, C]`; any number of spatial axes.
///
/// @param window size, stride, padding and dilation
/// @param countPadding whether the zeros outside of the input count as elements
public record AveragePool(Window window, boolean countPadding) implements Layer {
    /// Without the zeros outside of the input.
    public AveragePool(Window window) {
        this(window, false);
    }

    /// Windows side by side, of a size for each spatial axis; a single number holds for all.
    public AveragePool(int... size) {
        this(Window.of(size));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.averagePool(window, countPadding);
    }

    @Override
    public String toString() {
        return "AveragePool(" + window + (countPadding ? ", counting padding)" : ")");
    }
}
