package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.models.LeNet.Form;
import adjoint.nn.Activation;
import adjoint.nn.AveragePool;
import adjoint.nn.Init;
import adjoint.nn.Pass;
import adjoint.tensor.ShapeException;

import org.junit.jupiter.api.Test;

class LeNetTest {
    private static LeNet of(int side, int channels, Form form) {
        return new LeNet(side, channels, 10, form, Init.seeded(1));
    }

    @Test
    void hasAsManyParametersAsIsKnown() {
        assertThat(of(28, 1, new Form()).parameterCount()).isEqualTo(61_706); // Zhang et al., Dive into Deep Learning
        assertThat(of(32, 3, new Form()).parameterCount()).isEqualTo(62_006); // PyTorch's tutorial on CIFAR-10
        var wide = new Form().channels(32, 64).hidden(512).same(true);
        assertThat(of(28, 1, wide).parameterCount()).isEqualTo(832 + 51_264 + 3136 * 512 + 512 + 5130);
    }

    @Test
    void namesFollowTheLayers() {
        assertThat(of(28, 1, new Form().hidden(9)).parameters().keySet())
                .containsExactly(
                        "first.unit.convolution.weight",
                        "first.unit.convolution.bias",
                        "second.unit.convolution.weight",
                        "second.unit.convolution.bias",
                        "classifier.hidden.0.linear.weight",
                        "classifier.hidden.0.linear.bias",
                        "classifier.head.weight",
                        "classifier.head.bias");
        assertThat(of(28, 1, new Form().norm(true)).parameters().keySet())
                .contains("first.unit.norm.weight", "classifier.hidden.1.norm.weight")
                .doesNotContain("first.unit.convolution.bias", "classifier.hidden.0.linear.bias");
    }

    @Test
    void shapes() {
        for (int side : new int[] {4, 12, 27, 28, 32, 45}) {
            for (boolean same : new boolean[] {false, true}) {
                var model = of(side, 3, new Form().same(same));
                assertThat(model.apply(Checks.images(2, side, 3), Pass.inference()).shape().dims())
                        .containsExactly(2, 10);
            }
        }
        assertThatThrownBy(() -> of(3, 1, new Form().same(true)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("4x4 at least, got 3x3");
    }

    @Test
    void gradients() {
        var form = new Form().activation(Activation.TANH).norm(true).channels(2, 2).hidden(3).same(true).dropout(0.1);
        var model = new LeNet(8, 2, 2, form, Checks.FLOAT64);
        Checks.gradients(new LeNet(smooth(model.first()), smooth(model.second()), model.classifier()), Checks.images(3, 8, 2));
    }

    // A step of finite differences would change which of the many windows' elements are the largest.
    private static LeNet.Stage smooth(LeNet.Stage stage) {
        return new LeNet.Stage(stage.unit(), new AveragePool(2));
    }

    @Test
    void learns() {
        Checks.learns(of(28, 1, new Form().norm(true)), Checks.digits(0));
    }
}
