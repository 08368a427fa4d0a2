package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.models.Vgg.Form;
import adjoint.nn.Activation;
import adjoint.nn.AveragePool;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class VggTest {
    private static Vgg of(int depth, Form form) {
        return new Vgg(depth, 3, 10, form, Checks.ZEROS);
    }

    @ParameterizedTest // torchvision's convolutions, without and with batch norm; biases in front of a norm are none here
    @CsvSource({
        "11, 9220480, 9225984, 2752",
        "13, 9404992, 9410880, 2944",
        "16, 14714688, 14723136, 4224",
        "19, 20024384, 20035392, 5504"
    })
    void hasAsManyParametersAsInTorchvision(int depth, long plain, long normed, long biases) {
        long head = 512 * 10 + 10;
        assertThat(of(depth, new Form().norm(false)).parameterCount()).isEqualTo(plain + head);
        assertThat(of(depth, new Form()).parameterCount()).isEqualTo(normed - biases + head);
    }

    @Test
    void namesFollowTheLayers() {
        var form = new Form().width(1 / 64.0);
        assertThat(of(11, form).parameters().keySet())
                .startsWith("features.0.convolution.weight", "features.0.norm.weight")
                .contains("features.2.convolution.weight") // 1 is a pool
                .endsWith("classifier.head.weight", "classifier.head.bias");
        assertThat(of(11, form.hidden(4)).parameters().keySet()).contains("classifier.hidden.0.linear.weight");
    }

    @Test
    void shapesAndDepths() {
        var small = new Form().width(1 / 16.0);
        for (int side : new int[] {32, 50, 64}) {
            assertThat(of(19, small).apply(Checks.images(2, side, 3), Pass.inference()).shape().dims())
                    .containsExactly(2, 10);
        }
        assertThatThrownBy(() -> of(12, small))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("11, 13, 16 or 19 layers, got 12");
    }

    @Test
    void gradients() {
        var form = new Form().activation(Activation.TANH).width(1 / 64.0).hidden(3);
        var model = new Vgg(11, 1, 2, form.norm(false), Checks.FLOAT64);
        List<Layer> smooth = // a step of finite differences would change which of 500 windows' elements are the largest
                model.features().stream().map(l -> l instanceof MaxPool ? new AveragePool(2) : l).toList();
        Checks.gradients(new Vgg(smooth, model.mean(), model.classifier()), Checks.images(1, 32, 1));
    }

    @Test
    void learns() {
        var model = new Vgg(11, 1, 10, new Form().width(0.125), Init.seeded(1));
        Checks.learns(model, Checks.digits(2));
    }
}
