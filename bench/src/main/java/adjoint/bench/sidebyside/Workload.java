package adjoint.bench.sidebyside;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;

/// The trainings that all contenders do: one step of each is forward, loss, backward and update on a batch in memory.
///
/// Architectures, batches and optimizers are listed in `bench/README.md`; each contender writes them in its own terms, with
/// the numbers of [Inputs] and [Weights].
public enum Workload {
    /// 784-128-10, ReLU; SGD.
    MLP_SMALL("mlp-small", 32, 10, 784) {
        @Override
        void weights(Weights to) {
            to.perceptron(784, 128, 10);
        }

        @Override
        public double operations() {
            return chain(784, 128, 10);
        }
    },
    /// 784-1024-1024-10, ReLU; Adam.
    MLP_LARGE("mlp-large", 128, 10, 784) {
        @Override
        void weights(Weights to) {
            to.perceptron(784, 1024, 1024, 10);
        }

        @Override
        public double operations() {
            return chain(784, 1024, 1024, 10);
        }
    },
    /// Two convolutions of 5x5 with pooling, two linear layers; Adam.
    LENET("lenet", 64, 10, 1, 28, 28) {
        @Override
        void weights(Weights to) {
            to.convolution(1, 32, 5);
            to.uniform(Weight.Kind.VECTOR, 25, 32);
            to.convolution(32, 64, 5);
            to.uniform(Weight.Kind.VECTOR, 32 * 25, 64);
            to.uniform(Weight.Kind.KERNEL, 3136, 512, 64, 7, 7); // a linear layer that reads the image channels first
            to.uniform(Weight.Kind.VECTOR, 3136, 512);
            to.linear(512, 10);
        }

        @Override
        public double operations() {
            return 4.0 * convolution(28, 5, 1, 32)
                    + 6.0 * convolution(14, 5, 32, 64)
                    + 2 * product(3136, 512)
                    + chain(3136, 512, 10);
        }
    },
    /// He et al. 2016 for CIFAR; SGD with momentum.
    RESNET20("resnet20", 128, 10, 3, 32, 32) {
        @Override
        void weights(Weights to) {
            to.convolution(3, 16, 3);
            to.norm(16);
            for (int block = 0; block < 9; block++) {
                int out = 16 << block / 3;
                int in = block % 3 == 0 && block > 0 ? out / 2 : out;
                to.convolution(in, out, 3);
                to.norm(out);
                to.convolution(out, out, 3);
                to.norm(out);
                if (in != out) {
                    to.convolution(in, out, 1);
                    to.norm(out);
                }
            }
            to.linear(64, 10);
        }

        @Override
        public double operations() {
            double sum = 4 * convolution(32, 3, 3, 16) + 3 * product(64, 10);
            for (int block = 0; block < 9; block++) {
                int out = 16 << block / 3;
                int in = block % 3 == 0 && block > 0 ? out / 2 : out;
                int side = 32 >> block / 3;
                sum += 6 * (convolution(side, 3, in, out) + convolution(side, 3, out, out));
                sum += in == out ? 0 : 6 * convolution(side, 1, in, out);
            }
            return sum;
        }
    },
    /// nanoGPT's configuration for a CPU; AdamW.
    CHAR_GPT("char-gpt", 12, 65, 64) {
        @Override
        void weights(Weights to) {
            to.transformer(65, 64, 4, 128);
        }

        @Override
        public double operations() {
            double block = 64 * product(128, 12 * 128) + 2 * 64 * product(64, 128); // with scores and what they mix
            return 3 * (4 * block + 64 * product(128, 65));
        }
    },
    /// A step of deep Q-learning, 4-120-84-2; Adam.
    DQN("dqn", 128, 2, 4) {
        @Override
        void weights(Weights to) {
            to.perceptron(4, 120, 84, 2);
        }

        @Override
        public double operations() {
            return chain(4, 120, 84, 2) + forward(4, 120, 84, 2);
        }
    },
    /// The choice of one action by that network.
    DQN_ACT("dqn-act", 1, 2, 4) {
        @Override
        void weights(Weights to) {
            to.perceptron(4, 120, 84, 2);
        }

        @Override
        public double operations() {
            return forward(4, 120, 84, 2);
        }
    },
    /// A class for each step of a sequence, by an LSTM; Adam.
    LSTM("lstm", 32, 10, 64, 64) {
        @Override
        void weights(Weights to) {
            // Larger than usual: otherwise the losses hardly tell what the recurrent weights do.
            to.normal(Weight.Kind.MATRIX, 0.125, 4 * 128, 64);
            to.normal(Weight.Kind.MATRIX, 0.125, 4 * 128, 128);
            to.uniform(Weight.Kind.VECTOR, 128, 4 * 128);
            to.normal(Weight.Kind.MATRIX, 0.2, 10, 128);
            to.uniform(Weight.Kind.VECTOR, 128, 10);
        }

        @Override
        public double operations() {
            return 64 * (2 * product(64, 4 * 128) + 3 * product(128, 4 * 128) + 3 * product(128, 10));
        }
    },
    /// 50 layers of 32 units with tanh; SGD.
    DEEP_NARROW("deep-narrow", 64, 10, 32) {
        @Override
        void weights(Weights to) {
            for (int layer = 0; layer < 50; layer++) {
                // With 1 in place of 1.2 the losses hardly depend on the first layers; 1.35 makes rounding errors grow.
                to.normal(Weight.Kind.MATRIX, 1.2 / Math.sqrt(32), 32, 32);
                to.uniform(Weight.Kind.VECTOR, 32, 32);
            }
            to.linear(32, 10);
        }

        @Override
        public double operations() {
            return 149 * product(32, 32) + 3 * product(32, 10);
        }
    },
    /// Three convolutions of odd sizes; Adam.
    ODD_CONV("odd-conv", 37, 7, 3, 27, 27) {
        @Override
        void weights(Weights to) {
            to.convolution(3, 13, 3);
            to.uniform(Weight.Kind.VECTOR, 3 * 9, 13);
            to.convolution(13, 29, 3);
            to.uniform(Weight.Kind.VECTOR, 13 * 9, 29);
            to.convolution(29, 31, 5);
            to.uniform(Weight.Kind.VECTOR, 29 * 25, 31);
            to.linear(31, 7);
        }

        @Override
        public double operations() {
            return 4.0 * convolution(27, 3, 3, 13)
                    + 6.0 * convolution(14, 3, 13, 29)
                    + 6.0 * convolution(14, 5, 29, 31)
                    + 3 * product(31, 7);
        }
    },
    /// The most likely next character of a text that the language model writes, with a cache of what it has read; a new text
    /// begins when its context is full.
    GPT_TOKEN("gpt-token", 1, 65, 64) {
        @Override
        void weights(Weights to) {
            to.transformer(65, 64, 4, 128);
        }

        @Override
        public double operations() {
            return 4 * (product(128, 12 * 128) + 2 * product(32, 128))
                    + product(128, 65); // it looks back on 32, on average
        }
    };

