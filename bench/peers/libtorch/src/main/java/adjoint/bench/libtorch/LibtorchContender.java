package adjoint.bench.libtorch;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.mse_loss;
import static org.bytedeco.pytorch.global.torch.set_num_interop_threads;
import static org.bytedeco.pytorch.global.torch.set_num_threads;

import adjoint.bench.sidebyside.Contender;
import adjoint.bench.sidebyside.Inputs;
import adjoint.bench.sidebyside.Pool;
import adjoint.bench.sidebyside.Server;
import adjoint.bench.sidebyside.Weight;
import adjoint.bench.sidebyside.Workload;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// libtorch by its C++ front end.
public final class LibtorchContender implements Contender {
    private final MemoryFormat format;

    private LibtorchContender(MemoryFormat format) {
        this.format = format;
    }

    /// Serves, with as many threads as the first argument says; a second one, `channels-last`, turns images and kernels
    /// over.
    public static void main(String[] args) throws IOException {
        set_num_threads(Integer.parseInt(args[0]));
        set_num_interop_threads(1);
        boolean last = args.length > 1 && args[1].equals("channels-last");
        Server.run(new LibtorchContender(last ? MemoryFormat.ChannelsLast : MemoryFormat.Contiguous));
    }

    @Override
    public Training prepare(Workload workload, List<Weight> weights) {
        return switch (workload) {
            case MLP_SMALL -> {
                Net net = loaded(new Nets.Mlp(784, 128, 10), weights);
                yield classify(workload, net, new SGD(net.trained(), new SGDOptions(0.01)));
            }
            case MLP_LARGE -> {
                Net net = loaded(new Nets.Mlp(784, 1024, 1024, 10), weights);
                yield classify(workload, net, adam(net, 1e-3));
            }
            case LENET -> {
                Net net = loaded(new Nets.LeNet(), weights);
                yield classify(workload, net, adam(net, 1e-3));
            }
            case RESNET20 -> {
                Net net = loaded(new Nets.ResNet20(), weights);
                var options = new SGDOptions(0.01);
                options.momentum().put(0.9);
                options.weight_decay().put(1e-4);
                yield classify(workload, net, new SGD(net.trained(), options));
            }
            case CHAR_GPT -> {
                Net net = loaded(new Gpt(65, 64, 4, 4, 128), weights);
                var options = new AdamWOptions(1e-3);
                betas(options.betas(), 0.9, 0.99);
                options.weight_decay().put(0.1);
                var in = new Inputs(workload);
                var optimizer = new AdamW(net.trained(), options);
                yield sequences(workload, net, optimizer, i -> longs(in.characters(i), workload.shape()));
            }
            case DQN -> new QLearning(workload, weights);
            case DQN_ACT -> new Acting(workload, weights);
            case LSTM -> {
                Net net = loaded(new Nets.LstmTagger(64, 128, 10), weights);
                var in = new Inputs(workload);
                yield sequences(workload, net, adam(net, 1e-3), i -> floats(in.x(i), workload.shape()));
            }
            case DEEP_NARROW -> {
                Net net = loaded(new Nets.DeepNarrow(50, 32, 10), weights);
                yield classify(workload, net, new SGD(net.trained(), new SGDOptions(0.01)));
            }
            case ODD_CONV -> {
                Net net = loaded(new Nets.OddConv(), weights);
                yield classify(workload, net, adam(net, 1e-3));
            }
            case GPT_TOKEN -> new Writing(workload, loaded(new Gpt(65, 64, 4, 4, 128), weights));
        };
    }

    private static Adam adam(Net net, double rate) {
        return new Adam(net.trained(), new AdamOptions(rate));
    }

    // A std::tuple may keep its elements in reverse order in memory.
    private static void betas(DoublePointer pair, double first, double second) {
        boolean inOrder = pair.get(0) < pair.get(1);
        pair.put(0, inOrder ? first : second);
        pair.put(1, inOrder ? second : first);
    }

    private <N extends Net> N loaded(N net, List<Weight> weights) {
        TensorVector parameters = net.trained();
        if (parameters.size() != weights.size()) {
            throw new IllegalStateException(
                    "the network has " + parameters.size() + " parameters, the file has " + weights.size());
        }
        for (int i = 0; i < weights.size(); i++) {
            Tensor parameter = parameters.get(i);
            Tensor values = Tensor.create(weights.get(i).values(), parameter.shape());
            parameter.set_data(parameter.dim() == 4 ? values.contiguous(format) : values);
        }
        return net;
    }

    private Training classify(Workload workload, Net net, Optimizer optimizer) {
        var in = new Inputs(workload);
        IntFunction<Batch> batches =
                i -> {
                    Tensor x = floats(in.x(i), workload.shape());
                    return new Batch(x.dim() == 4 ? x.contiguous(format) : x, longs(in.labels(i), workload.batch()));
                };
        return new Supervised(workload, net, optimizer, batches);
    }

    private static Training sequences(Workload workload, Net net, Optimizer optimizer, IntFunction<Tensor> x) {
        var in = new Inputs(workload);
        int places = workload.batch() * workload.sample()[0];
        return new Supervised(workload, net, optimizer, i -> new Batch(x.apply(i), longs(in.tags(i), places)));
    }

