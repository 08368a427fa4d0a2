package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.kernel.DType;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

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
        assertArrayEquals(new double[] {0, 0}, make(Init.zeros(), 2));
        LayerTest.refused("identity weights are matrices, got [2]", () -> make(Init.identity(), 2));
    }

    private static double[] make(Init.Scheme scheme, int... dims) {
        return Init.seeded(1).make(scheme, 1, 1, dims).toDoubles();
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