    /// Those of the tables, in their order; the others are run when asked for by name.
    static final List<Workload> TABLE = List.copyOf(EnumSet.range(MLP_SMALL, DQN_ACT));

    private static final int POOLED_FLOATS = 4 << 20; // 16 MB

    private final String title;
    private final int batch;
    private final int classes;
    private final int[] sample;

    Workload(String title, int batch, int classes, int... sample) {
        this.title = title;
        this.batch = batch;
        this.classes = classes;
        this.sample = sample;
    }

    /// The workload with this title.
    public static Workload of(String title) {
        return Arrays.stream(values())
                .filter(w -> w.title.equals(title))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no workload is called '"
                                        + title
                                        + "': there are "
                                        + String.join(", ", Arrays.stream(values()).map(w -> w.title).toList())));
    }

    /// Its name in tables: `mlp-small`.
    public String title() {
        return title;
    }

    /// The samples in a batch.
    public int batch() {
        return batch;
    }

    /// The number of classes, characters or actions.
    public int classes() {
        return classes;
    }

    /// The shape of one sample, an image's channels first; of a text, its length.
    public int[] sample() {
        return sample.clone();
    }

    /// Whether the samples are images.
    public boolean hasImages() {
        return sample.length == 3;
    }

    /// The shape of a batch.
    public int[] shape() {
        int[] shape = new int[sample.length + 1];
        shape[0] = batch;
        System.arraycopy(sample, 0, shape, 1, sample.length);
        return shape;
    }

    /// The numbers in a batch.
    public int size() {
        return Arrays.stream(sample).reduce(batch, Math::multiplyExact);
    }

    /// How many different batches there are: enough that none is learnt by heart, at most 16 MB.
    public int pool() {
        return Math.clamp(POOLED_FLOATS / size(), 4, 64);
    }

    /// Draws or reads its network's weights, one after the other.
    abstract void weights(Weights to);

    /// The floating-point operations that the products and convolutions of a step need; an addition and a multiplication
    /// count as two. A gradient of the input that nobody asks for is left out, what a causal mask hides is counted.
    public abstract double operations();

    // Forward, the gradient of the weights, and behind the first layer that of the input.
    final double chain(int... widths) {
        return 3 * forward(widths) - product(widths[0], widths[1]);
    }

    final double forward(int... widths) {
        double sum = 0;
        for (int i = 1; i < widths.length; i++) {
            sum += product(widths[i - 1], widths[i]);
        }
        return sum;
    }

    final double product(int in, int out) {
        return 2.0 * batch * in * out;
    }

    // Multiply-adds, or half the operations.
    final double convolution(int side, int kernel, int in, int out) {
        return batch * (double) side * side * kernel * kernel * in * out;
    }
}
