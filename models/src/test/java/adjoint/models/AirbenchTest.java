package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.models.Airbench.Form;
import adjoint.nn.Activation;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import org.junit.jupiter.api.Test;

class AirbenchTest {
    private static Airbench of(Form form) {
        return new Airbench(3, 10, form, Init.seeded(1));
    }

    // Neighbours that are much alike, as in photographs.
    private static Tensor smooth(int n, int side) {
        Tensor x = Checks.images(n, side, 3);
        return x.add(x.mean(3).unsqueeze(3)).averagePool(Window.of(3).stride(1)).mul(3);
    }

    @Test
    void parametersAndWhichOfThemAreTrained() {
        var model = of(new Form());
        long blocks = 9 * (24 * 64 + 64 * 64 + 64 * 256 + 256 * 256 + 2 * 256 * 256) + 2 * (64 + 256 + 256);
        assertThat(model.parameterCount()).isEqualTo(24 + blocks + 2560);
        assertThat(model.parameters().keySet()).startsWith("whiten.weight", "whiten.bias", "blocks.0.first.weight");
        assertThat(model.parameters().keySet().stream().filter(Airbench::isNormBias)).hasSize(6);
        assertThat(model.parameters().get("whiten.weight").trainable()).isFalse();
        assertThat(model.parameters().get("blocks.0.firstNorm.weight").trainable()).isFalse();
        assertThat(model.parameters().get("blocks.2.secondNorm.bias").trainable()).isTrue();
    }

    @Test
    void shapes() {
        var model = new Airbench(1, 7, new Form().widths(4, 5, 6), Init.seeded(1));
        for (int side : new int[] {25, 28, 32, 48}) {
            assertThat(model.apply(Checks.images(2, side, 1), Pass.inference()).shape().dims()).containsExactly(2, 7);
        }
    }

    @Test
    void whitenedPatchesAreUncorrelatedAndEquallyStrong() {
        Tensor x = smooth(60, 12);
        Tensor kernels = Whitening.kernels(x, 2, 0);
        Tensor y = x.to(kernels.type()).conv(kernels, new Conv()).reshape(-1, 24); // patches by channels
        double[] moments = y.t().matmul(y).div(y.dim(0)).toDoubles();
        for (int i = 0; i < 24; i++) {
            for (int j = 0; j < 24; j++) {
                double expected = i == j ? 1 : i % 12 == j % 12 ? -1 : 0; // the second half is the first one's negative
                assertThat(moments[i * 24 + j]).isCloseTo(expected, within(1e-9));
            }
        }
    }

    @Test
    void theModelTakesTheKernelsOver() {
        Tensor x = smooth(20, 12);
        var model = of(new Form().widths(4, 4, 4)).whiten(x);
        float[] expected = Whitening.kernels(x, 2, 5e-4).toFloats();
        assertThat(model.whiten().weight().value().toFloats()).containsExactly(expected);
        assertThatThrownBy(() -> model.whiten(Tensor.zeros(2, 1, 5, 3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("2x2 at least, got [2, 1, 5, 3]");
    }

    @Test
    void convolutionsStartByHandingTheirInputOn() {
        Conv2d first = of(new Form()).blocks().getFirst().first(); // 24 -> 64
        Tensor x = Checks.images(2, 6, 24);
        Tensor y = first.apply(x, Pass.inference());
        assertThat(y.slice(3, 0, 24).toFloats()).containsExactly(x.toFloats());
        double std = y.slice(3, 24, 64).slice(1, 1, 5).slice(2, 1, 5).std().item();
        assertThat(std).isCloseTo(Math.sqrt(1.0 / 3), within(0.05)); // uniform within ±1 / √fanIn
    }

    @Test
    void logitsAreScaled() {
        Tensor x = Checks.images(2, 32, 3);
        float[] whole = of(new Form().widths(4, 4, 4).scale(1)).apply(x, Pass.inference()).toFloats();
        float[] ninth = of(new Form().widths(4, 4, 4)).apply(x, Pass.inference()).toFloats();
        for (int i = 0; i < whole.length; i++) {
            assertThat(9 * ninth[i]).isCloseTo(whole[i], within(1e-6f));
        }
    }

    @Test
    void gradientsOfABlock() {
        var block =
                new Airbench(1, 2, new Form().widths(2, 2, 2).activation(Activation.TANH), Checks.FLOAT64)
                        .blocks()
                        .get(1);
        Checks.gradients(block, Checks.images(2, 4, 2)); // few windows: no two elements nearly alike
    }

    @Test
    void learns() {
        var batch = Checks.digits(0);
        Checks.learns(
                new Airbench(1, 10, new Form().widths(16, 24, 24), Init.seeded(1)).whiten(batch.x()), batch);
    }
}
