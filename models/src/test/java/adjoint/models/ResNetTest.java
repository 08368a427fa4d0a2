package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.Gradients;
import adjoint.models.ResNet.Form;
import adjoint.models.ResNet.Shortcut;
import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.List;

class ResNetTest {
    private static ResNet cifar(int depth, Form form) {
        return ResNet.cifar(depth, 3, 10, form, Init.seeded(1));
    }

    @ParameterizedTest // He et al. 2015, table 6
    @CsvSource({"20, 0.27", "32, 0.46", "44, 0.66", "56, 0.85", "110, 1.7", "1202, 19.4"})
    void hasAsManyParametersAsInThePaper(int depth, String millions) {
        double step = 0.5 * Math.pow(10, millions.indexOf('.') + 1 - millions.length()); // of the last digit
        assertThat(ResNet.cifar(depth, 3, 10, new Form(), Checks.ZEROS).parameterCount() / 1e6)
                .isBetween(Double.parseDouble(millions) - step, Double.parseDouble(millions) + step);
    }

    @ParameterizedTest // torchvision
    @CsvSource({"18, 11689512", "34, 21797672", "50, 25557032"})
    void hasAsManyParametersAsInTorchvision(int depth, long count) {
        assertThat(ResNet.imageNet(depth, 3, 1000, new Form(), Checks.ZEROS).parameterCount()).isEqualTo(count);
    }

    @Test
    void parametersOfOtherForms() {
        long padded = cifar(20, new Form()).parameterCount();
        assertThat(padded).isEqualTo(269_722);
        assertThat(cifar(20, new Form().shortcut(Shortcut.NONE)).parameterCount()).isEqualTo(padded);
        assertThat(cifar(20, new Form().preActivation(true)).parameterCount()).isEqualTo(padded);
        assertThat(cifar(20, new Form().shortcut(Shortcut.PROJECTION)).parameterCount())
                .isEqualTo(padded + 16 * 32 + 32 * 64 + 2 * (32 + 64));
        assertThat(cifar(20, new Form().width(2)).head().in()).isEqualTo(128);
    }

    @Test
    void namesFollowTheBlocks() {
        var form = new Form().shortcut(Shortcut.PROJECTION);
        assertThat(cifar(8, form).parameters().keySet())
                .startsWith(
                        "stem.convolution.weight",
                        "stem.norm.weight",
                        "stem.norm.bias",
                        "stem.norm.mean",
                        "stem.norm.variance",
                        "blocks.0.units.0.convolution.weight")
                .contains("blocks.1.units.1.norm.weight", "blocks.1.shortcut.convolution.weight")
                .endsWith("head.weight", "head.bias");
        assertThat(cifar(8, form.checkpoints(true)).parameters().keySet())
                .containsExactlyElementsOf(cifar(8, form).parameters().keySet());
        assertThat(cifar(8, form.preActivation(true)).parameters().keySet())
                .contains("norm.weight", "blocks.0.units.1.norm.weight")
                .doesNotContain("blocks.0.units.0.norm.weight");
    }

    @Test
    void nothingStandsBehindAPreActivatedProjection() {
        var form = new Form().preActivation(true).shortcut(Shortcut.PROJECTION).width(0.125);
        assertThat(cifar(8, form).blocks().get(1).shortcut().orElseThrow())
                .isInstanceOfSatisfying(ConvUnit.class, unit -> {
                    assertThat(unit.first()).isTrue();
                    assertThat(unit.norm()).isPresent();
                });
        var large = ResNet.imageNet(50, 3, 10, form, Init.seeded(1)); // the stem's output is activated already
        assertThat(large.blocks().getFirst().shortcut().orElseThrow())
                .isInstanceOfSatisfying(ConvUnit.class, unit -> assertThat(unit.norm()).isEmpty());
    }

    @Test
    void shapes() {
        var pass = Pass.inference();
        assertThat(cifar(14, new Form()).apply(Checks.images(2, 32, 3), pass).shape().dims()).containsExactly(2, 10);
        var odd = ResNet.cifar(8, 1, 7, new Form(), Init.seeded(1));
        assertThat(odd.apply(Checks.images(2, 29, 1), pass).shape().dims()).containsExactly(2, 7);
        var large = ResNet.imageNet(50, 3, 5, new Form().width(0.25), Init.seeded(1));
        assertThat(large.apply(Checks.images(1, 64, 3), pass).toFloats()).hasSize(5);
    }

    @Test
    void depthsThatDoNotExist() {
        assertThatThrownBy(() -> cifar(21, new Form()))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("6 n + 2")
                .hasMessageContaining("21");
        assertThatThrownBy(() -> ResNet.imageNet(20, 3, 10, new Form(), Init.seeded(1)))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("18, 34 or 50 layers, got 20");
    }

    @Test
    void theShortcutWithoutParametersTakesEveryOtherPlace() {
        Tensor x = Tensor.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2);
        Tensor y = new ResidualBlock.Pad(2, 1).apply(x, Pass.inference());
        assertThat(y.shape().dims()).containsExactly(2, 2, 2, 3);
        assertThat(Arrays.copyOf(y.toInts(), 6)).containsExactly(0, 1, 0, 4, 5, 0);
    }

    @Test
    void gradients() {
        var form = new Form().activation(Activation.TANH).width(0.125);
        Checks.gradients(ResNet.cifar(8, 3, 2, form, Checks.FLOAT64), Checks.images(2, 6, 3));
    }

    @Test
    void gradientsOfBlocks() {
        var form = new Form().activation(Activation.TANH).shortcut(Shortcut.PROJECTION);
        var at = new ResidualBlock.Place(3, 2, 4, 2, false);
        Tensor x = Checks.images(2, 5, 3);
        Checks.gradients(ResidualBlock.basic(at, form, Checks.FLOAT64), x);
        Checks.gradients(ResidualBlock.bottleneck(at, form.preActivation(true), Checks.FLOAT64), x);
    }

    @Test
    void checkpointsChangeNoBits() {
        Tensor x = Checks.images(4, 16, 3);
        Tensor labels = Tensor.of(new int[] {1, 2, 3, 4}, 4);
        List<float[]> plain = derivatives(cifar(14, new Form()), x, labels);
        List<float[]> again = derivatives(cifar(14, new Form().checkpoints(true)), x, labels);
        for (int i = 0; i < plain.size(); i++) {
            assertThat(again.get(i)).containsExactly(plain.get(i));
        }
    }

    private static List<float[]> derivatives(Layer model, Tensor x, Tensor labels) {
        Tensor loss = Loss.crossEntropy(model.apply(x, Pass.training(RandomKey.of(1))), labels);
        List<Tensor> asked =
                model.parameters().values().stream().filter(Parameter::trainable).map(Parameter::value).toList();
        return Gradients.of(loss, asked).stream().map(Tensor::toFloats).toList();
    }

    @Test
    void blocksThatStartAsTheirShortcuts() {
        Tensor x = Checks.images(2, 8, 3);
        for (Form form : List.of(new Form().zero(true), new Form().zero(true).preActivation(true))) {
            ResNet model = cifar(8, form);
            Tensor y = model.stem().apply(x, Pass.training(RandomKey.of(1)));
            ResidualBlock block = model.blocks().getFirst();
            assertThat(block.apply(y, Pass.training(RandomKey.of(1))).toFloats()).containsExactly(y.toFloats());
        }
    }

    @Test
    void learns() {
        for (Form form :
                List.of(new Form(), new Form().preActivation(true).zero(true).checkpoints(true))) {
            Checks.learns(ResNet.cifar(8, 1, 10, form, Init.seeded(1)), Checks.digits(0));
        }
    }
}
