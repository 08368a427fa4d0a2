package adjoint.bench;

import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.Memory;
import adjoint.kernel.Step;
import adjoint.kernel.Step.Convolution.Operand;
import adjoint.kernel.Team;
import adjoint.kernel.VectorKernels;
import adjoint.kernel.View;

import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/// Convolutions of the sizes that networks for small images have, and their adjoints, in microseconds each; `gigaflops` counts
/// 10⁹ floating-point operations a second.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ConvolutionBenchmark {
    /// Batch, image size, channels in and out, kernel size, stride, groups; padding keeps the size.
    @Param({
        "128 32 16 16 3 1 1",
        "128 16 32 32 3 1 1",
        "128 8 64 64 3 1 1",
        "128 32 16 32 3 2 1",
        "128 32 3 16 3 1 1",
        "64 28 1 32 5 1 1",
        "64 14 32 64 5 1 1",
        "128 16 64 64 3 1 64"
    })
    String shape;

    /// What is made of the other two.
    @Param({"Y", "X", "W"})
    Operand target;

    @Param({"1", "2"})
    int threads;

    private Arena arena;
    private Memory memory;
    private Team team;
    private Kernel kernel;
    private long scratch;
    private long flops;

    /// Creates the state.
    public ConvolutionBenchmark() {}

    /// Counts operations; JMH divides by the time.
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Work {
        /// 10⁹ floating-point operations.
        public double gigaflops;

        /// Creates the counter.
        public Work() {}
    }

    /// Fills memory with numbers and prepares the convolution.
    @Setup(Level.Trial)
    public void prepare() {
        String[] p = shape.split(" ");
        int n = Integer.parseInt(p[0]);
        int size = Integer.parseInt(p[1]);
        int in = Integer.parseInt(p[2]);
        int out = Integer.parseInt(p[3]);
        int window = Integer.parseInt(p[4]);
        int stride = Integer.parseInt(p[5]);
        int groups = Integer.parseInt(p[6]);
        int made = (size + stride - 1) / stride;
        var x = View.dense(0, 0, DType.FLOAT32, n, size, size, in);
        var w = View.dense(0, end(x), DType.FLOAT32, window, window, in / groups, out);
        var y = View.dense(0, end(w), DType.FLOAT32, n, made, made, out);
        int[] before = {window / 2, window / 2};
        var step = new Step.Convolution(target, x, w, y, new int[] {stride, stride}, before, new int[] {1, 1}, groups);
        kernel = new VectorKernels().prepare(step);
        scratch = end(y);
        flops = step.flops();
        arena = Arena.ofShared();
        var segment = arena.allocate(scratch + kernel.scratchBytes(), 64);
        for (long i = 0; i < scratch; i += 4) {
            segment.set(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(i));
        }
        memory = new Memory(segment);
        team = new Team(threads);
    }

    private static long end(View view) {
        return (view.offset() + 4 * view.size() + 63) & -64;
    }

    /// Lets threads and memory go.
    @TearDown(Level.Trial)
    public void close() {
        team.close();
        arena.close();
    }

    /// Measures one convolution.
    @Benchmark
    public void convolution(Work work) {
        kernel.run(memory, scratch, team);
        work.gigaflops += flops / 1e9;
    }
}
