package adjoint.bench;

import adjoint.grad.Gradients;
import adjoint.kernel.Kernel;
import adjoint.kernel.Kernels;
import adjoint.kernel.Step;
import adjoint.plan.Engine;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What a training step of a 784-128-10 network at batch 32 costs beside its arithmetic: recording forward, backward and
/// update, finding the plan, staging the inputs, and walking the steps, on a machine whose kernels do nothing.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DispatchBenchmark {
    /// Does nothing, quickly.
    private static final class IdleKernels implements Kernels {
        @Override
        public Kernel prepare(Step step) {
            return (memory, scratch, team) -> {};
        }

        @Override
        public String description() {
            return "idle";
        }
    }

    private final Engine engine = new Engine(new IdleKernels(), 1);
    private final Parameter w1 = Parameter.of(Tensor.zeros(784, 128));
    private final Parameter b1 = Parameter.of(Tensor.zeros(128));
    private final Parameter w2 = Parameter.of(Tensor.zeros(128, 10));
    private final Parameter b2 = Parameter.of(Tensor.zeros(10));
    private final List<Parameter> parameters = List.of(w1, b1, w2, b2);
    private final float[] images = Tensor.uniform(RandomKey.of(1), 32 * 784).toFloats();
    private final int[] labels = new int[32];
    private final Tensor fixedImages = Tensor.of(images, 32, 784);

    /// Set up by the fields.
    public DispatchBenchmark() {}

    /// With a new batch at every step, copied twice: into its tensor, and from the heap to where kernels read it.
    @Benchmark
    public double step() {
        return step(Tensor.of(images, 32, 784));
    }

    /// With a batch that has moved off-heap.
    @Benchmark
    public double stepOnAFixedBatch() {
        return step(fixedImages);
    }

    private double step(Tensor x) {
        Tensor y = Tensor.of(labels, 32);
        Tensor hidden = x.matmul(w1.value()).add(b1.value()).relu();
        Tensor logits = hidden.matmul(w2.value()).add(b2.value());
        Tensor loss = logits.logSumExp(-1).sub(logits.mul(y.oneHot(10)).sum(-1)).mean();
        Tensor rate = Tensor.scalar(0.01);
        List<Update> updates = new ArrayList<>();
        Gradients.ofParameters(loss, parameters)
                .forEach((p, g) -> updates.add(new Update(p, p.value().sub(g.mul(rate)))));
        engine.update(List.of(loss), updates);
        return loss.item();
    }
}
