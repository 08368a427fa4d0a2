package adjoint.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// A sum of products, written as plain Java: the floor that kernels are compared with.
@State(Scope.Thread)
public class DotBenchmark {
    private final float[] a = new float[1 << 12];
    private final float[] b = new float[1 << 12];

    /// Creates the state.
    public DotBenchmark() {}

    /// Measures the loop.
    ///
    /// @return the sum
    @Benchmark
    public float plainLoop() {
        float sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