    static Tensor floats(float[] values, int... dims) {
        return Tensor.create(values, Arrays.stream(dims).asLongStream().toArray());
    }

    static Tensor longs(int[] values, int... dims) {
        return Tensor.create(
                Arrays.stream(values).asLongStream().toArray(), Arrays.stream(dims).asLongStream().toArray());
    }

    private record Batch(Tensor x, Tensor y) {}

    private abstract static class Trained implements Training {
        private final Optimizer optimizer;

        Trained(Optimizer optimizer) {
            this.optimizer = optimizer;
        }

        abstract Tensor loss(int i);

        @Override
        public void step(int i) {
            try (var _ = new PointerScope()) {
                optimizer.zero_grad();
                loss(i).backward();
                optimizer.step();
            }
        }

        @Override
        public double observedStep(int i) {
            try (var _ = new PointerScope()) {
                optimizer.zero_grad();
                Tensor loss = loss(i);
                loss.backward();
                optimizer.step();
                return loss.item_float();
            }
        }
    }

    private static final class Supervised extends Trained {
        private final Net net;
        private final int classes;
        private final Pool<Batch> batches;

        Supervised(Workload workload, Net net, Optimizer optimizer, IntFunction<Batch> batches) {
            super(optimizer);
            this.net = net;
            this.classes = workload.classes();
            this.batches = new Pool<>(workload, i -> kept(batches, i));
        }

        @Override
        Tensor loss(int i) {
            Batch batch = batches.of(i);
            return cross_entropy_loss(net.forward(batch.x).view(-1, classes), batch.y);
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    // A batch made inside a step must outlive the scope that frees the step's tensors.
    private static Batch kept(IntFunction<Batch> batches, int i) {
        Batch batch = batches.apply(i);
        batch.x.retainReference();
        batch.y.retainReference();
        return batch;
    }

    private record Transitions(Tensor x, Tensor action, Tensor reward, Tensor live, Tensor next) {}

    private final class QLearning extends Trained {
        private final Net net;
        private final Net frozen;
        private final Pool<Transitions> batches;

        QLearning(Workload workload, List<Weight> weights) {
            var trained = loaded(new Nets.Mlp(4, 120, 84, 2), weights);
            super(adam(trained, 2.5e-4));
            net = trained;
            frozen = loaded(new Nets.Mlp(4, 120, 84, 2), weights);
            var in = new Inputs(workload);
            batches =
                    new Pool<>(
                            workload,
                            i ->
                                    new Transitions(
                                            retained(floats(in.x(i), workload.shape())),
                                            retained(longs(in.actions(i), workload.batch(), 1)),
                                            retained(floats(in.rewards(i), workload.batch())),
                                            retained(floats(in.live(i), workload.batch())),
                                            retained(floats(in.nextObservations(i), workload.shape()))));
        }

        @Override
        Tensor loss(int i) {
            Transitions t = batches.of(i);
            Tensor goal;
            try (var _ = new NoGradGuard()) {
                Tensor best = frozen.forward(t.next).amax(new long[] {1}, false);
                goal = t.reward.add(t.live.mul(best).mul(new Scalar(0.99)));
            }
            return mse_loss(net.forward(t.x).gather(1, t.action).squeeze(1), goal);
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    private final class Acting implements Training {
        private final Net net;
        private final Pool<Tensor> observations;
        private long chosen;

        Acting(Workload workload, List<Weight> weights) {
            net = loaded(new Nets.Mlp(4, 120, 84, 2), weights);
            var in = new Inputs(workload);
            observations = new Pool<>(workload, i -> retained(floats(in.x(i), workload.shape())));
        }

        @Override
        public void step(int i) {
            try (var _ = new PointerScope();
                    var _ = new NoGradGuard()) {
                chosen += net.forward(observations.of(i)).argmax().item_long();
            }
        }

        @Override
        public double observedStep(int i) {
            try (var _ = new PointerScope();
                    var _ = new NoGradGuard()) {
                return net.forward(observations.of(i)).max().item_float();
            }
        }

        @Override
        public void fill() {
            observations.fill();
        }
    }

    private static final class Writing implements Training {
        private static final int CONTEXT = 64;

        private final Gpt net;
        private final int[] firsts;
        private final long[] token = {0};

        Writing(Workload workload, Gpt net) {
            this.net = net;
            var in = new Inputs(workload);
            firsts = IntStream.range(0, workload.pool()).map(i -> in.characters(i)[0]).toArray();
            net.remember(CONTEXT);
        }

        @Override
        public void step(int i) {
            try (var _ = new PointerScope();
                    var _ = new NoGradGuard()) {
                next(i);
            }
        }

        private Tensor next(int i) {
            int place = i % CONTEXT;
            token[0] = place == 0 ? firsts[i / CONTEXT % firsts.length] : token[0];
            Tensor logits = net.read(Tensor.create(token, 1, 1), place);
            token[0] = logits.argmax().item_long();
            return logits;
        }

        @Override
        public double observedStep(int i) {
            try (var _ = new PointerScope();
                    var _ = new NoGradGuard()) {
                return next(i).max().item_float();
            }
        }
    }

    private static Tensor retained(Tensor t) {
        t.retainReference();
        return t;
    }
}
