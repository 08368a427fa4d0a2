package adjoint.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import adjoint.kernel.DType;
import adjoint.kernel.KernelsProvider;
import adjoint.kernel.MachineKernels;
import adjoint.kernel.ReferenceKernels;
import adjoint.kernel.Step;
import adjoint.kernel.VectorKernels;
import adjoint.kernel.View;
import adjoint.plan.Engine;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.Executors;

class OneDnnKernelsTest {
    private final OneDnnKernels kernels = new OneDnnKernels(TestLibrary.DNNL, new VectorKernels());

    private static Step.Product product(DType type, int m, int n, int k) {
        return new Step.Product(
                View.dense(1, 0, type, m, k), View.dense(2, 0, type, k, n), View.dense(3, 0, type, m, n));
    }

    private static Tensor uniform(int... dims) {
        var random = new Random(1);
        float[] values = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return Tensor.of(values, dims);
    }

    @Test
    void theMachineChoosesOneDnnByItself() {
        assertThat(ServiceLoader.load(KernelsProvider.class)).hasSize(1);
        assertThat(MachineKernels.standard()).isInstanceOf(OneDnnKernels.class);
        assertThat(MachineKernels.standard().description()).startsWith("oneDNN 3.").contains("vector (");
        assertThat(MachineKernels.remarks()).isEmpty();
    }

    @Test
    void takesWhatGainsAndHandsOnTheRest() {
        assertThat(kernels.prepare(product(DType.FLOAT32, 64, 64, 64))).isInstanceOf(NativeProduct.class);
        assertThat(kernels.prepare(product(DType.FLOAT32, 8, 8, 8))).isNotInstanceOf(NativeProduct.class);
        assertThat(kernels.prepare(product(DType.FLOAT32, 1, 512, 784))).isInstanceOf(NativeProduct.class);
        assertThat(kernels.prepare(product(DType.FLOAT32, 512, 1, 784))).isNotInstanceOf(NativeProduct.class);
        assertThat(kernels.prepare(product(DType.FLOAT64, 64, 64, 64))).isNotInstanceOf(NativeProduct.class);
        assertThat(kernels.prepare(new Step.Iota(View.dense(0, 0, DType.FLOAT32, 5), 0))).isNotNull();
        int[] one = {1, 1};
        var big = View.dense(1, 0, DType.FLOAT32, 2, 16, 16, 8);
        var small = View.dense(1, 0, DType.FLOAT32, 1, 4, 4, 1);
        var w = View.dense(2, 0, DType.FLOAT32, 3, 3, 8, 8);
        var w1 = View.dense(2, 0, DType.FLOAT32, 3, 3, 1, 1);
        for (var target : Step.Convolution.Operand.values()) {
            assertThat(kernels.prepare(new Step.Convolution(target, big, w, big, one, one, one, 1)))
                    .isInstanceOf(NativeConvolution.class);
            assertThat(kernels.prepare(new Step.Convolution(target, small, w1, small, one, one, one, 1)))
                    .isNotInstanceOf(NativeConvolution.class);
            // Winograd's tiles save more than native loops gain.
            var many = View.dense(1, 0, DType.FLOAT32, 32, 8, 8, 64);
            var step = new Step.Convolution(
                    target, many, View.dense(2, 0, DType.FLOAT32, 3, 3, 64, 64), many, one, one, one, 1);
            assertThat(new VectorKernels().hasShortcut(step)).isTrue();
            assertThat(kernels.prepare(step)).isNotInstanceOf(NativeConvolution.class);
        }
    }

