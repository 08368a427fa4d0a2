package adjoint.bench.sidebyside;

import adjoint.bench.model.DeepNarrow;
import adjoint.bench.model.LeNet;
import adjoint.bench.model.LstmTagger;
import adjoint.bench.model.Mlp;
import adjoint.bench.model.OddConv;
import adjoint.bench.model.ResNet20;
import adjoint.models.Gpt;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.Adam;
import adjoint.optim.AdamW;
import adjoint.optim.Optimizer;
import adjoint.optim.Rule;
import adjoint.optim.Sgd;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.text.LanguageModel;
import adjoint.text.Sampler;

import java.io.IOException;
import java.util.List;
import java.util.function.IntFunction;

/// Adjoint itself.
public final class AdjointContender implements Contender {
    private static final Init INIT = Init.seeded(1); // the weights come from the file

    private AdjointContender() {}

    /// Serves; the system property `adjoint.threads` says with how many threads.
    public static void main(String[] args) throws IOException {
        Server.run(of());
    }

    static Contender of() {
        return new AdjointContender();
    }

    @Override
    public Training prepare(Workload workload, List<Weight> weights) {
        var in = new Inputs(workload);
        return switch (workload) {
            case MLP_SMALL -> classify(workload, weights, Mlp.of(INIT, 784, 128, 10), Sgd.rate(0.01));
            case MLP_LARGE -> classify(workload, weights, Mlp.of(INIT, 784, 1024, 1024, 10), Adam.rate(1e-3));
            case LENET -> classify(workload, weights, LeNet.of(INIT), Adam.rate(1e-3));
            case RESNET20 -> {
                Rule rule = Sgd.rate(0.01).momentum(0.9).weightDecay(1e-4);
                yield classify(workload, weights, ResNet20.of(INIT), rule);
            }
            case CHAR_GPT -> {
                Rule rule = AdamW.rate(1e-3).betas(0.9, 0.99).weightDecay(0.1);
                IntFunction<Batch> batches =
                        i -> new Batch(Tensor.of(in.characters(i), workload.shape()), tags(workload, in.tags(i)));
                yield new Supervised(workload, weights, gpt(), rule, batches);
            }
            case DQN -> new QLearning(workload, weights);
            case DQN_ACT -> new Acting(workload, weights);
            case LSTM -> {
                IntFunction<Batch> batches =
                        i -> new Batch(Tensor.of(in.x(i), workload.shape()), tags(workload, in.tags(i)));
                yield new Supervised(workload, weights, LstmTagger.of(INIT, 64, 128, 10), Adam.rate(1e-3), batches);
            }
            case DEEP_NARROW -> classify(workload, weights, DeepNarrow.of(INIT, 50, 32, 10), Sgd.rate(0.01));
            case ODD_CONV -> classify(workload, weights, OddConv.of(INIT), Adam.rate(1e-3));
            case GPT_TOKEN -> new Writing(workload, weights);
        };
    }

    // 4 layers, 4 heads, width 128
    private static Gpt gpt() {
        return new Gpt(new Gpt.Form(65, 64).tied(false), INIT);
    }

    private record Batch(Tensor x, Tensor y) {}

    private static Training classify(Workload workload, List<Weight> weights, Layer model, Rule rule) {
        var in = new Inputs(workload);
        IntFunction<Batch> batches = i -> new Batch(images(workload, in.x(i)), Tensor.of(in.labels(i)));
        return new Supervised(workload, weights, model, rule, batches);
    }

    // Images get their channels last.
    private static Tensor images(Workload workload, float[] values) {
        Tensor x = Tensor.of(values, workload.shape());
        return !workload.hasImages() ? x : Tensor.of(x.permute(0, 2, 3, 1).read(), x.permute(0, 2, 3, 1).shape());
    }

    private static Tensor tags(Workload workload, int[] values) {
        return Tensor.of(values, workload.batch(), workload.sample()[0]);
    }

    private static void load(Layer model, List<Weight> weights) {
        List<Parameter> trained = model.parameters().values().stream().filter(Parameter::trainable).toList();
        if (trained.size() != weights.size()) {
            throw new IllegalStateException(
                    "the network has " + trained.size() + " parameters, the file of weights has " + weights.size());
        }
        for (int i = 0; i < trained.size(); i++) {
            trained.get(i).set(inOurOrder(weights.get(i)).reshape(trained.get(i).shape().dims()));
        }
    }

