package adjoint.nn;

import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

/// The largest element of each window, each channel for itself; of equal ones the first gets the gradient.
///
/// Shapes: x `[N, spatial…, C]`, y `[N, out…, C]`; any number of spatial axes.
///
/// @param window size, stride, padding and dilation
public record MaxPool(Window window) implements Layer {
    /// Windows side by side, of a size for each spatial axis; a single number holds for all.
    public MaxPool(int... size) {
        this(Window.of(size));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return x.maxPool(window);
    }

    @Override
    public String toString() {
        return "MaxPool(" + window + ")";
    }
}
