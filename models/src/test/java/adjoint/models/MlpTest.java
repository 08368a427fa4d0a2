package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Pass;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;

class MlpTest {
    private static final Tensor X = Tensor.normal(RandomKey.of(7), 4, 3, 2).to(DType.FLOAT64);

    @Test
    void namesAndShapesFollowTheSizes() {
        var plain = new Mlp(6, List.of(5, 5), 3, new Mlp.Form(), Init.seeded(1));
        assertThat(plain.parameters().keySet())
                .containsExactly(
                        "hidden.0.linear.weight",
                        "hidden.0.linear.bias",
                        "hidden.1.linear.weight",
                        "hidden.1.linear.bias",
                        "head.weight",
                        "head.bias");
        assertThat(plain.apply(X.to(DType.FLOAT32), Pass.inference()).shape().dims()).containsExactly(4, 3);
    }

    @Test
    void residualConnectionsStandWhereTheSizesAreAlike() {
        var form = new Mlp.Form().residual(true).norm(true);
        var model = new Mlp(6, List.of(5, 5), 3, form, Init.seeded(1));
        assertThat(model.parameters().keySet())
                .contains("hidden.0.linear.weight", "hidden.1.inner.linear.weight", "hidden.1.inner.norm.weight")
                .doesNotContain("hidden.0.linear.bias");
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        var form = new Mlp.Form().activation(Activation.TANH).norm(true).residual(true);
        var model = Mlp.deep(6, 5, 3, 2, form, Init.seeded(1).type(DType.FLOAT64));
        var result =
                GradientCheck.of(
                        in -> model.apply(in.getFirst(), Pass.training(RandomKey.of(0))),
                        model.parameters().values(),
                        X);
        assertThat(result.passed()).as("%s", result).isTrue();
    }
}
