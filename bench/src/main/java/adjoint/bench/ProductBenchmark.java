package adjoint.bench;

import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.Memory;
import adjoint.kernel.Step;
import adjoint.kernel.Team;
import adjoint.kernel.View;

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

/// Matrix products of the sizes that networks ask for, in microseconds each.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class ProductBenchmark {
    /// Batch, rows, columns and terms of the product; a trailing `l` or `r` says which operand is transposed.
    @Param({
        "1 1024 1024 1024",
        "1 256 256 256",
        "1 128 512 784",
        "1 128 512 784 r",
        "1 32 128 784",
        "1 128 784 32 l",
        "1 768 512 128",
        "48 64 64 32",
        "48 64 64 32 r",
        "1 1 512 784",
        "1 4 4 4"
    })
    String shape;

    @Param({"1", "2"})
    int threads;

    @Param({"vector", "onednn"})
    String kernels;

    private Arena arena;
    private Memory memory;
    private Team team;
    private Kernel kernel;
    private long scratch;

    /// Creates the state.
    public ProductBenchmark() {}

    /// Fills two matrices with numbers and prepares their product.
    @Setup(Level.Trial)
    public void prepare() {
        String[] parts = shape.split(" ");
        int batch = Integer.parseInt(parts[0]);
        int m = Integer.parseInt(parts[1]);
        int n = Integer.parseInt(parts[2]);
        int k = Integer.parseInt(parts[3]);
        String transposed = parts.length > 4 ? parts[4] : "";
        long leftBytes = align(4L * batch * m * k);
        long rightBytes = align(4L * batch * k * n);
        long targetBytes = align(4L * batch * m * n);
        var left = matrices(0, batch, m, k, transposed.contains("l"));
        var right = matrices(leftBytes, batch, k, n, transposed.contains("r"));
        var target = View.dense(0, leftBytes + rightBytes, DType.FLOAT32, batch, m, n);
        kernel = Machines.named(kernels).prepare(new Step.Product(left, right, target));
        scratch = leftBytes + rightBytes + targetBytes;
        arena = Arena.ofShared();
        var segment = arena.allocate(scratch + kernel.scratchBytes(), 64);
        for (long i = 0; i < leftBytes + rightBytes; i += 4) {
            segment.set(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(i));
        }
        memory = new Memory(segment);
        team = new Team(threads);
    }

    private static View matrices(long offset, int batch, int rows, int columns, boolean transposed) {
        long[] strides = {(long) rows * columns, transposed ? 1 : columns, transposed ? rows : 1};
        return new View(0, offset, DType.FLOAT32, new int[] {batch, rows, columns}, strides);
    }

    private static long align(long bytes) {
        return (bytes + 63) & -64;
    }

    /// Lets threads and memory go.
    @TearDown(Level.Trial)
    public void close() {
        team.close();
        arena.close();
    }

    /// Measures one product.
    @Benchmark
    public void product() {
        kernel.run(memory, scratch, team);
    }
}
