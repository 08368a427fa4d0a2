package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.data.ArrayDataset;
import adjoint.data.Batches;
import adjoint.grad.GradientCheck;
import adjoint.io.SafeTensors;
import adjoint.kernel.DType;
import adjoint.optim.AdamW;
import adjoint.optim.Averaging;
import adjoint.optim.Names;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.train.Trainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class LoraTest {
    private static final RandomKey KEY = RandomKey.of(9);
    private static final Tensor X = Tensor.of(Tensor.normal(KEY, 6, 4).toFloats(), 6, 4);

    private record Block(Linear in, BatchNorm norm, Dropout dropout, Linear out) implements Layer {
        Block(Init init) {
            this(new Linear(4, 8, init), new BatchNorm(8, init), new Dropout(0.5), Linear.withoutBias(8, 4, init));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = dropout.apply(norm.apply(in.apply(x, pass), pass).relu(), pass);
            return x.add(out.apply(y, pass));
        }
    }

    private record Net(List<Block> blocks, Linear head) implements Layer {
        Net(Init init) {
            this(List.of(new Block(init), new Block(init)), new Linear(4, 2, init));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = x;
            for (Block block : blocks) {
                y = block.apply(y, pass);
            }
            return head.apply(y, pass);
        }
    }

    private final Init init = Init.seeded(3);
    private final Net net = new Net(init);

    private static float[] output(Layer layer) {
        return layer.apply(X, Pass.inference()).toFloats();
    }

    private static Map<String, float[]> values(Layer layer) {
        Map<String, float[]> values = new LinkedHashMap<>();
        layer.parameters().forEach((name, p) -> values.put(name, p.value().toFloats()));
        return values;
    }

    private static void change(Layer tuned) {
        tuned.parameters()
                .forEach((name, p) -> {
                    if (p.trainable()) {
                        p.set(Tensor.normal(KEY.fold(name.hashCode()), p.shape().dims()).mul(0.3).to(p.type()));
                    }
                });
    }

    @Test
    void startsAsTheLayerAndIsItsFormula() {
        Init wide = init.type(DType.FLOAT64);
        var linear = new Linear(4, 3, wide);
        linear.parameters().get("bias").set(Tensor.of(new double[] {1, 2, 3}, 3));
        Lora lora = Lora.of(linear, 2, 6, wide);
        Tensor x = X.to(DType.FLOAT64);
        double[] plain = linear.apply(x, Pass.inference()).toDoubles();
        assertThat(lora.apply(x, Pass.inference()).toDoubles()).isEqualTo(plain);
        assertThat(lora.down().value().abs().max().item()).isPositive();
        change(lora);
        double[] in = x.toDoubles();
        double[] a = lora.down().value().toDoubles();
        double[] b = lora.up().value().toDoubles();
        double[] expected = plain.clone();
        for (int n = 0; n < 6; n++) {
            for (int r = 0; r < 2; r++) {
                double hidden = 0;
                for (int i = 0; i < 4; i++) {
                    hidden += in[n * 4 + i] * a[i * 2 + r];
                }
                for (int j = 0; j < 3; j++) {
                    expected[n * 3 + j] += 3 * hidden * b[r * 3 + j]; // α / r = 6 / 2
                }
            }
        }
        assertThat(lora.apply(x, Pass.inference()).toDoubles())
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(expected);
        assertThat(lora.merged().apply(x, Pass.inference()).toDoubles())
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(expected);
        var result =
                GradientCheck.of(t -> lora.apply(t.getFirst(), Pass.inference()).tanh(), lora.parameters().values(), x);
        assertThat(result.passed()).as("%s", result).isTrue();
        assertThat(lora).hasToString("Lora(4 -> 3, rank 2)");
    }

    @Test
    void sharesTheLayersWeightsAndTrainsTheChange() {
        var linear = new Linear(4, 3, init);
        Lora lora = Lora.of(linear, 2, 4, init);
        assertThat(lora.parameters().keySet()).containsExactly("weight", "bias", "down", "up");
        assertThat(lora.parameterCount()).isEqualTo(4 * 2 + 2 * 3);
        assertThat(lora.weight().buffer()).isSameAs(linear.weight().buffer());
        assertThat(lora.weight()).isSameAs(linear.weight().frozen());
        assertThat(new Lora(lora.weight(), lora.bias(), lora.down(), lora.up(), 4)).isEqualTo(lora);
        var optimizer = new Optimizer(Sgd.rate(0.1), lora.parameters());
        assertThat(optimizer.parameters()).containsOnlyKeys("down", "up");
        Map<String, float[]> before = values(lora);
        for (int i = 0; i < 2; i++) { // at first only B has a gradient, since B is 0
            optimizer.step(lora.apply(X, Pass.training(KEY)).square().sum());
        }
        Map<String, float[]> after = values(lora);
        assertThat(after.get("weight")).isEqualTo(before.get("weight"));
        assertThat(after.get("bias")).isEqualTo(before.get("bias"));
        assertThat(after.get("down")).isNotEqualTo(before.get("down"));
        assertThat(after.get("up")).isNotEqualTo(before.get("up"));
        linear.weight().set(linear.weight().value().mul(2));
        assertThat(lora.weight().value().toFloats()).as("one memory").isEqualTo(linear.weight().value().toFloats());
    }

    @Test
    void goesAroundThoseOfANetworkThatMatch() {
        Patched tuned = Lora.in(net, Names.like("*.in", "head"), 2, 4, init);
        assertThat(tuned.patches()).containsOnlyKeys("blocks.0.in", "blocks.1.in", "head");
        assertThat(output(tuned))
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(output(net)); // whose norms are folded
        assertThat(tuned.parameters().keySet()).containsAll(net.parameters().keySet());
        assertThat(tuned.parameters().entrySet().stream().filter(e -> e.getValue().trainable()).map(Map.Entry::getKey))
                .containsExactly(
                        "blocks.0.in.down",
                        "blocks.0.in.up",
                        "blocks.1.in.down",
                        "blocks.1.in.up",
                        "head.down",
                        "head.up");
        assertThat(net.parameters().values()).as("the model itself").noneMatch(Parameter::isFrozen);
    }

    // All that training does goes past the frozen: updates, running statistics, averages.
    @Test
    void fineTuningMovesTheChangesOnly() {
        Layer tuned = Lora.in(net, Names.like("*.in"), 2, 4, init);
        Map<String, float[]> before = values(tuned);
        var data =
                ArrayDataset.classification(
                        X.toFloats(), new int[] {4}, new int[] {0, 1, 1, 0, 1, 0}, List.of("no", "yes"));
        Trainer.of(tuned, Loss::crossEntropy, AdamW.rate(0.05))
                .epochs(3)
                .averaging(weights -> Averaging.exponential(0.5, weights))
                .fit(new Batches(data, 3));
        Map<String, float[]> after = values(tuned);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        after.forEach((name, value) -> {
            if (name.endsWith(".down") || name.endsWith(".up")) {
                assertThat(value).as(name).isNotEqualTo(before.get(name));
            } else {
                assertThat(value).as(name).isEqualTo(before.get(name));
            }
        });
        assertThat(output(tuned)).isNotEqualTo(output(net));
    }

    // The norm is frozen and the dropout beside it is not: it is no part of what is.
    @Test
    void whatIsFrozenRunsAsInInference() {
        Layer tuned = Lora.in(net, Names.like("blocks.0.in"), 2, 4, init);
        Pass pass = Pass.training(KEY);
        float[] y = tuned.apply(X, pass).toFloats();
        assertThat(pass.updates()).isEmpty();
        assertThat(y).isNotEqualTo(output(tuned));
        Pass own = Pass.training(KEY);
        net.apply(X, own);
        assertThat(own.updates()).isNotEmpty();
        Layer withHead = Patched.of(tuned).with("head", new Linear(4, 3, init));
        assertThat(new Optimizer(Sgd.rate(1), withHead.parameters()).parameters())
                .containsOnlyKeys("blocks.0.in.down", "blocks.0.in.up", "head.weight", "head.bias");
        record Outer(Layer body) implements Layer {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return body.apply(x, pass);
            }
        }
        assertThat(new Outer(tuned).parameterCount()).isEqualTo(tuned.parameterCount());
    }

    @Test
    void mergesIntoPlainLayers(@TempDir Path dir) throws IOException {
        Layer tuned = Lora.in(net, Names.like("*.in", "head"), 2, 4, init);
        change(tuned);
        Layer merged = Lora.merged(tuned);
        float[] expected = output(tuned);
        assertThat(expected).isNotEqualTo(output(net));
        assertThat(output(merged)).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
        assertThat(merged.parameters().keySet()).isEqualTo(net.parameters().keySet());
        assertThat(merged.parameters().values()).noneMatch(Parameter::isFrozen);
        Path file = dir.resolve("merged.safetensors");
        SafeTensors.writeParameters(file, merged.parameters(), Map.of());
        var fresh = new Net(Init.seeded(77));
        SafeTensors.read(file).load(fresh.parameters());
        assertThat(output(fresh)).isEqualTo(output(merged));
        Path whole = dir.resolve("tuned.safetensors");
        SafeTensors.writeParameters(whole, tuned.parameters(), Map.of());
        Layer again = Lora.in(new Net(Init.seeded(78)), Names.like("*.in", "head"), 2, 4, init);
        SafeTensors.read(whole).load(again.parameters());
        assertThat(output(again)).isEqualTo(expected);
        var base = new Net(Init.seeded(79));
        assertThat(SafeTensors.read(whole).loadFitting(base.parameters()).missing()).isEmpty();
        assertThat(output(base)).as("the base's names are the model's").isEqualTo(output(net));
    }

    @Test
    void aLayerInTwoPlacesGetsOneChange() {
        var linear = new Linear(4, 4, init);
        Layer twice = Sequential.of(linear, Activation.TANH, linear);
        Layer tuned = Lora.in(twice, path -> true, 1, 1, init);
        assertThat(tuned.parameters().keySet())
                .containsExactly("layers.0.weight", "layers.0.bias", "layers.0.down", "layers.0.up");
        change(tuned);
        assertThat(Lora.merged(tuned).parameters().keySet()).containsExactly("layers.0.weight", "layers.0.bias");
        assertThat(output(Lora.merged(tuned))).usingComparatorWithPrecision(1e-5f).containsExactly(output(tuned));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> Lora.in(net, Names.like("*.query"), 2, 4, init))
                .isInstanceOf(AdjointException.class)
                .hasMessageStartingWith(
                        "Lora found no Linear at a path that matches, only at blocks.0.in, blocks.0.out, blocks.1.in,"
                                + " blocks.1.out, head");
        assertThatThrownBy(() -> Lora.of(net.head(), 0, 4, init))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("Lora around Linear(4 -> 2) needs a rank of 1 or more, got 0");
        assertThatThrownBy(() -> Lora.of(net.head(), 2, 0, init))
                .hasMessageContaining("needs an alpha above 0, got 0.0");
        Lora lora = Lora.of(net.head(), 2, 4, init);
        assertThatThrownBy(() -> new Lora(lora.weight(), lora.bias(), lora.up(), lora.up(), 4))
                .hasMessageStartingWith(
                        "Lora around Linear(4 -> 2) needs a change of [4, r] and [r, 2] with a rank r of 1 or more, got"
                                + " [2, 2] and [2, 2]");
        assertThatThrownBy(() -> lora.apply(Tensor.zeros(2, 3), Pass.inference()))
                .hasMessageStartingWith("Lora(4 -> 2, rank 2) needs a last dimension of 4, got [2, 3]");
    }
}