    @Test
    void aTransposedRightMatrixOfLongSumsIsCopiedIntoRowsBeforeItsUpdate() {
        Tensor x = uniform(320, 300);
        Tensor first = uniform(70, 300);
        float[] exact = x.to(DType.FLOAT64).matmul(first.to(DType.FLOAT64).t()).to(DType.FLOAT32).toFloats();
        float[] bits = null;
        for (int threads : new int[] {1, 2, 3}) {
            try (var engine = new Engine(kernels, threads)) {
                Parameter w = Parameter.of(first);
                Tensor y = x.matmul(w.value().t());
                var updates = List.of(new Evaluator.Update(w, w.value().mul(2)));
                assertThat(engine.plan(List.of(y), updates).steps()).isEqualTo(3);
                engine.update(List.of(y), updates);
                assertThat(y.toFloats()).containsExactly(exact, within(1e-4f));
                bits = bits == null ? y.toFloats() : bits;
                assertThat(y.toFloats()).isEqualTo(bits);
                assertThat(w.value().toFloats()[0]).isEqualTo(2 * first.toFloats()[0]);
            }
        }
        var right = new View(2, 0, DType.FLOAT32, new int[] {300, 70}, new long[] {1, 300});
        for (int rows : new int[] {1, 32, 256}) { // few rows do not pay for the copy
            var step =
                    new Step.Product(
                            View.dense(1, 0, DType.FLOAT32, rows, 300), right, View.dense(3, 0, DType.FLOAT32, rows, 70));
            assertThat(kernels.wantsRows(step)).isEqualTo(rows == 256);
            assertThat(new VectorKernels().wantsRows(step)).isFalse();
        }
        assertThat(kernels.wantsRows(product(DType.FLOAT32, 512, 70, 300))).isFalse();
        var odd = new View(1, 0, DType.FLOAT32, new int[] {256, 300}, new long[] {900, 3}); // not for oneDNN at all
        assertThat(kernels.wantsRows(new Step.Product(odd, right, View.dense(3, 0, DType.FLOAT32, 256, 70)))).isFalse();
        var large = new View(2, 0, DType.FLOAT32, new int[] {300, 7000}, new long[] {1, 300});
        var left = View.dense(1, 0, DType.FLOAT32, 256, 300);
        assertThat(kernels.wantsRows(new Step.Product(left, large, View.dense(3, 0, DType.FLOAT32, 256, 7000)))).isFalse();
    }

    // Not once for each of its batches.
    @Test
    void anExpandedRightMatrixIsNotCopied() {
        try (var engine = new Engine(kernels, 1)) {
            Tensor x = uniform(64, 8, 300);
            Tensor y = x.matmul(uniform(70, 300).t().expand(64, 300, 70));
            assertThat(engine.plan(List.of(y), List.of()).arenaBytes()).isLessThan(1_000_000);
            engine.evaluate(y);
            Tensor wide = x.to(DType.FLOAT64).matmul(uniform(70, 300).to(DType.FLOAT64).t());
            assertThat(y.toFloats()).containsExactly(wide.to(DType.FLOAT32).toFloats(), within(1e-4f));
        }
    }

    @Test
    void withoutVectorsATransposedRightMatrixOfLongSumsIsStillNative() {
        var plain = new OneDnnKernels(TestLibrary.DNNL, new ReferenceKernels());
        var right = new View(2, 0, DType.FLOAT32, new int[] {300, 70}, new long[] {1, 300});
        for (int rows : new int[] {128, 256}) {
            var step =
                    new Step.Product(
                            View.dense(1, 0, DType.FLOAT32, rows, 300), right, View.dense(3, 0, DType.FLOAT32, rows, 70));
            assertThat(plain.wantsRows(step)).isFalse();
            assertThat(plain.prepare(step)).isInstanceOf(NativeProduct.class);
            assertThat(kernels.prepare(step)).isNotInstanceOf(NativeProduct.class);
        }
    }

    @Test
    void doesNotNeedVectors() {
        var plain = new OneDnnKernels(TestLibrary.DNNL, new ReferenceKernels());
        assertThat(plain.description()).endsWith("others reference");
    }

    @Test
    void everyThreadWorksAloneAndKeepsItsOwnNumber() throws Exception {
        try (var executor = Executors.newFixedThreadPool(3)) {
            for (int i = 0; i < 3; i++) {
                int own = 2 + i;
                executor.submit(() -> {
                            TestLibrary.DNNL.workWith(own);
                            assertThat(TestLibrary.DNNL.workAlone()).isEqualTo(own);
                            assertThat(TestLibrary.DNNL.workAlone()).isEqualTo(1);
                            TestLibrary.DNNL.workWith(own);
                            assertThat(TestLibrary.DNNL.workAlone()).isEqualTo(own);
                        })
                        .get();
            }
        }
    }
}
