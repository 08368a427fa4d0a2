package adjoint.bench.libtorch;

import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.relu;

import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;

/// The networks but for the language model.
final class Nets {
    private Nets() {}

    static final class Mlp extends Net {
        private final LinearImpl[] layers;

        Mlp(int... widths) {
            layers = new LinearImpl[widths.length - 1];
            for (int i = 0; i < layers.length; i++) {
                layers[i] = linear(widths[i], widths[i + 1], true);
            }
        }

        @Override
        Tensor forward(Tensor x) {
            Tensor y = layers[0].forward(x);
            for (int i = 1; i < layers.length; i++) {
                y = layers[i].forward(relu(y));
            }
            return y;
        }
    }

    static final class LeNet extends Net {
        private final Conv2dImpl first = convolution(1, 32, 5, 1, true);
        private final Conv2dImpl second = convolution(32, 64, 5, 1, true);
        private final LinearImpl hidden = linear(3136, 512, true);
        private final LinearImpl head = linear(512, 10, true);

        @Override
        Tensor forward(Tensor x) {
            Tensor y = max_pool2d(relu(first.forward(x)), 2, 2);
            y = max_pool2d(relu(second.forward(y)), 2, 2);
            return head.forward(relu(hidden.forward(y.flatten(1, -1))));
        }
    }

    static final class LstmTagger extends Net {
        private final LSTMImpl lstm;
        private final LinearImpl head;

        LstmTagger(int in, int hidden, int classes) {
            var options = new LSTMOptions(in, hidden);
            options.batch_first().put(true);
            lstm = add(new LSTMImpl(options));
            // Of its two biases only the sum counts; trained both, they would move it twice as far in a step of Adam.
            lstm.named_parameters().get("bias_hh_l0").requires_grad_(false).zero_();
            head = linear(hidden, classes, true);
        }

        @Override
        Tensor forward(Tensor x) {
            return head.forward(lstm.forward(x).get0());
        }
    }

    static final class DeepNarrow extends Net {
        private final LinearImpl[] layers;
        private final LinearImpl head;

        DeepNarrow(int depth, int width, int classes) {
            layers = new LinearImpl[depth];
            for (int i = 0; i < depth; i++) {
                layers[i] = linear(width, width, true);
            }
            head = linear(width, classes, true);
        }

        @Override
        Tensor forward(Tensor x) {
            Tensor y = x;
            for (LinearImpl layer : layers) {
                y = layer.forward(y).tanh();
            }
            return head.forward(y);
        }
    }

    static final class OddConv extends Net {
        private final Conv2dImpl first = convolution(3, 13, 3, 1, true);
        private final Conv2dImpl second = convolution(13, 29, 3, 2, true);
        private final Conv2dImpl third = convolution(29, 31, 5, 1, true);
        private final LinearImpl head = linear(31, 7, true);

        @Override
        Tensor forward(Tensor x) {
            Tensor y = relu(second.forward(relu(first.forward(x))));
            return head.forward(relu(third.forward(y)).mean(2, 3));
        }
    }

    static final class ResNet20 extends Net {
        private final Conv2dImpl stem = convolution(3, 16, 3, 1, false);
        private final BatchNorm2dImpl norm = batchNorm(16);
        private final Block[] blocks = new Block[9];
        private final LinearImpl head;

        ResNet20() {
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = add(new Block(16 << Math.max(0, i - 1) / 3, 16 << i / 3));
            }
            head = linear(64, 10, true);
        }

        @Override
        Tensor forward(Tensor x) {
            Tensor y = relu(norm.forward(stem.forward(x)));
            for (Block block : blocks) {
                y = block.forward(y);
            }
            return head.forward(y.mean(2, 3));
        }
    }

    private static final class Block extends Net {
        private final Conv2dImpl first;
        private final BatchNorm2dImpl firstNorm;
        private final Conv2dImpl second;
        private final BatchNorm2dImpl secondNorm;
        private final Conv2dImpl projection; // null where the width stays, as is its norm
        private final BatchNorm2dImpl projectionNorm;

        Block(int in, int out) {
            first = convolution(in, out, 3, out / in, false);
            firstNorm = batchNorm(out);
            second = convolution(out, out, 3, 1, false);
            secondNorm = batchNorm(out);
            projection = in == out ? null : convolution(in, out, 1, 2, false);
            projectionNorm = in == out ? null : batchNorm(out);
        }

        @Override
        Tensor forward(Tensor x) {
            Tensor y = secondNorm.forward(second.forward(relu(firstNorm.forward(first.forward(x)))));
            return relu(y.add_(projection == null ? x : projectionNorm.forward(projection.forward(x))));
        }
    }
}
