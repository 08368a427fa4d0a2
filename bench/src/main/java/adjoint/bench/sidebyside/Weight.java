package adjoint.bench.sidebyside;

import java.util.Arrays;

/// One parameter of a network with its first values.
///
/// @param kind how the axes are meant
/// @param dims the shape, in the order that the kind says
/// @param values in row-major order
public record Weight(Kind kind, int[] dims, float[] values) {
    /// What a parameter is; the order of its axes is PyTorch's.
    public enum Kind {
        /// `[out, in]`, of a linear layer.
        MATRIX,
        /// `[out, in, height, width]`, of a convolution, or of a linear layer that reads an image channels first.
        KERNEL,
        /// `[count, width]`, of an embedding.
        TABLE,
        /// `[n]`, a bias or scale.
        VECTOR
    }

    /// The number of values that a shape asks for.
    static int size(int... dims) {
        return Arrays.stream(dims).reduce(1, Math::multiplyExact);
    }
}
