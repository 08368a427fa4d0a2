package adjoint.bench;

import adjoint.grad.Gradients;
import adjoint.plan.Engine;
import adjoint.tensor.AttentionOptions;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Causal attention of the sizes of a small and of a middling transformer, as one op and as product, softmax, product; in
/// microseconds.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class AttentionBenchmark {
    /// Batch, heads, length, width.
    @Param({"12 4 64 32", "1 8 1024 64"})
    String shape;

    /// Whether as one op.
    @Param({"true", "false"})
    boolean fused;

    @Param({"1", "2"})
    int threads;

    private Engine engine;
    private Parameter q;
    private Parameter k;
    private Parameter v;
    private Tensor mask;

    /// Creates the state.
    public AttentionBenchmark() {}

    /// Makes queries, keys and values.
    @Setup
    public void prepare() {
        String[] parts = shape.split(" ");
        int[] dims = new int[4];
        for (int i = 0; i < 4; i++) {
            dims[i] = Integer.parseInt(parts[i]);
        }
        q = Parameter.of(Tensor.normal(RandomKey.of(1), dims));
        k = Parameter.of(Tensor.normal(RandomKey.of(2), dims));
        v = Parameter.of(Tensor.normal(RandomKey.of(3), dims));
        Tensor position = Tensor.arange(dims[2]);
        mask =
                Tensor.where(
                        position.le(position.unsqueeze(1)), Tensor.scalar(0), Tensor.scalar(Double.NEGATIVE_INFINITY));
        mask.read();
        engine = new Engine(threads);
    }

    private Tensor attention() {
        if (fused) {
            return q.value().attention(k.value(), v.value(), AttentionOptions.standard().causal());
        }
        double scale = 1 / Math.sqrt(q.value().dim(-1));
        Tensor scores = q.value().mul(scale).matmul(k.value().t()).add(mask);
        return scores.softmax(-1).matmul(v.value());
    }

    /// Measures the forward pass.
    @Benchmark
    public Tensor forward() {
        Tensor y = attention();
        engine.evaluate(y);
        return y;
    }

    /// Measures the forward and the backward pass.
    @Benchmark
    public List<Tensor> forwardAndBackward() {
        Tensor y = attention();
        List<Tensor> wanted = new ArrayList<>();
        wanted.add(y);
        wanted.addAll(Gradients.of(y, y.stopGradient(), List.of(q.value(), k.value(), v.value())));
        engine.evaluate(wanted.toArray(Tensor[]::new));
        return wanted;
    }
}
