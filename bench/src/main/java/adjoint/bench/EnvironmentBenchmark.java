package adjoint.bench;

import adjoint.games.Actions;
import adjoint.games.Chance;
import adjoint.games.Environments;
import adjoint.games.VectorEnvironment;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/// Steps a second of the tasks that agents learn in, 64 of a kind at once, with random actions: episodes that end begin anew, and
/// observations are written.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EnvironmentBenchmark {
    private static final int COUNT = 64;
    private static final int POOL = 256; // different actions of all

    /// Which task.
    @Param({"cart-pole", "mountain-car", "acrobot", "pendulum", "frozen-lake", "snake", "breakout"})
    public String task;

    /// On how many threads.
    @Param({"1", "2"})
    public int threads;

    private VectorEnvironment environments;
    private final float[][] actions = new float[POOL][COUNT];
    private int next;

    /// Set up by [#begin()].
    public EnvironmentBenchmark() {}

    /// Draws the actions.
    @Setup
    public void begin() {
        environments = new VectorEnvironment(Environments.byName().get(task), COUNT, 1, threads);
        Actions one = environments.member(0).actions();
        var chance = new Chance(1);
        for (float[] some : actions) {
            for (int i = 0; i < COUNT; i++) {
                some[i] = one.drawn(chance)[0];
            }
        }
    }

    /// A step of all.
    @Benchmark
    @OperationsPerInvocation(COUNT)
    public VectorEnvironment.Steps step() {
        next = (next + 1) % POOL;
        return environments.step(actions[next]);
    }
}
