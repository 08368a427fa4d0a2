package adjoint.bench.dl4j;

import adjoint.bench.sidebyside.Contender;
import adjoint.bench.sidebyside.Inputs;
import adjoint.bench.sidebyside.Pool;
import adjoint.bench.sidebyside.Server;
import adjoint.bench.sidebyside.Weight;
import adjoint.bench.sidebyside.Workload;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/// Deeplearning4j on the CPU; the number of threads comes from the environment.
public final class Dl4jContender implements Contender {
    private Dl4jContender() {}

    /// Serves.
    public static void main(String[] args) throws IOException {
        Server.run(new Dl4jContender());
    }

    @Override
    public Training prepare(Workload workload, List<Weight> weights) {
        return switch (workload) {
            case MLP_SMALL -> classify(workload, loaded(Nets.classifier(new Sgd(0.01), 784, 128, 10), weights));
            case MLP_LARGE -> classify(workload, loaded(Nets.classifier(new Adam(1e-3), 784, 1024, 1024, 10), weights));
            case LENET -> classify(workload, loaded(Nets.lenet(), weights));
            case RESNET20 -> {
                ComputationGraph net = Nets.resnet20();
                yield new Supervised(workload, net::fit, net::score);
            }
            case DQN -> new QLearning(workload, weights);
            case DQN_ACT -> new Acting(workload, weights);
            case CHAR_GPT -> throw new UnsupportedOperationException("Deeplearning4j has no such network");
            case LSTM, DEEP_NARROW, ODD_CONV, GPT_TOKEN ->
                    throw new UnsupportedOperationException(workload.title() + " is not written for Deeplearning4j");
        };
    }

    private static Training classify(Workload workload, MultiLayerNetwork net) {
        return new Supervised(workload, net::fit, net::score);
    }

    private static MultiLayerNetwork loaded(MultiLayerNetwork net, List<Weight> weights) {
        Iterator<Weight> rest = weights.iterator();
        Map<String, INDArray> table = net.paramTable();
        for (String name : table.keySet()) {
            if (name.endsWith("_W")) { // convolutions have their biases first
                assign(table.get(name), rest.next());
                assign(table.get(name.replace("_W", "_b")), rest.next());
            }
        }
        return net;
    }

    private static void assign(INDArray target, Weight weight) {
        INDArray values = Nd4j.createFromArray(weight.values());
        boolean dense = weight.kind() != Weight.Kind.VECTOR && target.rank() == 2; // [in, out], ours is [out, in]
        target.assign(
                dense ? values.reshape(target.size(1), target.size(0)).transpose() : values.reshape(target.shape()));
    }

    private static INDArray floats(float[] values, int... dims) {
        return Nd4j.createFromArray(values).reshape(dims);
    }

    private static INDArray oneHot(int[] labels, int classes) {
        float[] values = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            values[i * classes + labels[i]] = 1;
        }
        return floats(values, labels.length, classes);
    }

    private static final class Supervised implements Training {
        private final Consumer<DataSet> fit;
        private final DoubleSupplier loss;
        private final Pool<DataSet> batches;

        Supervised(Workload workload, Consumer<DataSet> fit, DoubleSupplier loss) {
            this.fit = fit;
            this.loss = loss;
            var in = new Inputs(workload);
            batches =
                    new Pool<>(
                            workload,
                            i ->
                                    new DataSet(
                                            floats(in.x(i), workload.shape()),
                                            oneHot(in.labels(i), workload.classes())));
        }

        @Override
        public void step(int i) {
            fit.accept(batches.of(i));
        }

        @Override
        public double observedStep(int i) {
            step(i);
            return loss.getAsDouble();
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    private record Transitions(INDArray x, INDArray action, INDArray reward, INDArray live, INDArray next) {}

    private static final class QLearning implements Training {
        private final MultiLayerNetwork net;
        private final MultiLayerNetwork frozen;
        private final Pool<Transitions> batches;

        QLearning(Workload workload, List<Weight> weights) {
            net = loaded(Nets.actionValues(), weights);
            frozen = loaded(Nets.actionValues(), weights);
            var in = new Inputs(workload);
            int n = workload.batch();
            batches =
                    new Pool<>(
                            workload,
                            i ->
                                    new Transitions(
                                            floats(in.x(i), workload.shape()),
                                            oneHot(in.actions(i), 2),
                                            floats(in.rewards(i), n, 1),
                                            floats(in.live(i), n, 1),
                                            floats(in.nextObservations(i), workload.shape())));
        }

        // The mask of the labels picks the action taken.
        @Override
        public void step(int i) {
            Transitions t = batches.of(i);
            INDArray goal = frozen.output(t.next).max(true, 1).muli(t.live).muli(0.99).addi(t.reward);
            net.fit(new DataSet(t.x, Nd4j.hstack(goal, goal), null, t.action));
        }

        @Override
        public double observedStep(int i) {
            step(i);
            return net.score() * 2; // it divides by the number of actions, all others by that of actions taken
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    private static final class Acting implements Training {
        private final MultiLayerNetwork net;
        private final Pool<INDArray> observations;
        private long chosen;

        Acting(Workload workload, List<Weight> weights) {
            net = loaded(Nets.actionValues(), weights);
            var in = new Inputs(workload);
            observations = new Pool<>(workload, i -> floats(in.x(i), workload.shape()));
        }

        @Override
        public void step(int i) {
            chosen += net.output(observations.of(i)).argMax(1).getInt(0);
        }

        @Override
        public double observedStep(int i) {
            return net.output(observations.of(i)).maxNumber().doubleValue();
        }

        @Override
        public void fill() {
            observations.fill();
        }
    }
}
