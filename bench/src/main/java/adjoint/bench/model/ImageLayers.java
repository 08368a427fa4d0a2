package adjoint.bench.model;

import adjoint.nn.Layer;

/// The layers of convolutional networks that [LeNet] and [ResNet20] are built from. Images are `[N, H, W, C]`.
public interface ImageLayers {
    /// A square kernel, padded so that a stride of 1 keeps the size. Its parameters are the kernel `[H, W, in, out]` and,
    /// if there is one, the bias.
    Layer convolution(int in, int out, int kernel, int stride, boolean bias);

    /// Batch normalization with scale, shift and running statistics.
    Layer batchNorm(int channels);

    /// The largest of each 2x2 square.
    Layer maxPool();

    /// The library's own.
    ///
    /// @throws UnsupportedOperationException as long as it has none
    static ImageLayers standard() {
        throw new UnsupportedOperationException("Adjoint has no convolutional layers yet");
    }
}
