package adjoint.bench.model;

import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.Tensor;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The residual network of 20 layers for small images (He et al. 2016), with projections where the width changes.
///
/// Shapes: `[N, 32, 32, 3]` to `[N, 10]`.
///
/// @param stem 3x3, 3 to 16 channels
/// @param stemNorm behind it
/// @param blocks nine of them
/// @param head 64 to 10
public record ResNet20(Conv2d stem, BatchNorm stemNorm, List<Block> blocks, Linear head) implements Layer {
    /// Two convolutions beside a shortcut.
    ///
    /// @param first has the stride
    /// @param firstNorm behind it
    /// @param second keeps the size
    /// @param secondNorm behind it
    /// @param projection where the size changes
    public record Block(
            Conv2d first, BatchNorm firstNorm, Conv2d second, BatchNorm secondNorm, Optional<Projection> projection)
            implements Layer {
        static Block of(int in, int out, Init init) {
            int stride = out / in;
            return new Block(
                    convolution(in, out, 3, stride, init),
                    new BatchNorm(out, init),
                    convolution(out, out, 3, 1, init),
                    new BatchNorm(out, init),
                    stride == 1
                            ? Optional.empty()
                            : Optional.of(
                                    new Projection(convolution(in, out, 1, stride, init), new BatchNorm(out, init))));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = firstNorm.apply(first.apply(x, pass), pass).relu();
            y = secondNorm.apply(second.apply(y, pass), pass);
            return y.add(projection.isPresent() ? projection.get().apply(x, pass) : x).relu();
        }
    }

    /// A shortcut to another width.
    ///
    /// @param convolution 1x1 with stride 2
    /// @param norm behind it
    public record Projection(Conv2d convolution, BatchNorm norm) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return norm.apply(convolution.apply(x, pass), pass);
        }
    }

    // Padded as PyTorch pads: with a stride, SAME would stand elsewhere.
    private static Conv2d convolution(int in, int out, int window, int stride, Init init) {
        return Conv2d.withoutBias(in, out, window, new Conv().stride(stride).padding(window / 2), init);
    }

    /// With new weights.
    public static ResNet20 of(Init init) {
        return new ResNet20(
                convolution(3, 16, 3, 1, init),
                new BatchNorm(16, init),
                IntStream.range(0, 9).mapToObj(i -> Block.of(16 << Math.max(0, i - 1) / 3, 16 << i / 3, init)).toList(),
                new Linear(64, 10, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = stemNorm.apply(stem.apply(x, pass), pass).relu();
        for (Block block : blocks) {
            y = block.apply(y, pass);
        }
        return head.apply(y.mean(1, 2), pass);
    }
}
