package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;

class InitTest {
    private static final int IN = 300;
    private static final int OUT = 200;

    private static double[] values(Init.Scheme scheme) {
        return Init.seeded(7).with(scheme).type(DType.FLOAT64).weight(IN, OUT, IN, OUT).toDoubles();
    }

    // Mean 0, the deviation, and the kurtosis that tells normal (3) from uniform (1.8).
    private static void moments(double std, double kurtosis, Init.Scheme scheme) {
        double[] v = values(scheme);
        double n = v.length;
        double mean = Arrays.stream(v).sum() / n;
        double variance = Arrays.stream(v).map(x -> x * x).sum() / n;
        assertEquals(0, mean, 5 * std / Math.sqrt(n));
        assertEquals(std, Math.sqrt(variance), std * 5 / Math.sqrt(n));
        assertEquals(kurtosis, Arrays.stream(v).map(x -> x * x * x * x).sum() / n / variance / variance, 0.05);
    }

    @Test
    void momentsAreThoseOfThePapers() {
        moments(Math.sqrt(2.0 / IN), 3, Init.heNormal());
        moments(Math.sqrt(2.0 / IN), 1.8, Init.heUniform());
        moments(Math.sqrt(1.0 / IN), 3, Init.lecunNormal());
        moments(Math.sqrt(1.0 / IN), 1.8, Init.lecunUniform());
        moments(Math.sqrt(2.0 / (IN + OUT)), 3, Init.xavierNormal());
        moments(Math.sqrt(2.0 / (IN + OUT)), 1.8, Init.xavierUniform());
        moments(5.0 / 3 * Math.sqrt(2.0 / (IN + OUT)), 1.8, Init.xavierUniform(Activation.TANH.gain()));
        moments(0.02, 3, Init.normal(0.02));
        moments(0.5 / Math.sqrt(3), 1.8, Init.uniform(-0.5, 0.5));
        // The normal cut at ±2, Z = P(|z| < 2): variance 1 - 4 φ(2) / Z, fourth moment 3 variance - 16 φ(2) / Z.
        double tail = Math.exp(-2) / Math.sqrt(2 * Math.PI) / 0.9544997361036416;
        double variance = 1 - 4 * tail;
        double kurtosis = (3 * variance - 16 * tail) / (variance * variance);
        moments(0.02 * Math.sqrt(variance), kurtosis, Init.truncatedNormal(0.02));
    }

    @Test
    void boundsHold() {
        double bound = Math.sqrt(6.0 / (IN + OUT));
        assertTrue(Arrays.stream(values(Init.xavierUniform())).allMatch(v -> v >= -bound && v < bound));
        assertTrue(Arrays.stream(values(Init.truncatedNormal(1))).allMatch(v -> Math.abs(v) <= 2));
        assertTrue(Arrays.stream(values(Init.uniform(2, 3))).allMatch(v -> v >= 2 && v < 3));
    }

    @Test
    void theDefaultIsHeNormal() {
        double[] byDefault = Init.seeded(7).type(DType.FLOAT64).weight(IN, OUT, IN, OUT).toDoubles();
        assertArrayEquals(values(Init.heNormal()), byDefault);
        var linear = new Linear(IN, OUT, Init.seeded(7).type(DType.FLOAT64));
        assertArrayEquals(byDefault, linear.weight().value().toDoubles());
        assertArrayEquals(new double[OUT], linear.bias().orElseThrow().value().toDoubles());
        double[] embedding = new Embedding(500, 100, Init.seeded(1)).weight().value().toDoubles();
        assertEquals(1, Math.sqrt(Arrays.stream(embedding).map(x -> x * x).sum() / embedding.length), 0.02);
    }

    @Test
    void orthogonalVectors() {
        for (int[] dims : new int[][] {{5, 5}, {7, 4}, {4, 7}, {3, 2, 4}, {1, 3}, {64, 64}}) {
            double gain = 1.5;
            double[] v = Init.seeded(3).type(DType.FLOAT64).make(Init.orthogonal(gain), 1, 1, dims).toDoubles();
            int columns = dims[dims.length - 1];
            int rows = v.length / columns;
            boolean wide = rows <= columns;
            for (int i = 0; i < Math.min(rows, columns); i++) {
                for (int j = 0; j <= i; j++) {
                    double dot = 0;
                    for (int k = 0; k < Math.max(rows, columns); k++) {
                        dot += wide ? v[i * columns + k] * v[j * columns + k] : v[k * columns + i] * v[k * columns + j];
                    }
                    assertEquals(i == j ? gain * gain : 0, dot, 1e-13);
                }
            }
        }
    }

