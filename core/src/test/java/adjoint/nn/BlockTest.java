package adjoint.nn;

import static adjoint.nn.LayerTest.refused;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.kernel.DType;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The parts of residual and mobile networks, against plain Java.
class BlockTest {
    private static final RandomKey KEY = RandomKey.of(5);
    private final Init init = Init.seeded(3);
    private final Conv same = new Conv().padding(Padding.SAME);

    private static Tensor run(Layer layer, Tensor x) {
        return layer.apply(x, Pass.inference());
    }

    private static List<String> names(Layer layer) {
        return List.copyOf(layer.parameters().keySet());
    }

    private static double norm(double... values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    // ---------------------------------------------------------------- DropPath

    @Test
    void dropPathDropsWholeExamples() {
        int n = 4000;
        var layer = new DropPath(0.25);
        float[] y = layer.apply(Tensor.ones(n, 2, 3), Pass.training(KEY)).toFloats();
        int dropped = 0;
        for (int i = 0; i < n; i++) {
            float first = y[i * 6];
            assertTrue(first == 0 || first == 1 / 0.75f, "got " + first);
            for (int k = 1; k < 6; k++) {
                assertEquals(first, y[i * 6 + k], "all of example " + i);
            }
            dropped += first == 0 ? 1 : 0;
        }
        assertEquals(0.25, (double) dropped / n, 5 * Math.sqrt(0.25 * 0.75 / n));
        Tensor x = Tensor.ones(3, 2);
        assertSame(x, run(layer, x));
        assertSame(x, new DropPath(0).apply(x, Pass.training(KEY)));
    }

    @Test
    void dropPathGrowsWithTheDepth() {
        assertEquals(0.2 / 4, DropPath.ofBlock(1, 4, 0.2).p(), 1e-15);
        assertEquals(0.2, DropPath.ofBlock(4, 4, 0.2).p(), 1e-15);
        refused("DropPath needs a block from 1 to 4, got 0", () -> DropPath.ofBlock(0, 4, 0.2));
        refused("DropPath needs a probability in [0, 1), got 1.0", () -> new DropPath(1));
        refused("DropPath(0.5) needs an input [N, ..], got []", () -> run(new DropPath(0.5), Tensor.scalar(1)));
    }

    // ---------------------------------------------------------------- SqueezeExcite

    @Test
    void squeezeExciteWeighsChannels() {
        var reduce =
                new Linear(
                        Parameter.of(Tensor.of(new float[] {1, 2}, 2, 1)),
                        Optional.of(Parameter.of(Tensor.of(new float[] {0.5f}, 1))));
        var expand = new Linear(Parameter.of(Tensor.of(new float[] {1, -1}, 1, 2)), Optional.empty());
        float[] x = {1, 2, 3, -1, -5, 0, 1, -4}; // means: (2, 0.5) and (-2, -2)
        float[] y = run(new SqueezeExcite(reduce, expand), Tensor.of(x, 2, 2, 1, 2)).toFloats();
        for (int i = 0; i < x.length; i++) {
            double hidden = i < 4 ? 2 + 2 * 0.5 + 0.5 : 0;
            double weight = 1 / (1 + Math.exp(i % 2 == 0 ? -hidden : hidden));
            assertEquals(x[i] * weight, y[i], 1e-6, "element " + i);
        }
    }

    @Test
    void squeezeExciteHasNamesAndRefuses() {
        var layer = new SqueezeExcite(16, 4, init);
        assertEquals(List.of("reduce.weight", "reduce.bias", "expand.weight", "expand.bias"), names(layer));
        assertEquals("SqueezeExcite(16 -> 4 -> 16)", layer.toString());
        refused(
                "SqueezeExcite needs a reduction that divides the 16 channels, got 5",
                () -> new SqueezeExcite(16, 5, init));
        refused(
                "SqueezeExcite(16 -> 4 -> 16) needs an input [N, spatial.., 16], got [2, 16]",
                () -> run(layer, Tensor.zeros(2, 16)));
        refused(
                "SqueezeExcite needs two layers C -> C / reduction -> C, got Linear(3 -> 2) and Linear(2 -> 4)",
                () -> new SqueezeExcite(new Linear(3, 2, init), new Linear(2, 4, init)));
    }

    // ---------------------------------------------------------------- SeparableConv2d

    // The same as one convolution whose weights are the products of both.
    @Test
    void separableIsAConvolutionOfProducts() {
        int in = 3;
        int out = 4;
        for (int multiplier : new int[] {1, 2}) {
            Init wide = init.with(Init.normal(1)).type(DType.FLOAT64);
            var layer = SeparableConv2d.multiplied(multiplier, in, out, 3, same.stride(2), wide);
            double[] windows = layer.depthwise().weight().value().toDoubles(); // [3, 3, 1, in · multiplier]
            double[] mix = layer.pointwise().weight().value().toDoubles(); // [1, 1, in · multiplier, out]
            double[] full = new double[9 * in * out];
            for (int p = 0; p < 9; p++) {
                for (int c = 0; c < in; c++) {
                    for (int k = 0; k < out; k++) {
                        for (int m = c * multiplier; m < (c + 1) * multiplier; m++) {
                            full[(p * in + c) * out + k] += windows[p * in * multiplier + m] * mix[m * out + k];
                        }
                    }
                }
            }
            Tensor x = Tensor.random(adjoint.kernel.Step.Distribution.NORMAL, KEY, DType.FLOAT64, 2, 5, 6, in);
            double[] expected = x.conv(Tensor.of(full, 3, 3, in, out), same.stride(2)).toDoubles();
            assertArrayEquals(expected, run(layer, x).toDoubles(), 1e-12);
        }
    }

    @Test
    void separableHasNamesAndRefuses() {
        var layer = new SeparableConv2d(4, 8, 3, same, init);
        assertEquals(List.of("depthwise.weight", "pointwise.weight", "pointwise.bias"), names(layer));
        assertEquals(3 * 3 * 4 + 4 * 8 + 8, layer.parameterCount());
        assertEquals("SeparableConv2d(4 -> 8)", layer.toString());
        var mobile =
                SeparableConv2d.withoutBias(4, 8, 3, same, init)
                        .between(Sequential.of(new BatchNorm(4, init), Activation.RELU));
        assertEquals("between.layers.0.weight", names(mobile).get(1));
        assertEquals("[2, 5, 5, 8]", run(mobile, Tensor.zeros(2, 5, 5, 4)).shape().toString());
        refused(
                "SeparableConv2d groups the channels itself and needs a multiplier of 1 or more, got 2 groups and a"
                        + " multiplier of 1",
                () -> new SeparableConv2d(4, 8, 3, same.groups(2), init));
        refused(
                "SeparableConv2d needs a convolution in as many groups as input channels, and one that takes its output,"
                        + " got Conv2d(4 -> 4, 3x3, padding SAME) and Conv2d(4 -> 8, 1x1)",
                () ->
                        new SeparableConv2d(
                                new Conv2d(4, 4, 3, same, init),
                                Activation.IDENTITY,
                                new Conv2d(4, 8, 1, new Conv(), init)));
    }

    // ---------------------------------------------------------------- WeightNorm

    @Test
    void weightNormStartsAsTheLayer() {
        Init wide = init.type(DType.FLOAT64).with(Init.normal(0.7));
        var linear = new Linear(5, 3, wide);
        Tensor x = Tensor.random(adjoint.kernel.Step.Distribution.NORMAL, KEY, DType.FLOAT64, 4, 5);
        assertArrayEquals(run(linear, x).toDoubles(), run(WeightNorm.of(linear), x).toDoubles(), 1e-14);
        var conv = new Conv2d(4, 6, 3, same.groups(2).stride(2), wide);
        Tensor image = Tensor.random(adjoint.kernel.Step.Distribution.NORMAL, KEY, DType.FLOAT64, 2, 5, 6, 4);
        assertArrayEquals(run(conv, image).toDoubles(), run(WeightNorm.of(conv), image).toDoubles(), 1e-13);
        var line = Conv1d.withoutBias(4, 6, 3, new Conv(), wide);
        Tensor sound = Tensor.random(adjoint.kernel.Step.Distribution.NORMAL, KEY, DType.FLOAT64, 2, 7, 4);
        assertArrayEquals(run(line, sound).toDoubles(), run(WeightNorm.of(line), sound).toDoubles(), 1e-13);
    }

    @Test
    void weightNormSetsTheLengthOfEachOutputsWeights() {
        var layer = WeightNorm.of(new Linear(5, 3, init));
        assertEquals(List.of("direction", "length", "bias"), names(layer));
        layer.length().set(Tensor.of(new float[] {1, 2, 0.5f}, 3));
        layer.direction().set(layer.direction().value().mul(7)); // only its direction counts
        float[] w = layer.weight().toFloats(); // [5, 3]
        for (int k = 0; k < 3; k++) {
            double[] column = {w[k], w[3 + k], w[6 + k], w[9 + k], w[12 + k]};
            assertEquals(new double[] {1, 2, 0.5}[k], norm(column), 1e-6);
        }
    }

    // Salimans & Kingma, section 2.2: the gradient is orthogonal to v, so that SGD never shortens it.
    @Test
    void weightNormTrainsAndDirectionsGrow() {
        var plain = Linear.withoutBias(4, 2, init.type(DType.FLOAT64));
        double[] before = plain.weight().value().toDoubles();
        var layer = WeightNorm.of(plain);
        assertNotSame(plain.weight(), layer.direction());
        Tensor x = Tensor.random(adjoint.kernel.Step.Distribution.NORMAL, KEY, DType.FLOAT64, 6, 4);
        var optimizer = new Optimizer(Sgd.rate(0.5), layer.parameters());
        double length = norm(layer.direction().value().toDoubles());
        double loss = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 5; i++) {
            Tensor error = layer.apply(x, Pass.training(KEY)).sub(1).square().mean();
            optimizer.step(error);
            assertTrue(error.item() < loss);
            loss = error.item();
            double next = norm(layer.direction().value().toDoubles());
            assertTrue(next > length);
            length = next;
        }
        assertArrayEquals(before, plain.weight().value().toDoubles(), "the wrapped layer stays as it was");
    }

