package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.kernel.ReferenceKernels;
import adjoint.kernel.Step.Distribution;
import adjoint.plan.Engine;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/// Normalization layers against their formulas in plain Java, and fast against reference.
class NormTest {
    private static final RandomKey KEY = RandomKey.of(3);

    private static Tensor x(double mean, double std, int... dims) {
        Tensor t = Tensor.random(Distribution.NORMAL, KEY, DType.FLOAT64, dims).mul(std).add(mean);
        return Tensor.of(t.to(DType.FLOAT32).toFloats(), dims);
    }

    @ParameterizedTest
    @CsvSource({"7, 1", "130, 3", "1000, 16", "4099, 33"})
    void batchNormIsItsFormula(int n, int channels) {
        var layer = new BatchNorm(channels, Init.seeded(1));
        Tensor x = x(1000, 1, n, channels); // far from 0: where squares of x would lose all digits
        var pass = Pass.training(KEY);
        Tensor y = layer.apply(x, pass);
        Evaluator.standard().update(List.of(y), pass.updates());
        double[] in = x.toDoubles();
        double[] out = y.toDoubles();
        double[] runningMean = layer.mean().value().toDoubles();
        double[] runningVariance = layer.variance().value().toDoubles();
        for (int c = 0; c < channels; c++) {
            double mean = 0;
            for (int i = 0; i < n; i++) {
                mean += in[i * channels + c] / n;
            }
            double variance = 0;
            for (int i = 0; i < n; i++) {
                variance += Math.pow(in[i * channels + c] - mean, 2) / n;
            }
            for (int i = 0; i < n; i++) {
                double expected = (in[i * channels + c] - mean) / Math.sqrt(variance + 1e-5);
                assertThat(out[i * channels + c]).isCloseTo(expected, within(3e-4)); // float has 6e-5 at 1000
            }
            assertThat(runningMean[c]).isCloseTo(0.1 * mean, within(1e-4 * mean));
            assertThat(runningVariance[c]).isCloseTo(0.9 + 0.1 * variance * n / (n - 1), within(1e-4));
        }
        Tensor inferred = layer.apply(x, Pass.inference());
        double expected = (in[0] - runningMean[0]) / Math.sqrt(runningVariance[0] + 1e-5);
        assertThat(inferred.toDoubles()[0]).isCloseTo(expected, within(1e-3));
    }

    @Test
    void batchNormInInferenceKeepsSmallDeviationsFromALargeMean() {
        Tensor x = x(1000, 0.01, 500, 4);
        Tensor mean = x.to(DType.FLOAT64).mean(0).to(DType.FLOAT32);
        Tensor variance = x.to(DType.FLOAT64).variance(0).to(DType.FLOAT32);
        var layer = new BatchNorm(4, Init.seeded(1));
        layer.mean().set(mean);
        layer.variance().set(variance);
        Tensor scale = variance.to(DType.FLOAT64).add(Tensor.scalar(DType.FLOAT64, 1e-5)).rsqrt();
        Tensor exact = x.to(DType.FLOAT64).sub(mean.to(DType.FLOAT64)).mul(scale);
        Tensor away = layer.apply(x, Pass.inference()).to(DType.FLOAT64).sub(exact).abs();
        assertThat(away.max().item()).isLessThan(1e-6); // x · scale + shift is off by 0.006
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 7", "5, 64", "17, 1000", "2, 5000"}) // the last is longer than a row that fits
    void layerNormIsItsFormula(int n, int channels) {
        double[] in = x(3, 2, n, channels).toDoubles();
        double[] out =
                new LayerNorm(channels, Init.seeded(1)).apply(x(3, 2, n, channels), Pass.inference()).toDoubles();
        double[] rms = new RmsNorm(channels, Init.seeded(1)).apply(x(3, 2, n, channels), Pass.inference()).toDoubles();
        for (int i = 0; i < n; i++) {
            double mean = 0;
            double square = 0;
            for (int c = 0; c < channels; c++) {
                mean += in[i * channels + c] / channels;
                square += in[i * channels + c] * in[i * channels + c] / channels;
            }
            double variance = 0;
            for (int c = 0; c < channels; c++) {
                variance += Math.pow(in[i * channels + c] - mean, 2) / channels;
            }
            for (int c = 0; c < channels; c++) {
                double v = in[i * channels + c];
                assertThat(out[i * channels + c]).isCloseTo((v - mean) / Math.sqrt(variance + 1e-5), within(2e-5));
                assertThat(rms[i * channels + c]).isCloseTo(v / Math.sqrt(square + 1e-6), within(2e-5));
            }
        }
    }

    @Test
    void groupNormNormalizesEachGroupOfEachExample() {
        Tensor y = new GroupNorm(2, 6, Init.seeded(1)).apply(x(5, 3, 2, 4, 4, 6), Pass.inference());
        Tensor groups = y.reshape(2, 16, 2, 3);
        assertThat(groups.mean(1, 3).abs().max().item()).isLessThan(1e-5);
        assertThat(groups.variance(1, 3).sub(1).abs().max().item()).isLessThan(1e-4);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "5, 3", "33, 17", "64, 128", "7, 2048", "3, 2049"})
    void fusedRowsAgreeWithTheReference(int n, int c) {
        Tensor x = x(0, 2, n, c);
        Tensor cotangent = x(0, 1, n, c).cos();
        List<List<Tensor>> both = List.of(derivatives(x, cotangent), derivatives(x, cotangent));
        new Engine(2).evaluate(both.get(0).toArray(Tensor[]::new));
        new Engine(new ReferenceKernels(), 1).evaluate(both.get(1).toArray(Tensor[]::new));
        for (int i = 0; i < both.get(0).size(); i++) {
            double[] fast = both.get(0).get(i).toDoubles();
            double[] exact = both.get(1).get(i).toDoubles();
            for (int k = 0; k < exact.length; k++) {
                assertThat(fast[k])
                        .as("result %d, element %d", i, k)
                        .isCloseTo(exact[k], within(2e-5 * Math.max(1, Math.abs(exact[k]))));
            }
        }
    }

