package adjoint.bench.djl;

import adjoint.bench.sidebyside.Contender;
import adjoint.bench.sidebyside.Inputs;
import adjoint.bench.sidebyside.Pool;
import adjoint.bench.sidebyside.Server;
import adjoint.bench.sidebyside.Weight;
import adjoint.bench.sidebyside.Workload;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/// DJL with its PyTorch engine: the official libtorch, whose products are MKL's.
public final class DjlContender implements Contender {
    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    private DjlContender() {}

    /// Serves, with as many threads as the argument says.
    public static void main(String[] args) throws IOException {
        System.setProperty("ai.djl.pytorch.num_threads", args[0]);
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        Server.run(new DjlContender());
    }

    @Override
    public Training prepare(Workload workload, List<Weight> weights) {
        return switch (workload) {
            case MLP_SMALL -> classify(workload, weights, Nets.mlp(784, 128, 10), sgd(0.01f, 0, 0));
            case MLP_LARGE -> classify(workload, weights, Nets.mlp(784, 1024, 1024, 10), adam(1e-3f));
            case LENET -> classify(workload, weights, Nets.lenet(), adam(1e-3f));
            case RESNET20 -> classify(workload, weights, Nets.resnet20(), sgd(0.01f, 0.9f, 1e-4f));
            case CHAR_GPT -> characters(workload, weights);
            case DQN -> new QLearning(workload, weights);
            case DQN_ACT -> new Acting(workload, weights);
            case LSTM, DEEP_NARROW, ODD_CONV, GPT_TOKEN ->
                    throw new UnsupportedOperationException(workload.title() + " is not written for DJL");
        };
    }

    private static Optimizer adam(float rate) {
        return Optimizer.adam().optLearningRateTracker(Tracker.fixed(rate)).build();
    }

    private static Optimizer sgd(float rate, float momentum, float decay) {
        return Optimizer.sgd()
                .setLearningRateTracker(Tracker.fixed(rate))
                .optMomentum(momentum)
                .optWeightDecays(decay)
                .build();
    }

    private Training classify(Workload workload, List<Weight> weights, Block net, Optimizer optimizer) {
        var in = new Inputs(workload);
        IntFunction<NDList> batches =
                i -> new NDList(floats(in.x(i), workload.shape()), longs(in.labels(i), workload.batch()));
        return new Supervised(trainer(workload, net, weights, optimizer), workload, batches);
    }

    private Training characters(Workload workload, List<Weight> weights) {
        Optimizer optimizer =
                Optimizer.adamW()
                        .optLearningRateTracker(Tracker.fixed(1e-3f))
                        .optBeta1(0.9f)
                        .optBeta2(0.99f)
                        .optWeightDecays(0.1f)
                        .build();
        var in = new Inputs(workload);
        IntFunction<NDList> batches =
                i -> new NDList(longs(in.characters(i), workload.shape()), longs(in.tags(i), workload.size()));
        Block net = Gpt.flat(new Gpt(manager, 65, 64, 4, 4, 128));
        return new Supervised(trainer(workload, net, weights, optimizer), workload, batches);
    }

    private Trainer trainer(Workload workload, Block net, List<Weight> weights, Optimizer optimizer) {
        Model model = Model.newInstance("bench", Device.cpu());
        model.setBlock(net);
        var config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(optimizer)
                        .optDevices(new Device[] {Device.cpu()});
        Trainer trainer = model.newTrainer(config);
        trainer.initialize(shape(workload.shape()));
        load(net, weights);
        return trainer;
    }

    private Block frozen(Workload workload, List<Weight> weights) {
        Block net = Nets.mlp(4, 120, 84, 2);
        net.initialize(manager, DataType.FLOAT32, shape(workload.shape()));
        load(net, weights);
        return net;
    }

    private static void load(Block net, List<Weight> weights) {
        List<Parameter> parameters = net.getParameters().values().stream().filter(Parameter::requiresGradient).toList();
        if (parameters.size() != weights.size()) {
            throw new IllegalStateException(
                    "the network has " + parameters.size() + " parameters, the file has " + weights.size());
        }
        for (int i = 0; i < weights.size(); i++) {
            NDArray array = parameters.get(i).getArray();
            if (array.size() != weights.get(i).values().length) {
                throw new IllegalStateException(
                        "parameter "
                                + i
                                + " is "
                                + array.getShape()
                                + ", the file has "
                                + Arrays.toString(weights.get(i).dims()));
            }
            array.set(weights.get(i).values());
        }
    }

