package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.GradientCheck;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;

class TiedHeadTest {
    private static final Init INIT = Init.seeded(3).type(DType.FLOAT64);

    private record Model(Embedding embedding, Gru body, TiedHead head) implements Layer {
        Model(Init init) {
            this(new Embedding(5, 3, init), init);
        }

        Model(Embedding embedding, Init init) {
            this(embedding, new Gru(3, 3, init), TiedHead.withBias(embedding, init));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return head.apply(body.apply(embedding.apply(x, pass), pass), pass);
        }
    }

    @Test
    void aLogitIsTheProductWithTheThingsVector() {
        var embedding = new Embedding(4, 3, INIT);
        double[] e = embedding.weight().value().toDoubles();
        double[] x = Tensor.normal(RandomKey.of(1), 2, 2, 3).to(DType.FLOAT64).toDoubles();
        Parameter bias = Parameter.of(Tensor.of(new double[] {1, 2, 3, 4}, 4));
        for (var b : List.of(Optional.<Parameter>empty(), Optional.of(bias))) {
            var head = new TiedHead(embedding.weight(), b);
            double[] expected = new double[2 * 2 * 4];
            for (int i = 0; i < 4; i++) {
                for (int k = 0; k < 4; k++) {
                    expected[i * 4 + k] = b.isPresent() ? k + 1 : 0;
                    for (int j = 0; j < 3; j++) {
                        expected[i * 4 + k] += x[i * 3 + j] * e[k * 3 + j];
                    }
                }
            }
            Tensor y = head.apply(Tensor.of(x, 2, 2, 3), Pass.inference());
            assertThat(y.shape().dims()).containsExactly(2, 2, 4);
            assertThat(y.toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(expected);
        }
    }

    @Test
    void theWeightIsOneParameter() {
        var model = new Model(INIT);
        assertThat(model.parameters().keySet())
                .containsExactly(
                        "embedding.weight",
                        "body.inputWeight",
                        "body.recurrentWeight",
                        "body.bias",
                        "body.candidateBias",
                        "head.bias");
        assertThat(model.head()).hasToString("TiedHead(3 -> 5)");
        assertThat(TiedHead.of(model.embedding())).hasToString("TiedHead(3 -> 5, no bias)");
        assertThat(TiedHead.of(model.embedding()).parameters()).containsOnlyKeys("weight");
    }

    // Of a whole model against finite differences; and as the sum of those of two weights that happen to be equal.
    @Test
    void itsGradientIsTheSumOverBothUses() {
        var model = new Model(INIT);
        Tensor x = Tensor.of(new int[] {1, 4, 1, 0, 2, 2}, 2, 3);
        var result =
                GradientCheck.of(
                        in -> model.apply(in.getFirst(), Pass.inference()).square(), model.parameters().values(), x);
        assertThat(result.passed()).as("%s", result).isTrue();

        Parameter shared = model.embedding().weight();
        Parameter apart = Parameter.of(shared.value());
        var untied = new Model(model.embedding(), model.body(), new TiedHead(apart, model.head().bias()));
        List<Tensor> two =
                Gradients.of(untied.apply(x, Pass.inference()).square().sum(), List.of(shared.value(), apart.value()));
        Tensor one = Gradients.of(model.apply(x, Pass.inference()).square().sum(), shared.value());
        assertThat(two.get(0).square().sum().item()).isPositive();
        assertThat(one.toDoubles())
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(two.get(0).add(two.get(1)).toDoubles());
    }

    @Test
    void isTrainedOnce() {
        var model = new Model(INIT);
        double[] before = model.embedding().weight().value().toDoubles();
        Tensor loss = model.apply(Tensor.of(new int[] {1, 4}, 1, 2), Pass.inference()).square().sum();
        double[] g = Gradients.of(loss, model.embedding().weight().value()).toDoubles();
        new Optimizer(Sgd.rate(0.1), model.parameters()).step(loss);
        double[] after = model.embedding().weight().value().toDoubles();
        for (int i = 0; i < g.length; i++) {
            assertThat(after[i]).isEqualTo(before[i] - 0.1 * g[i]);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        var head = TiedHead.of(new Embedding(4, 3, Init.seeded(1)));
        assertThatThrownBy(() -> head.apply(Tensor.zeros(2, 5), Pass.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "TiedHead(3 -> 4, no bias) needs a last dimension of 3, as the embedding has it, got [2, 5]: put a"
                                + " Linear in front, or make the embedding as wide as x");
        assertThatThrownBy(() -> head.apply(Tensor.zeros(2, 3).to(DType.FLOAT64), Pass.inference()))
                .hasMessageContaining("has weights of float32");
        assertThatThrownBy(() -> new TiedHead(head.weight(), Optional.of(Parameter.of(Tensor.zeros(3)))))
                .hasMessageStartingWith("TiedHead with a weight [4, 3] needs a bias [4], got [3]");
        assertThatThrownBy(() -> new TiedHead(Parameter.of(Tensor.zeros(3)), Optional.empty()))
                .hasMessageStartingWith("TiedHead needs a weight [count, width], got [3]");
    }
}