    @Test
    void fixedValues() {
        assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0}, make(Init.identity(), 2, 3));
        assertArrayEquals(new double[] {3, 3}, make(Init.constant(3), 2));
        assertArrayEquals(new double[] {1, 1}, make(Init.ones(), 2));
        assertArrayEquals(new float[] {0, 0}, Init.blank().with(Init.ones()).scaled(3).weight(2, 2, 2).toFloats());
        assertArrayEquals(new double[] {0, 0}, make(Init.zeros(), 2));
        LayerTest.refused(
                "identity weights need a matrix or a kernel [window.., in, out], got [2]",
                () -> make(Init.identity(), 2));
    }

    private static double[] make(Init.Scheme scheme, int... dims) {
        return Init.seeded(1).make(scheme, 1, 1, dims).toDoubles();
    }

    // ---------------------------------------------------------------- what keeps lengths

    private static double length(Tensor t) {
        return Math.sqrt(Arrays.stream(t.toDoubles()).map(v -> v * v).sum());
    }

    private static Tensor random(int... dims) {
        return Tensor.random(Distribution.NORMAL, RandomKey.of(9), DType.FLOAT64, dims);
    }

    @Test
    void identityKernelsPassTheInputThrough() {
        Conv same = new Conv().padding(Padding.SAME);
        Init init = Init.seeded(1).with(Init.identity());
        Tensor x = Tensor.of(random(2, 5, 6, 3).toDoubles(), 2, 5, 6, 3);
        for (int window = 1; window <= 5; window++) {
            Init wide = init.type(DType.FLOAT64);
            Tensor y = Conv2d.withoutBias(3, 3, window, same, wide).apply(x, Pass.inference());
            assertArrayEquals(x.toDoubles(), y.toDoubles(), "window " + window);
            Tensor first = Conv2d.withoutBias(3, 2, window, same, wide).apply(x, Pass.inference());
            assertArrayEquals(x.slice(3, 0, 2).toDoubles(), first.toDoubles());
            Tensor more = Conv2d.withoutBias(3, 5, window, same, wide).apply(x, Pass.inference());
            assertArrayEquals(x.toDoubles(), more.slice(3, 0, 3).toDoubles());
            assertEquals(0, length(more.slice(3, 3, 5)));
        }
    }

    @Test
    void partialIdentityLeavesTheRestToAnotherScheme() {
        Init init = Init.seeded(1).type(DType.FLOAT64);
        Tensor partial = init.with(Init.partialIdentity(Init.normal(1))).weight(27, 45, 3, 3, 3, 5);
        Tensor rest = Init.seeded(1).type(DType.FLOAT64).with(Init.normal(1)).weight(27, 45, 3, 3, 3, 5);
        Tensor identity = init.make(Init.identity(), 27, 45, 3, 3, 3, 5);
        assertArrayEquals(identity.slice(3, 0, 3).toDoubles(), partial.slice(3, 0, 3).toDoubles());
        assertArrayEquals(rest.slice(3, 3, 5).toDoubles(), partial.slice(3, 3, 5).toDoubles());
        assertArrayEquals(
                make(Init.identity(), 4, 2), make(Init.partialIdentity(Init.ones()), 4, 2), "fewer outputs: no rest");
    }

    @Test
    void deltaOrthogonalConvolutionsKeepLengths() {
        Conv same = new Conv().padding(Padding.SAME);
        Init init = Init.seeded(2).type(DType.FLOAT64).with(Init.deltaOrthogonal(1));
        Tensor x = random(1, 6, 5, 4);
        double before = length(x);
        for (int i = 0; i < 50; i++) {
            int in = x.dim(-1);
            x = Conv2d.withoutBias(in, i % 10 == 9 ? in + 2 : in, 3, same, init).apply(x, Pass.inference());
        }
        assertEquals("[1, 6, 5, 14]", x.shape().toString());
        assertEquals(before, length(x), 1e-10 * before);
        double[] w = init.make(Init.deltaOrthogonal(1.5), 1, 1, 3, 3, 4, 6).toDoubles();
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j <= i; j++) {
                double dot = 0;
                for (int k = 0; k < 6; k++) {
                    dot += w[(4 * 4 + i) * 6 + k] * w[(4 * 4 + j) * 6 + k]; // point 4 of 9 is the centre
                }
                assertEquals(i == j ? 2.25 : 0, dot, 1e-10);
            }
        }
        assertEquals(2.25 * 4, Arrays.stream(w).map(v -> v * v).sum(), 1e-10, "zeros elsewhere");
        LayerTest.refused(
                "delta-orthogonal weights need at least as many outputs as inputs, or lengths are not kept, got"
                        + " [3, 3, 4, 2]: use orthogonal",
                () -> Conv2d.withoutBias(4, 2, 3, same, init));
    }

    // A network of ReLUs that is a linear isometry at first.
    @Test
    void looksLinearNetworksAreLinear() {
        Init init = Init.seeded(3).type(DType.FLOAT64);
        var layers = new ArrayList<Layer>();
        layers.add(Linear.withoutBias(7, 14, init.with(Init.looksLinearFirst(Init.orthogonal(1)))));
        for (int i = 0; i < 50; i++) {
            layers.add(Activation.RELU);
            layers.add(Linear.withoutBias(14, 14, init.with(Init.looksLinear(Init.orthogonal(1)))));
        }
        layers.add(Activation.RELU);
        layers.add(Linear.withoutBias(14, 7, init.with(Init.looksLinearLast(Init.orthogonal(1)))));
        var model = new Sequential(layers);
        Tensor x = Tensor.of(random(1, 7).toDoubles(), 1, 7);
        Tensor z = Tensor.of(random(2, 7).slice(0, 1, 2).toDoubles(), 1, 7);
        assertEquals(length(x), length(model.apply(x, Pass.inference())), 1e-10);
        double[] sum = model.apply(x.mul(-3).add(z), Pass.inference()).toDoubles();
        double[] apart = model.apply(x, Pass.inference()).mul(-3).add(model.apply(z, Pass.inference())).toDoubles();
        assertArrayEquals(apart, sum, 1e-10);
        Conv same = new Conv().padding(Padding.SAME);
        Tensor picture = random(1, 4, 4, 3);
        Layer first = Conv2d.withoutBias(3, 8, 3, same, init.with(Init.looksLinearFirst(Init.deltaOrthogonal(1))));
        Layer next = Conv2d.withoutBias(8, 12, 3, same, init.with(Init.looksLinear(Init.deltaOrthogonal(1))));
        Tensor y = Sequential.of(first, Activation.RELU, next, Activation.RELU).apply(picture, Pass.inference());
        assertEquals(length(picture), length(y), 1e-10);
        LayerTest.refused(
                "looks-linear weights mirror inputs and outputs, whose number must be even, got [3, 4]",
                () -> make(Init.looksLinear(Init.ones()), 3, 4));
    }

    // The half has half the fan-in, so that He weights stay He weights for what they add up.
    @Test
    void theHalfKnowsItsFan() {
        double[] fans = new double[2];
        Init.Scheme spy =
                (shape, fanIn, fanOut, key) -> {
                    fans[0] = fanIn;
                    fans[1] = fanOut;
                    return new double[(int) shape.size()];
                };
        new Linear(8, 6, Init.seeded(1).with(Init.looksLinear(spy)));
        assertArrayEquals(new double[] {4, 3}, fans);
        new Linear(8, 6, Init.seeded(1).with(Init.looksLinearFirst(spy)));
        assertArrayEquals(new double[] {8, 3}, fans);
        new Linear(8, 6, Init.seeded(1).with(Init.looksLinearLast(spy)));
        assertArrayEquals(new double[] {4, 6}, fans);
    }

    @Test
    void streamsAreDeterministicAndApart() {
        Init a = Init.seeded(42);
        Init b = Init.seeded(42);
        float[] first = a.weight(4, 4, 4, 4).toFloats();
        float[] second = a.with(Init.heNormal()).weight(4, 4, 4, 4).toFloats();
        assertArrayEquals(first, b.weight(4, 4, 4, 4).toFloats());
        assertArrayEquals(second, b.weight(4, 4, 4, 4).toFloats());
        assertFalse(Arrays.equals(first, second));
        assertFalse(Arrays.equals(first, Init.seeded(43).weight(4, 4, 4, 4).toFloats()));
        assertEquals(DType.FLOAT32, a.type());
    }

    @Test
    void gainsKeepTheMeanSquare() {
        double step = 1e-3;
        int n = 16_001;
        Tensor z = Tensor.of(java.util.stream.IntStream.range(0, n).mapToDouble(i -> (i - n / 2) * step).toArray(), n);
        double[] density = z.square().mul(-0.5).exp().mul(step / Math.sqrt(2 * Math.PI)).toDoubles();
        for (Activation a : Activation.values()) {
            double[] y = a.of(z).toDoubles();
            double meanSquare = 0;
            for (int i = 0; i < n; i++) {
                meanSquare += y[i] * y[i] * density[i];
            }
            double expected =
                    switch (a) {
                        case SIGMOID -> 1; // these three are the table's
                        case TANH -> 5.0 / 3;
                        case SELU -> 0.75;
                        default -> 1 / Math.sqrt(meanSquare);
                    };
            assertEquals(expected, a.gain(), 2e-6, a.name());
        }
    }
}