    private NDArray floats(float[] values, int... dims) {
        return manager.create(values, shape(dims));
    }

    private NDArray longs(int[] values, int... dims) {
        return manager.create(Arrays.stream(values).asLongStream().toArray(), shape(dims));
    }

    private static Shape shape(int... dims) {
        return new Shape(Arrays.stream(dims).asLongStream().toArray());
    }

    private abstract class Trained implements Training {
        final Trainer trainer;
        private final Pool<NDList> batches;

        Trained(Trainer trainer, Workload workload, IntFunction<NDList> batches) {
            this.trainer = trainer;
            this.batches = new Pool<>(workload, batches);
        }

        abstract NDArray loss(NDList batch);

        // Results belong to the manager of their inputs: a manager of the step's own frees them all.
        private double train(int i, boolean reads) {
            NDList batch = batches.of(i);
            double value = 0;
            try (NDManager scope = manager.newSubManager()) {
                try (GradientCollector collector = trainer.newGradientCollector()) {
                    batch.tempAttach(scope);
                    NDArray loss = loss(batch);
                    collector.backward(loss);
                    value = reads ? loss.getFloat() : 0;
                }
                trainer.step();
            }
            return value;
        }

        @Override
        public void step(int i) {
            train(i, false);
        }

        @Override
        public double observedStep(int i) {
            return train(i, true);
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    private final class Supervised extends Trained {
        Supervised(Trainer trainer, Workload workload, IntFunction<NDList> batches) {
            super(trainer, workload, batches);
        }

        @Override
        NDArray loss(NDList batch) {
            return trainer.getLoss().evaluate(new NDList(batch.get(1)), trainer.forward(new NDList(batch.get(0))));
        }
    }

    private final class QLearning extends Trained {
        private final ParameterStore store = new ParameterStore(manager, false);
        private final Block frozen;

        QLearning(Workload workload, List<Weight> weights) {
            var in = new Inputs(workload);
            Trainer trainer = trainer(workload, Nets.mlp(4, 120, 84, 2), weights, adam(2.5e-4f));
            super(
                    trainer,
                    workload,
                    i ->
                            new NDList(
                                    floats(in.x(i), workload.shape()),
                                    longs(in.actions(i), workload.batch(), 1),
                                    floats(in.rewards(i), workload.batch()),
                                    floats(in.live(i), workload.batch()),
                                    floats(in.nextObservations(i), workload.shape())));
            frozen = frozen(workload, weights);
        }

        @Override
        NDArray loss(NDList batch) {
            NDArray best = frozen.forward(store, new NDList(batch.get(4)), false).head().max(new int[] {1});
            NDArray goal = best.mul(batch.get(3)).mul(0.99f).add(batch.get(2)).stopGradient();
            NDArray values = trainer.forward(new NDList(batch.get(0))).head();
            return values.gather(batch.get(1), 1).squeeze(1).sub(goal).square().mean();
        }
    }

    private final class Acting implements Training {
        private final ParameterStore store = new ParameterStore(manager, false);
        private final Block net;
        private final Pool<NDList> observations;
        private long chosen;

        Acting(Workload workload, List<Weight> weights) {
            net = frozen(workload, weights);
            var in = new Inputs(workload);
            observations = new Pool<>(workload, i -> new NDList(floats(in.x(i), workload.shape())));
        }

        private NDArray values(NDManager scope, int i) {
            NDList x = observations.of(i);
            x.tempAttach(scope);
            return net.forward(store, x, false).head();
        }

        @Override
        public void step(int i) {
            try (NDManager scope = manager.newSubManager()) {
                chosen += values(scope, i).argMax().getLong();
            }
        }

        @Override
        public double observedStep(int i) {
            try (NDManager scope = manager.newSubManager()) {
                return values(scope, i).max().getFloat();
            }
        }

        @Override
        public void fill() {
            observations.fill();
        }
    }
}
