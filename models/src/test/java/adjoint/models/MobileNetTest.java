package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.models.MobileNet.Form;
import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Pass;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MobileNetTest {
    @ParameterizedTest // torchvision; Keras' MobileNetV2 with alpha
    @CsvSource({"1, 3504872", "0.5, 1968680", "1.4, 6108776"})
    void hasAsManyParametersAsElsewhere(double width, long count) {
        var model = new MobileNet(3, 1000, new Form().width(width), Checks.ZEROS);
        assertThat(model.parameterCount()).isEqualTo(count);
    }

    @Test
    void namesFollowTheBlocks() {
        assertThat(new MobileNet(3, 10, new Form(), Init.seeded(1)).parameters().keySet())
                .startsWith("stem.convolution.weight")
                .contains(
                        "blocks.0.layers.1.convolution.weight",
                        "blocks.1.layers.2.norm.bias",
                        "blocks.2.inner.layers.0.convolution.weight",
                        "last.convolution.weight")
                .endsWith("head.weight", "head.bias");
    }

    @Test
    void smallImagesKeepTheirPlacesLonger() {
        var form = new Form().width(0.25);
        for (boolean small : new boolean[] {false, true}) {
            var model = new MobileNet(3, 7, form.small(small), Init.seeded(1));
            int side = small ? 4 : 1;
            int[] places = new int[4];
            Pass watched =
                    Pass.inference()
                            .observing((path, _, y) -> {
                                if (path.equals("last")) {
                                    System.arraycopy(y.shape().dims(), 0, places, 0, 4);
                                }
                            });
            assertThat(model.apply(Checks.images(2, 32, 3), watched).shape().dims()).containsExactly(2, 7);
            assertThat(places).containsExactly(2, side, side, 1280);
        }
    }

    @Test
    void gradientsOfBlocks() {
        for (int stride : new int[] {1, 2}) {
            var block = MobileNet.inverted(2, 2, 3, stride, Activation.TANH, Checks.FLOAT64);
            Checks.gradients(block, Checks.images(2, 5, 2));
        }
    }

    @Test
    void learns() {
        var model = new MobileNet(1, 10, new Form().width(0.25).dropout(0), Init.seeded(1));
        Checks.learns(model, Checks.digits(0));
    }
}
