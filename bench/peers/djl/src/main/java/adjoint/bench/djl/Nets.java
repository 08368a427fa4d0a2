package adjoint.bench.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;

import java.util.List;

/// The networks but for the language model.
final class Nets {
    private Nets() {}

    static Block mlp(int... widths) {
        var net = new SequentialBlock();
        for (int i = 1; i < widths.length; i++) {
            if (i > 1) {
                net.add(Activation::relu);
            }
            net.add(linear(widths[i], true));
        }
        return net;
    }

    static Block lenet() {
        var two = new Shape(2, 2);
        return new SequentialBlock()
                .add(convolution(32, 5, 1, true))
                .add(Activation::relu)
                .add(Pool.maxPool2dBlock(two, two))
                .add(convolution(64, 5, 1, true))
                .add(Activation::relu)
                .add(Pool.maxPool2dBlock(two, two))
                .add(Blocks.batchFlattenBlock())
                .add(linear(512, true))
                .add(Activation::relu)
                .add(linear(10, true));
    }

    static Block resnet20() {
        SequentialBlock net =
                new SequentialBlock().add(convolution(16, 3, 1, false)).add(batchNorm()).add(Activation::relu);
        for (int i = 0; i < 9; i++) {
            int out = 16 << i / 3;
            int stride = i == 3 || i == 6 ? 2 : 1;
            Block body =
                    new SequentialBlock()
                            .add(convolution(out, 3, stride, false))
                            .add(batchNorm())
                            .add(Activation::relu)
                            .add(convolution(out, 3, 1, false))
                            .add(batchNorm());
            Block shortcut =
                    stride == 1
                            ? Blocks.identityBlock()
                            : new SequentialBlock().add(convolution(out, 1, stride, false)).add(batchNorm());
            net.add(
                    new ParallelBlock(
                            paths -> new NDList(Activation.relu(paths.get(0).head().add(paths.get(1).head()))),
                            List.of(body, shortcut)));
        }
        return net.add(Pool.globalAvgPool2dBlock()).add(linear(10, true));
    }

    static Block linear(int out, boolean bias) {
        return Linear.builder().setUnits(out).optBias(bias).build();
    }

    private static Block batchNorm() {
        return BatchNorm.builder().build();
    }

    private static Block convolution(int out, int kernel, int stride, boolean bias) {
        return Conv2d.builder()
                .setFilters(out)
                .setKernelShape(new Shape(kernel, kernel))
                .optStride(new Shape(stride, stride))
                .optPadding(new Shape(kernel / 2, kernel / 2))
                .optBias(bias)
                .build();
    }
}
