package adjoint.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.kernel.DType;
import adjoint.kernel.KernelsProvider;
import adjoint.kernel.MachineKernels;
import adjoint.kernel.ReferenceKernels;
import adjoint.kernel.Step;
import adjoint.kernel.VectorKernels;
import adjoint.kernel.View;

import org.junit.jupiter.api.Test;

import java.util.ServiceLoader;
import java.util.concurrent.Executors;

class OneDnnKernelsTest {
    private final OneDnnKernels kernels = new OneDnnKernels(TestLibrary.DNNL, new VectorKernels());

    private static Step.Product product(DType type, int m, int n, int k) {
        return new Step.Product(
                View.dense(1, 0, type, m, k), View.dense(2, 0, type, k, n), View.dense(3, 0, type, m, n));
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
