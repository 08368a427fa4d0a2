package adjoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

/// Metrics against values computed by hand.
class MetricTest {
    // Predicted: 0 1 1 2, right: 0 1 2 2.
    private final Tensor logits = Tensor.of(new float[] {3, 1, 0, 0, 2, 1, 0, 2, 1, 0, 1, 2}, 4, 3);
    private final Tensor labels = Tensor.of(new int[] {0, 1, 2, 2}, 4);

    private static double value(Metric metric, Tensor output, Tensor target) {
        Metric.Tally tally = metric.tally();
        int half = output.dim(0) / 2;
        tally.add(output.slice(0, 0, half), target.slice(0, 0, half)); // in two batches
        tally.add(output.slice(0, half, output.dim(0)), target.slice(0, half, output.dim(0)));
        return tally.value();
    }

    @Test
    void classification() {
        assertThat(value(Metric.accuracy(), logits, labels)).isEqualTo(0.75);
        assertThat(value(Metric.topK(1), logits, labels)).isEqualTo(0.75);
        assertThat(value(Metric.topK(2), logits, labels)).isEqualTo(1);
        assertThat(value(Metric.precision(1), logits, labels)).isEqualTo(0.5);
        assertThat(value(Metric.recall(2), logits, labels)).isEqualTo(0.5);
        assertThat(value(Metric.f1(2), logits, labels)).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(value(Metric.precision(), logits, labels)).isCloseTo((1 + 0.5 + 1) / 3, within(1e-12));
        assertThat(value(Metric.recall(), logits, labels)).isCloseTo((1 + 1 + 0.5) / 3, within(1e-12));
        assertThat(value(Metric.f1(), logits, labels)).isCloseTo((1 + 2.0 / 3 + 2.0 / 3) / 3, within(1e-12));
    }

    @Test
    void perplexityOfEqualLogitsIsTheNumberOfClasses() {
        assertThat(value(Metric.perplexity(), Tensor.zeros(4, 3), labels)).isCloseTo(3, within(1e-12));
    }

    @Test
    void twoClassesFromOneLogit() {
        Tensor one = Tensor.of(new float[] {2, -1, 0.5f, -3}, 4, 1);
        Tensor right = Tensor.of(new float[] {1, 0, 0, 0}, 4, 1);
        assertThat(value(Metric.accuracy(), one, right)).isEqualTo(0.75);
    }

    @Test
    void determination() {
        Tensor y = Tensor.of(new float[] {1, 2, 3, 4}, 4, 1);
        Tensor p = Tensor.of(new float[] {1, 2, 3, 2}, 4, 1);
        assertThat(value(Metric.r2(), p, y)).isCloseTo(1 - 4.0 / 5, within(1e-12));
    }

    @Test
    void labelsOutsideTheClassesAreRefused() {
        Tensor wrong = Tensor.of(new int[] {0, 1, 3, 2}, 4);
        assertThatThrownBy(() -> Metric.accuracy().tally().add(logits, wrong))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining(
                        "label 3 of example 2 of the batch is outside 0 to 2: give the network more outputs");
    }

    @Test
    void anOutputThatIsNoNumberIsNoAnswer() {
        Tensor broken = Tensor.full(adjoint.kernel.DType.FLOAT32, Double.NaN, 4, 3);
        for (Metric m : java.util.List.of(Metric.topK(1), Metric.accuracy(), Metric.perplexity())) {
            assertThatThrownBy(() -> m.tally().add(broken, labels))
                    .isInstanceOf(AdjointException.class)
                    .hasMessageContaining("got NaN for example 0");
        }
    }

    @Test
    void anIgnoredLabelDoesNotCount() {
        Tensor padded = Tensor.of(new int[] {0, -100, 2, -100}, 4);
        assertThat(value(Metric.accuracy().ignoring(-100), logits, padded)).isEqualTo(0.5);
        Tensor sequence = logits.reshape(2, 2, 3);
        assertThat(value(Metric.accuracy().ignoring(-100), sequence, padded.reshape(2, 2))).isEqualTo(0.5);
        Tensor one = Tensor.of(new float[] {2, 1, 0.5f, -3}, 4, 1); // two classes from one logit
        assertThat(value(Metric.accuracy().ignoring(-100), one, Tensor.of(new int[] {1, -100, 0, 0}, 4)))
                .isCloseTo(2.0 / 3, within(1e-12));
    }

    @Test
    void perplexityOfWhatIsAllButImpossible() {
        Tensor sure = Tensor.of(new double[] {0, 500, 0, 900}, 2, 2);
        assertThat(value(Metric.perplexity(), sure, Tensor.of(new int[] {0, 0}, 2)))
                .isCloseTo(Math.exp(700), within(Math.exp(700) * 1e-12));
    }

    // As sklearn.metrics.r2_score.
    @Test
    void determinationOfSeveralOutputsIsTheirMean() {
        Tensor y = Tensor.of(new double[] {0, 1000, 1, 1001, 2, 1002, 3, 1003}, 4, 2);
        Tensor means = Tensor.of(new double[] {1.5, 1001.5, 1.5, 1001.5, 1.5, 1001.5, 1.5, 1001.5}, 4, 2);
        assertThat(value(Metric.r2(), means, y)).isCloseTo(0, within(1e-12));
    }

    @Test
    void determinationOfAConstant() {
        Tensor y = Tensor.ones(4, 1);
        assertThat(value(Metric.r2(), y.add(1), y)).isEqualTo(0);
        assertThat(value(Metric.r2(), y, y)).isEqualTo(1);
    }

    @Test
    void determinationNeedsOneShape() {
        for (int[] shape : new int[][] {{2, 1}, {8, 1}, {4}}) {
            assertThatThrownBy(() -> Metric.r2().tally().add(Tensor.zeros(4, 1), Tensor.zeros(shape)))
                    .isInstanceOf(AdjointException.class)
                    .hasMessageContaining("R² needs an output and a target of one shape, got [4, 1]");
        }
    }
}
