package adjoint.bench;

import adjoint.bench.model.DeepNarrow;
import adjoint.bench.model.Mlp;
import adjoint.bench.model.ResNet20;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.train.FlowProbe;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What it costs to measure the gradient flow: a plain step, one that would keep what is not finite from the weights (which 99 of
/// 100 steps are while flow is measured), and one that measures, in turn.
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 1) // JMH adds such counters up
@Fork(1)
public class FlowBenchmark {
    private static final double NANOS = 1e6;

    /// The network.
    @Param({"resnet20", "mlp-large", "deep-narrow"})
    public String network;

    private Layer model;
    private Tensor x;
    private Tensor y;
    private int rounds;
    private Optimizer plain;
    private Optimizer kept;
    private long step;

    /// Set up by [#prepare()].
    public FlowBenchmark() {}

    /// What JMH prints beside the time of all.
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Costs {
        private double plain = Double.NaN;
        private double kept = Double.NaN;
        private double measured = Double.NaN;

        /// Set by the benchmark.
        public Costs() {}

        /// The median of a plain step, in milliseconds.
        public double plainMillis() {
            return plain;
        }

        /// How much more a step costs that keeps weights finite, in %.
        public double keptPercent() {
            return 100 * (kept / plain - 1);
        }

        /// How many times a plain step one that measures takes.
        public double measuredTimes() {
            return measured / plain;
        }

        /// How much more a training costs that measures in one of 100 steps, in %.
        public double percentIfOneIn100() {
            return 100 * ((0.99 * kept + 0.01 * measured) / plain - 1);
        }
    }

    /// The network and a batch.
    @Setup
    public void prepare() {
        Init init = Init.seeded(1);
        int batch = 128;
        switch (network) {
            case "resnet20" -> {
                model = ResNet20.of(init);
                x = Tensor.normal(RandomKey.of(2), batch, 32, 32, 3);
                rounds = 30;
            }
            case "mlp-large" -> {
                model = Mlp.of(init, 784, 1024, 1024, 10);
                x = Tensor.normal(RandomKey.of(2), batch, 784);
                rounds = 600;
            }
            default -> {
                model = DeepNarrow.of(init, 30, 100, 10);
                x = Tensor.normal(RandomKey.of(2), batch, 100);
                rounds = 1500;
            }
        }
        y = Tensor.of(new int[batch], batch);
        plain = new Optimizer(Sgd.rate(1e-4), model.parameters());
        kept = plain.keepFinite();
    }

    /// All three kinds of steps, in turn.
    @Benchmark
    public double steps(Costs costs) {
        double[][] millis = new double[3][rounds];
        double last = 0;
        for (int i = 0; i < rounds; i++) {
            for (int kind = 0; kind < millis.length; kind++) {
                long began = System.nanoTime();
                last = step(kind);
                millis[kind][i] = (System.nanoTime() - began) / NANOS;
            }
        }
        costs.plain = median(millis[0]);
        costs.kept = median(millis[1]);
        costs.measured = median(millis[2]);
        return last;
    }

    private double step(int kind) {
        var probe = new FlowProbe(model);
        Pass pass = Pass.training(RandomKey.of(step++));
        Tensor loss = Loss.crossEntropy(model.apply(x, kind == 2 ? pass.observing(probe) : pass), y);
        Optimizer optimizer = kind == 0 ? plain : kept;
        if (kind == 2) {
            optimizer.step(loss, List.of(), pass.updates(), probe);
        } else {
            optimizer.step(loss, List.of(), pass.updates());
        }
        return loss.item();
    }

    private static double median(double[] all) {
        double[] sorted = all.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
