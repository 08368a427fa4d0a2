package adjoint.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.Gradients;
import adjoint.kernel.Values;
import adjoint.tensor.CustomOp;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// Parameters that several threads use, steps that fail, engines that are dropped.
class ConcurrencyTest {
    private static void together(int threads, Runnable work) throws InterruptedException {
        var failure = new AtomicReference<Throwable>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(Thread.ofPlatform().uncaughtExceptionHandler((_, e) -> failure.set(e)).start(work));
        }
        for (Thread t : all) {
            t.join();
        }
        assertThat(failure.get()).isNull();
    }

    @Test
    void noIncrementIsLost() throws InterruptedException {
        try (var engine = new Engine(1)) {
            Parameter q = Parameter.of(Tensor.zeros(1 << 14));
            var done = new AtomicInteger();
            together(
                    4,
                    () -> {
                        for (int i = 0; i < 500; i++) {
                            try {
                                engine.update(List.of(), List.of(new Update(q, q.value().add(1))));
                                done.incrementAndGet();
                            } catch (StaleReadException _) {
                                // another thread was faster
                            }
                        }
                    });
            assertThat(done.get()).isPositive();
            assertThat(q.version()).isEqualTo(done.get() + 1L); // Parameter.of sets it once
            assertThat(q.value().toFloats()).containsOnly(done.get());
        }
    }

    @Test
    void nobodySeesHalfAnUpdate() throws InterruptedException {
        try (var engine = new Engine(1)) {
            Parameter p = Parameter.of(Tensor.zeros(1 << 18));
            Parameter q = Parameter.of(Tensor.zeros(1 << 18));
            var writer = new AtomicInteger();
            together(
                    2,
                    () -> {
                        if (writer.getAndIncrement() == 0) {
                            for (int i = 0; i < 150; i++) {
                                engine.update(
                                        List.of(),
                                        List.of(new Update(p, p.value().add(1)), new Update(q, q.value().add(1))));
                            }
                            writer.set(-1);
                            return;
                        }
                        while (writer.get() > 0) {
                            Tensor high = p.value().max();
                            Tensor low = q.value().min();
                            try {
                                engine.evaluate(high, low);
                                assertThat(high.item()).isEqualTo(low.item());
                            } catch (StaleReadException _) {
                                // recorded from values that were replaced meanwhile
                            }
                        }
                    });
        }
    }

    @Test
    void setsOfConstantsAreNeverStale() throws InterruptedException {
        Parameter q = Parameter.of(Tensor.zeros(4));
        together(
                4,
                () -> {
                    for (int i = 0; i < 200; i++) {
                        q.set(Tensor.ones(4));
                    }
                });
        assertThat(q.version()).isEqualTo(801);
    }

    /// Adds its inputs up; its derivative fails as soon as it is computed.
    record Boom(boolean armed) implements CustomOp {
        @Override
        public String label() {
            return "boom";
        }

        @Override
        public Spec infer(List<Tensor> inputs) {
            return inputs.getFirst().spec();
        }

        @Override
        public Tensor vjp(Tensor output, int input, Tensor g) {
            return Tensor.apply(new Boom(true), g);
        }

        @Override
        public void compute(List<Values> sources, Values target) {
            if (armed) {
                throw new IllegalStateException("boom");
            }
        }
    }

    @Test
    void aFailedStepSaysWhatItMayHaveChanged() {
        try (var engine = new Engine(1)) {
            Parameter p1 = Parameter.of(Tensor.ones(3));
            Parameter p2 = Parameter.of(Tensor.ones(3));
            Tensor loss = p1.value().square().sum().add(Tensor.apply(new Boom(false), p2.value()).sum());
            List<Tensor> g = Gradients.of(loss, List.of(p1.value(), p2.value()));
            List<Update> updates =
                    List.of(
                            new Update(p1, p1.value().sub(g.getFirst().mul(0.1))),
                            new Update(p2, p2.value().sub(g.getLast().mul(0.1))));
            float[] before = p1.value().toFloats();
            long version = p1.version();
            assertThatThrownBy(() -> engine.update(List.of(loss), updates)).hasMessage("boom");
            boolean changed = !java.util.Arrays.equals(before, p1.value().toFloats());
            assertThat(p1.version() > version).as("version of p1, changed: " + changed).isEqualTo(changed);
            assertThat(p2.value().toFloats()).containsExactly(1, 1, 1);
            assertThat(p2.version()).isEqualTo(1);
            p1.set(Tensor.ones(3)); // nothing is left locked
        }
    }

    private static long workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("adjoint-worker"))
                .count();
    }

    private static void soonAtMost(long count) throws InterruptedException {
        for (int i = 0; i < 100 && workers() > count; i++) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(workers()).isLessThanOrEqualTo(count);
    }

    @Test
    void droppedAndClosedEnginesKeepNoThreads() throws InterruptedException {
        long before = workers();
        for (int i = 0; i < 60; i++) {
            new Engine(3).evaluate(Tensor.ones(10).add(0.25).sum());
        }
        soonAtMost(before + 20); // other tests have engines of their own
        var engine = new Engine(3);
        engine.close();
        Tensor x = Tensor.ones(10).mul(3).sum();
        engine.evaluate(x);
        assertThat(x.item()).isEqualTo(30);
    }

    @Test
    void plansAreBoundedByTheirSteps() {
        try (var engine = new Engine(1)) {
            Tensor w = Tensor.ones(2, 2);
            for (int length = 1000; length < 1030; length++) {
                Tensor h = Tensor.ones(1, 2).mul(0.3);
                for (int i = 0; i < length; i++) {
                    h = h.matmul(w).mul(0.3);
                }
                engine.evaluate(h);
            }
            assertThat(engine.plans()).isLessThan(10);
        }
    }
}
