package adjoint.bench;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.nn.Init;
import adjoint.nn.Lstm;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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

/// An LSTM over whole sequences, as one op and as a composition of a step's operations, in microseconds.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class RecurrentBenchmark {
    /// Steps, sequences, inputs and hidden units.
    @Param({"64 12 128 128", "100 32 256 256"})
    String shape;

    /// Whether the steps are written out.
    @Param({"false", "true"})
    boolean composed;

    private Lstm lstm;
    private Tensor x;
    private List<Tensor> parameters;

    /// Creates the state.
    public RecurrentBenchmark() {}

    /// Makes layer and input.
    @Setup(Level.Trial)
    public void prepare() {
        String[] parts = shape.split(" ");
        int in = Integer.parseInt(parts[2]);
        lstm = new Lstm(in, Integer.parseInt(parts[3]), Init.seeded(1));
        int[] dims = {Integer.parseInt(parts[1]), Integer.parseInt(parts[0]), in};
        x = Tensor.of(Tensor.normal(RandomKey.of(2), dims).toFloats(), dims);
        parameters = lstm.parameters().values().stream().map(Parameter::value).toList();
    }

    private Tensor outputs() {
        return composed ? steps() : lstm.unroll(x).outputs();
    }

    private Tensor steps() {
        int width = lstm.hidden();
        Tensor projected = x.matmul(lstm.inputWeight().value()).add(lstm.bias().value());
        Tensor h = Tensor.full(DType.FLOAT32, 0, x.dim(0), width);
        Tensor c = h;
        List<Tensor> all = new ArrayList<>();
        for (int t = 0; t < x.dim(1); t++) {
            Tensor p = projected.select(1, t).add(h.matmul(lstm.recurrentWeight().value()));
            Tensor[] gates = p.chunk(1, 4);
            c = gates[1].sigmoid().mul(c).add(gates[0].sigmoid().mul(gates[2].tanh()));
            h = gates[3].sigmoid().mul(c.tanh());
            all.add(h);
        }
        return Tensor.stack(1, all.toArray(Tensor[]::new));
    }

    /// All outputs.
    @Benchmark
    public double forward() {
        return outputs().sum().item();
    }

    /// The gradients of all parameters.
    @Benchmark
    public double forwardAndBackward() {
        List<Tensor> gradients = Gradients.of(outputs().square().sum(), parameters);
        Tensor sum = gradients.getFirst().sum();
        for (Tensor g : gradients.subList(1, gradients.size())) {
            sum = sum.add(g.sum());
        }
        return sum.item();
    }
}
