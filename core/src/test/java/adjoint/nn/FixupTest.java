package adjoint.nn;

import static adjoint.nn.LayerTest.refused;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class FixupTest {
    private static final int DEPTH = 100;
    private static final int WIDTH = 16;
    private static final RandomKey KEY = RandomKey.of(2);

    private static double rms(Tensor t) {
        return Math.sqrt(Arrays.stream(t.toDoubles()).map(v -> v * v).average().orElseThrow());
    }

    @Test
    void aBranchStartsAsThePaperSays() {
        Init init = Init.seeded(1).type(DType.FLOAT64);
        Conv same = new Conv().padding(Padding.SAME);
        Sequential branch =
                new Fixup(16)
                        .branch(
                                init,
                                i -> Conv2d.withoutBias(64, 64, 1, same, i),
                                i -> Conv2d.withoutBias(64, 64, 3, same, i),
                                i -> Conv2d.withoutBias(64, 64, 1, same, i));
        assertEquals(
                "[ScalarBias, Conv2d(64 -> 64, 1x1, padding SAME, no bias), ScalarBias, RELU, ScalarBias,"
                        + " Conv2d(64 -> 64, 3x3, padding SAME, no bias), ScalarBias, RELU, ScalarBias,"
                        + " Conv2d(64 -> 64, 1x1, padding SAME, no bias), ScalarScale, ScalarBias]",
                branch.layers().toString());
        double scale = 0.5; // 16^(-1 / (2 · 3 - 2))
        assertEquals(scale * Math.sqrt(2.0 / 64), rms(((Conv2d) branch.layers().get(1)).weight().value()), 0.005);
        assertEquals(scale * Math.sqrt(2.0 / 64 / 9), rms(((Conv2d) branch.layers().get(5)).weight().value()), 0.001);
        assertEquals(0, rms(((Conv2d) branch.layers().get(9)).weight().value()));
        assertEquals(0.1, new Fixup(100).factor(2), 1e-15);
        assertArrayEquals(
                Init.seeded(4).with(Init.normal(3)).weight(4, 4, 4, 4).toDoubles(),
                Init.seeded(4).with(Init.normal(1)).scaled(3).weight(4, 4, 4, 4).toDoubles(),
                1e-6);
    }

    @Test
    void senselessBranchesAreRefused() {
        refused("Fixup needs the number of branches of the network, 1 or more, got 0", () -> new Fixup(0));
        refused("a Fixup branch needs a layer of weights or more, got none", () -> new Fixup(1).branch(Init.seeded(1)));
        refused("ScalarBias needs one number [], got [2]", () -> new ScalarBias(Parameter.of(Tensor.zeros(2))));
        refused("ScalarScale needs one number [], got [2]", () -> new ScalarScale(Parameter.of(Tensor.zeros(2))));
    }

    // ---------------------------------------------------------------- a hundred blocks without a norm

    private static List<Layer> fixup(Init init) {
        var fixup = new Fixup(DEPTH);
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            blocks.add(
                    new Residual(
                            fixup.branch(
                                    init,
                                    in -> Linear.withoutBias(WIDTH, WIDTH, in),
                                    in -> Linear.withoutBias(WIDTH, WIDTH, in))));
        }
        return blocks;
    }

    private static List<Layer> plain(Init init) {
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            blocks.add(
                    new Residual(
                            Sequential.of(
                                    new Linear(WIDTH, WIDTH, init), Activation.RELU, new Linear(WIDTH, WIDTH, init))));
        }
        return blocks;
    }

    private record Spread(double activations, double gradients) {}

    // The largest over the smallest size of what goes through the blocks, forward and backward.
    private static Spread spread(List<Layer> blocks, Tensor x, Tensor target) {
        List<Tensor> between = new ArrayList<>(List.of(x));
        for (Layer block : blocks) {
            between.add(block.apply(between.getLast(), Pass.training(KEY)));
        }
        Tensor loss = between.getLast().sub(target).square().mean();
        List<Tensor> gradients = Gradients.of(loss, between);
        double[] a = between.stream().mapToDouble(FixupTest::rms).toArray();
        double[] g = gradients.stream().mapToDouble(FixupTest::rms).toArray();
        return new Spread(spread(a), spread(g));
    }

    private static double spread(double... sizes) {
        return Arrays.stream(sizes).max().orElseThrow() / Arrays.stream(sizes).min().orElseThrow();
    }

    @Test
    void aHundredBlocksWithoutANormLearn() {
        Tensor x = Tensor.of(Tensor.normal(KEY, 32, WIDTH).toFloats(), 32, WIDTH);
        Tensor target = Tensor.of(x.roll(1, 1).tanh().toFloats(), 32, WIDTH);
        List<Layer> blocks = fixup(Init.seeded(7));
        var model = new Sequential(blocks);
        Spread first = spread(blocks, x, target);
        assertEquals(1, first.activations, 1e-6, "a network that starts as the identity");
        assertEquals(1, first.gradients, 1e-6);
        var optimizer =
                new Optimizer(Sgd.rate(0.15), model.parameters())
                        .group(n -> !n.endsWith("weight"), rule -> rule.scheduled(rule.rate().times(0.1)));
        double loss = Double.NaN;
        double start = Double.NaN;
        for (int i = 0; i < 60; i++) {
            Tensor error = model.apply(x, Pass.training(KEY.fold(i))).sub(target).square().mean();
            optimizer.step(error);
            loss = error.item();
            start = i == 0 ? loss : start;
        }
        assertTrue(loss < 0.5 * start, start + " -> " + loss);
        Spread trained = spread(blocks, x, target);
        assertTrue(trained.activations < 3 && trained.gradients < 3, trained.toString());
        Spread without = spread(plain(Init.seeded(7)), x, target);
        assertTrue(without.activations > 1e9, without.toString());
    }
}