    private static Tensor inOurOrder(Weight weight) {
        Tensor w = Tensor.of(weight.values(), weight.dims());
        return switch (weight.kind()) {
            case MATRIX -> w.t();
            case KERNEL -> w.permute(2, 3, 1, 0);
            case TABLE, VECTOR -> w;
        };
    }

    private static final class Supervised implements Training {
        private final Layer model;
        private final Optimizer optimizer;
        private final Pool<Batch> batches;
        private final RandomKey key = RandomKey.of(1);

        Supervised(Workload workload, List<Weight> weights, Layer model, Rule rule, IntFunction<Batch> batches) {
            load(model, weights);
            this.model = model;
            this.optimizer = new Optimizer(rule, model.parameters());
            this.batches = new Pool<>(workload, batches);
        }

        private Tensor train(int i) {
            Batch batch = batches.of(i);
            Pass pass = Pass.training(key.fold(i));
            Tensor loss = Loss.crossEntropy(model.apply(batch.x, pass), batch.y);
            optimizer.step(loss, pass.updates());
            return loss;
        }

        @Override
        public void step(int i) {
            train(i);
        }

        @Override
        public double observedStep(int i) {
            return train(i).item();
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    private record Transitions(Tensor x, Tensor action, Tensor reward, Tensor live, Tensor next) {}

    private static final class QLearning implements Training {
        private final Mlp model = Mlp.of(INIT, 4, 120, 84, 2);
        private final Mlp frozen = Mlp.of(INIT, 4, 120, 84, 2);
        private final Optimizer optimizer;
        private final Pool<Transitions> batches;
        private final RandomKey key = RandomKey.of(1);

        QLearning(Workload workload, List<Weight> weights) {
            load(model, weights);
            load(frozen, weights);
            optimizer = new Optimizer(Adam.rate(2.5e-4), model.parameters());
            var in = new Inputs(workload);
            batches =
                    new Pool<>(
                            workload,
                            i ->
                                    new Transitions(
                                            Tensor.of(in.x(i), workload.shape()),
                                            Tensor.of(in.actions(i), workload.batch(), 1),
                                            Tensor.of(in.rewards(i)),
                                            Tensor.of(in.live(i)),
                                            Tensor.of(in.nextObservations(i), workload.shape())));
        }

        private Tensor train(int i) {
            Transitions t = batches.of(i);
            Tensor best = frozen.apply(t.next, Pass.inference()).max(1);
            Tensor goal = t.live.mul(best).mul(0.99).add(t.reward);
            Tensor taken = model.apply(t.x, Pass.training(key.fold(i))).takeAlongAxis(1, t.action).squeeze(1);
            Tensor loss = Loss.meanSquaredError(taken, goal);
            optimizer.step(loss);
            return loss;
        }

        @Override
        public void step(int i) {
            train(i);
        }

        @Override
        public double observedStep(int i) {
            return train(i).item();
        }

        @Override
        public void fill() {
            batches.fill();
        }
    }

    private static final class Acting implements Training {
        private final Mlp model = Mlp.of(INIT, 4, 120, 84, 2);
        private final Pool<Tensor> observations;
        private double chosen;

        Acting(Workload workload, List<Weight> weights) {
            load(model, weights);
            var in = new Inputs(workload);
            observations = new Pool<>(workload, i -> Tensor.of(in.x(i), workload.shape()));
        }

        @Override
        public void step(int i) {
            chosen += model.apply(observations.of(i), Pass.inference()).argmax(-1).item();
        }

        @Override
        public double observedStep(int i) {
            return model.apply(observations.of(i), Pass.inference()).max().item();
        }

        @Override
        public void fill() {
            observations.fill();
        }
    }

    private static final class Writing implements Training {
        private final Gpt model = gpt();
        private final Workload workload;
        private final Inputs in;
        private LanguageModel.Reading reading;
        private int token;

        Writing(Workload workload, List<Weight> weights) {
            load(model, weights);
            this.workload = workload;
            in = new Inputs(workload);
        }

        private float[] next(int i) {
            if (i % model.context() == 0) {
                token = in.characters(i / model.context() % workload.pool())[0];
                reading = model.reading(Evaluator.standard());
            }
            float[] logits = reading.read(Tensor.of(new int[] {token}, 1, 1)).toFloats();
            token = Sampler.greedy().choose(logits, List.of(), 0);
            return logits;
        }

        @Override
        public void step(int i) {
            next(i);
        }

        @Override
        public double observedStep(int i) {
            float[] logits = next(i);
            return logits[token];
        }
    }
}