    @Test
    void weightNormRefuses() {
        refused(
                "WeightNorm needs weights with a direction, got only zeros for output 0: make the layer with another"
                        + " scheme than zeros",
                () -> WeightNorm.of(new Linear(3, 2, init.with(Init.zeros()))));
        refused(
                "WeightNorm with a direction [3, 2] needs a length [2], got [3]",
                () ->
                        new WeightNorm(
                                Parameter.of(Tensor.zeros(3, 2)),
                                Parameter.of(Tensor.zeros(3)),
                                Optional.empty(),
                                Optional.empty()));
        refused(
                "WeightNorm needs a direction [in, out], or with a convolution [window.., in, out], got [3]",
                () ->
                        new WeightNorm(
                                Parameter.of(Tensor.zeros(3)),
                                Parameter.of(Tensor.zeros(3)),
                                Optional.empty(),
                                Optional.empty()));
        refused(
                "WeightNorm(3 -> 2) needs a last dimension of 3, got [4, 2]",
                () -> run(WeightNorm.of(new Linear(3, 2, init)), Tensor.zeros(4, 2)));
    }

    // ---------------------------------------------------------------- LayerScale, ReZero

    @Test
    void layerScaleStartsSmall() {
        var layer = new LayerScale(2, 1e-4, init.type(DType.FLOAT64));
        assertArrayEquals(
                new double[] {1e-4, -2e-4}, run(layer, Tensor.of(new double[] {1, -2}, 1, 2)).toDoubles(), 1e-18);
        layer.scale().set(Tensor.of(new double[] {3, 5}, 2));
        assertArrayEquals(new double[] {3, -10}, run(layer, Tensor.of(new double[] {1, -2}, 1, 2)).toDoubles());
        assertEquals(List.of("scale"), names(layer));
        refused("LayerScale(2) needs a last dimension of 2, got [2, 3]", () -> run(layer, Tensor.zeros(2, 3)));
    }

