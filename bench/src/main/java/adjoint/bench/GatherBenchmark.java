package adjoint.bench;

import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.Kernels;
import adjoint.kernel.Memory;
import adjoint.kernel.ReferenceKernels;
import adjoint.kernel.Step;
import adjoint.kernel.Team;
import adjoint.kernel.VectorKernels;
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
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// An embedding's look-up and its gradient, and the choice of a label's element, in microseconds.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class GatherBenchmark {
    private static final int ROWS = 50_000;
    private static final int WIDTH = 128;
    private static final int INDICES = 4096;
    private static final int CLASSES = 1000;

    /// Which kernels.
    @Param({"vector", "reference"})
    String kernels;

    @Param({"1", "2"})
    int threads;

    private Arena arena;
    private Memory memory;
    private Team team;
    private Kernel gather;
    private Kernel scatter;
    private Kernel take;
    private Kernel put;

    /// Creates the state.
    public GatherBenchmark() {}

    /// Fills table and indices and prepares the steps.
    @Setup(Level.Trial)
    public void prepare() {
        Kernels machine = kernels.equals("vector") ? new VectorKernels() : new ReferenceKernels();
        var index = View.dense(2, 0, DType.INT32, INDICES);
        var table = View.dense(1, 0, DType.FLOAT32, ROWS, WIDTH);
        var rows = View.dense(3, 0, DType.FLOAT32, INDICES, WIDTH);
        gather = machine.prepare(new Step.Gather(table, index, rows, 0));
        scatter = machine.prepare(new Step.ScatterAdd(index, rows, table, 0));
        var label = View.dense(2, 4L * INDICES, DType.INT32, INDICES, 1);
        var scores = View.dense(1, 0, DType.FLOAT32, INDICES, CLASSES);
        var chosen = View.dense(3, 0, DType.FLOAT32, INDICES, 1);
        take = machine.prepare(new Step.TakeAlongAxis(scores, label, chosen, 1));
        put = machine.prepare(new Step.ScatterAddAlongAxis(label, chosen, scores, 1));
        arena = Arena.ofShared();
        var slots =
                new java.lang.foreign.MemorySegment[] {
                    arena.allocate(1 << 20, 64),
                    arena.allocate(4L * ROWS * WIDTH, 64),
                    arena.allocate(8L * INDICES, 64),
                    arena.allocate(4L * INDICES * WIDTH, 64)
                };
        var random = new SplittableRandom(1);
        for (int i = 0; i < INDICES; i++) {
            slots[2].setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt(ROWS));
            slots[2].setAtIndex(ValueLayout.JAVA_INT, INDICES + i, random.nextInt(CLASSES));
        }
        memory = new Memory(slots);
        team = new Team(threads);
    }

    /// Lets threads and memory go.
    @TearDown(Level.Trial)
    public void close() {
        team.close();
        arena.close();
    }

    /// Looks up 4096 rows of 50,000.
    @Benchmark
    public void gather() {
        gather.run(memory, 0, team);
    }

    /// The gradient of the whole table.
    @Benchmark
    public void scatterAdd() {
        scatter.run(memory, 0, team);
    }

    /// One of 1000 scores for each of 4096 rows.
    @Benchmark
    public void take() {
        take.run(memory, 0, team);
    }

    /// The gradient of all scores.
    @Benchmark
    public void scatterAddAlongAxis() {
        put.run(memory, 0, team);
    }
}
