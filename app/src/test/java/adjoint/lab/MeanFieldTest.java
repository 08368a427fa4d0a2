package adjoint.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import adjoint.nn.Activation;

import org.junit.jupiter.api.Test;

/// The theory where it can be worked out by hand.
class MeanFieldTest {
    @Test
    void reluPassesHalfOfWhatTheWeightsMakeOfIt() {
        for (double variance : new double[] {0.5, 1, 2}) {
            MeanField theory = MeanField.of(Activation.RELU, variance);
            assertThat(theory.chi(0.3)).isCloseTo(variance / 2, offset(1e-9)); // He et al. 2015, section 2.2
            assertThat(theory.next(0.3)).isCloseTo(0.3 * variance / 2, offset(1e-9));
        }
    }

    @Test
    void tanhWithVarianceOneEndsAtZeroWhereItIsTheIdentity() {
        MeanField theory = MeanField.of(Activation.TANH, 1);
        double end = theory.fixedPoint();
        assertThat(end).isLessThan(1e-3); // like 1 / (2 layers): slowly
        assertThat(theory.chi(end)).isCloseTo(1, offset(1e-3));
        assertThat(theory.chi(1)).isLessThan(0.6);
    }

    @Test
    void sigmoidHandsBackASixteenthOfTheWeightsVarianceAtMost() {
        MeanField theory = MeanField.of(Activation.SIGMOID, 1);
        assertThat(theory.chi(0)).isCloseTo(1 / 16.0, offset(1e-9));
        assertThat(theory.next(0)).isCloseTo(0.25, offset(1e-9)); // s(0)² of every neuron
        assertThat(theory.chi(theory.fixedPoint())).isBetween(0.05, 1 / 16.0);
    }

    @Test
    void theSlopeOfAGeometricRowIsTheLogarithmOfItsFactor() {
        assertThat(GradientProbe.slope(new double[] {1e-9, 1e-7, 1e-5, 1e-3})).isCloseTo(2, offset(1e-12));
    }
}