    @Test
    void reZeroStartsAsTheIdentityAndLearns() {
        var layer = new ReZero(new Linear(2, 2, init), init);
        assertEquals(List.of("inner.weight", "inner.bias", "scale"), names(layer));
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        assertArrayEquals(x.toFloats(), run(layer, x).toFloats());
        var optimizer = new Optimizer(Sgd.rate(0.1), layer.parameters());
        float[] first = layer.parameters().get("inner.weight").value().toFloats();
        optimizer.step(layer.apply(x, Pass.training(KEY)).sum());
        assertTrue(layer.scale().value().item() != 0);
        assertArrayEquals(first, layer.parameters().get("inner.weight").value().toFloats(), "their gradient is α = 0");
        optimizer.step(layer.apply(x, Pass.training(KEY)).sum());
        assertTrue(!Arrays.equals(first, layer.parameters().get("inner.weight").value().toFloats()));
        refused(
                "ReZero needs an inner layer that keeps the shape, got float32 [2, 2] and from Linear(2 -> 3) float32"
                        + " [2, 3]: use a Residual whose shortcut changes it alike, such as Residual.projected",
                () -> run(new ReZero(new Linear(2, 3, init), init), x));
        refused(
                "ReZero needs one number [] as its scale, got [1]",
                () -> new ReZero(Activation.RELU, Parameter.of(Tensor.zeros(1))));
    }
}
