package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Conv;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class PatchedTest {
    private static final Tensor X = Tensor.normal(RandomKey.of(3), 5, 4);

    private record Block(Linear linear, Activation activation) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return activation.apply(linear.apply(x, pass), pass);
        }
    }

    private record Net(List<Block> hidden, Linear head) implements Layer {
        Net(Init init) {
            this(
                    List.of(
                            new Block(new Linear(4, 4, init), Activation.SIGMOID),
                            new Block(new Linear(4, 4, init), Activation.SIGMOID)),
                    new Linear(4, 2, init));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = x;
            for (Block block : hidden) {
                y = block.apply(y, pass);
            }
            return head.apply(y, pass);
        }
    }

    private record Outer(Layer body) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return body.apply(x, pass);
        }
    }

    private final Net net = new Net(Init.seeded(1));

    private static float[] output(Layer layer) {
        return layer.apply(X, Pass.inference()).toFloats();
    }

    @Test
    void layersAreFoundUnderTheirPaths() {
        assertThat(net.sublayers().keySet())
                .containsExactly(
                        "hidden.0",
                        "hidden.0.linear",
                        "hidden.0.activation",
                        "hidden.1",
                        "hidden.1.linear",
                        "hidden.1.activation",
                        "head");
    }

    @Test
    void aNewHeadStandsInTheOldOnesPlace() {
        var head = new Linear(4, 3, Init.seeded(2));
        Layer patched = Patched.of(net).with("head", head);
        assertThat(patched.apply(X, Pass.inference()).shape().dims()).containsExactly(5, 3);
        assertThat(patched.parameters()).containsEntry("head.weight", head.weight());
        assertThat(patched.parameters().keySet()).isEqualTo(net.parameters().keySet());
    }

    @Test
    void anActivationIsExchangedWhereItWasAsked() {
        Layer patched = Patched.of(net).with("hidden.1.activation", Activation.RELU);
        Tensor first = net.hidden().get(0).forward(X, Pass.inference());
        Tensor second = net.hidden().get(1).linear().forward(first, Pass.inference()).relu();
        assertThat(output(patched)).isEqualTo(net.head().forward(second, Pass.inference()).toFloats());
        assertThat(output(patched)).isNotEqualTo(output(net));
    }

    @Test
    void whatIsAroundAnExchangedLayerTakesItsExchangesAlong() {
        Layer patched = Patched.of(net).with("hidden.1.activation", Activation.RELU).around("hidden.1", Residual::new);
        assertThat(patched.sublayers()).containsEntry("hidden.1.inner.activation", Activation.RELU);
        assertThat(patched.parameters().keySet()).contains("hidden.1.inner.linear.weight");
        Tensor first = net.hidden().get(0).forward(X, Pass.inference());
        Tensor second = first.add(net.hidden().get(1).linear().forward(first, Pass.inference()).relu());
        assertThat(output(patched)).isEqualTo(net.head().forward(second, Pass.inference()).toFloats());
    }

    @Test
    void aPatchedNetworkCanBeAPart() {
        Layer inner =
                Patched.of(net).around("hidden.0.linear", l -> Sequential.of(l, new BatchNorm(4, Init.seeded(5))));
        Layer outer = new Outer(inner);
        assertThat(output(outer)).isEqualTo(output(inner));
        assertThat(outer.parameters().keySet())
                .contains("body.hidden.0.linear.layers.0.weight", "body.hidden.0.linear.layers.1.mean")
                .doesNotContain("body.hidden.0.linear.weight");
        Layer again = Patched.of(outer).with("body.hidden.1.activation", Activation.IDENTITY);
        assertThat(again.parameters().keySet()).isEqualTo(outer.parameters().keySet());
        Layer direct = Patched.of(inner).with("hidden.1.activation", Activation.IDENTITY);
        assertThat(output(again)).isEqualTo(output(direct));
    }

    @Test
    void anExchangedLayerThatIsFrozenRunsAsInInference() {
        var norm = new BatchNorm(4, Init.seeded(3));
        Layer patched = Patched.of(net).with("head", norm);
        Pass pass = Pass.training(RandomKey.of(1)).inferring(layer -> layer == norm);
        patched.apply(X, pass);
        assertThat(pass.updates()).isEmpty();
        Pass thawed = Pass.training(RandomKey.of(1));
        patched.apply(X, thawed);
        assertThat(thawed.updates()).isNotEmpty();
    }

    @Test
    void aSharedLayerIsExchangedInOnePlaceAndKeptInTheOther() {
        Layer block = Sequential.of(new Linear(4, 4, Init.seeded(1)), Activation.TANH);
        Layer shared = Sequential.of(block, block);
        for (String place : List.of("layers.0", "layers.1")) {
            Layer patched = Patched.of(shared).with(place + ".layers.0", new Linear(4, 4, Init.seeded(2)));
            assertThat(patched.parameters().keySet())
                    .containsExactly(
                            "layers.0.layers.0.weight",
                            "layers.0.layers.0.bias",
                            "layers.1.layers.0.weight",
                            "layers.1.layers.0.bias");
        }
        Layer both =
                Sequential.of(shared, Patched.of(shared).with("layers.1.layers.0", new Linear(4, 4, Init.seeded(2))));
        assertThat(both.parameters().keySet()).contains("layers.1.layers.1.layers.0.weight");
    }

    @Test
    void aPlaceWhereNothingStoodTakesALayer() {
        var twice = new Lambda("twice", x -> x.mul(2));
        var residual = new Residual(new Linear(4, 4, Init.seeded(1)));
        assertThat(output(Patched.of(residual).with("shortcut", twice)))
                .isEqualTo(output(new Residual(residual.inner(), twice)));
        var conv = new SeparableConv2d(4, 2, 1, new Conv(), Init.seeded(1));
        Tensor x = X.reshape(5, 1, 1, 4);
        assertThat(Patched.of(conv).with("between", twice).apply(x, Pass.inference()).toFloats())
                .isEqualTo(conv.between(twice).apply(x, Pass.inference()).toFloats());
    }

    @Test
    void observersSeeTheExchangedLayerInItsPlace() {
        Layer patched = Patched.of(net).with("hidden.0.activation", Activation.TANH);
        var seen = new ArrayList<String>();
        patched.apply(X, Pass.inference().observing((path, layer, y) -> seen.add(path + "=" + layer)));
        assertThat(seen).contains("hidden.0.activation=TANH", "hidden.1.activation=SIGMOID");
    }

    @Test
    void aPlaceThatDoesNotExistIsRefusedWithThoseThatDo() {
        assertThatThrownBy(() -> Patched.of(net).with("tail", Activation.RELU))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("no layer 'tail'")
                .hasMessageContaining("hidden.1.activation, head");
    }
}