    private static List<Tensor> derivatives(Tensor x, Tensor cotangent) {
        Tensor norm = x.normalize(1e-5, -1);
        Tensor softmax = x.softmax(-1);
        Tensor logSoftmax = x.logSoftmax(-1);
        return List.of(
                norm,
                Gradients.of(norm.mul(cotangent).sum(), x),
                softmax,
                Gradients.of(softmax.mul(cotangent).sum(), x),
                logSoftmax,
                Gradients.of(logSoftmax.mul(cotangent).sum(), x),
                x.logSumExp(-1));
    }

    @Test
    void aSoftmaxCrossEntropyIsFewSteps() {
        Tensor x = x(0, 1, 64, 10);
        Tensor loss = Loss.crossEntropy(x, Tensor.of(new int[64], 64));
        String plan = new Engine(1).plan(List.of(loss, Gradients.of(loss, x)), List.of()).describe();
        assertThat(plan.lines().filter(l -> l.contains("exp"))).as(plan).hasSize(1); // forward and back in one step
    }

    @Test
    void aBatchNormWithItsActivationAndAnAdditionReadsItsInputTwice() {
        Tensor x = x(0, 1, 64, 6, 6, 8);
        Tensor shortcut = x(1, 1, 64, 6, 6, 8);
        var norm = new BatchNorm(8, Init.seeded(1));
        Tensor y = norm.apply(x, Pass.training(KEY)).add(shortcut).relu();
        String plan = new Engine(1).plan(List.of(y), List.of()).describe();
        // the moments, and all that is done to each element
        assertThat(plan.lines().filter(l -> l.contains("[64, 6, 6, 8]"))).as(plan).hasSize(2);
    }

    @Test
    void parametersThatDoNotFitAreRefused() {
        Parameter four = Parameter.of(Tensor.zeros(4));
        Parameter three = Parameter.of(Tensor.zeros(3));
        assertThatThrownBy(() -> new BatchNorm(four, four, three, four, 0.1, 1e-5))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("got [3] beside [4]");
        assertThatThrownBy(() -> new LayerNorm(four, three, 1e-5)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> new LayerNorm(four, four, 0)).hasMessageContaining("positive epsilon, got 0.0");
        assertThatThrownBy(() -> new RmsNorm(four, Double.NaN)).hasMessageContaining("positive epsilon, got NaN");
        assertThatThrownBy(() -> new GroupNorm(four, four, 2, -1)).hasMessageContaining("positive epsilon, got -1.0");
    }

    @Test
    void refusals() {
        var batchNorm = new BatchNorm(4, Init.seeded(1));
        assertThatThrownBy(() -> batchNorm.apply(Tensor.zeros(2, 3), Pass.inference()))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("needs [.., 4] with channels last, got [2, 3]");
        assertThatThrownBy(() -> batchNorm.apply(Tensor.zeros(1, 4), Pass.training(KEY)))
                .hasMessageContaining("at least two values of each channel");
        assertThatThrownBy(() -> new GroupNorm(3, 4, Init.seeded(1))).hasMessageContaining("divides the 4 channels");
        assertThatThrownBy(() -> new LayerNorm(4, Init.seeded(1)).apply(Tensor.zeros(3), Pass.inference()))
                .hasMessageContaining("last dimension of 4");
    }
}
