package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Random;

class SymmetricEigenTest {
    @Test
    void ofAKnownMatrix() {
        var eigen = SymmetricEigen.of(new double[][] {{2, 1}, {1, 2}});
        assertThat(eigen.values()).containsExactly(new double[] {3, 1}, within(1e-15));
        assertThat(eigen.vectors()[0][0]).isCloseTo(eigen.vectors()[0][1], within(1e-15));
        assertThat(eigen.vectors()[1][0]).isCloseTo(-eigen.vectors()[1][1], within(1e-15));
    }

    @Test
    void ofADiagonalAndOfZeros() {
        var eigen = SymmetricEigen.of(new double[][] {{1, 0, 0}, {0, 5, 0}, {0, 0, -2}});
        assertThat(eigen.values()).containsExactly(5, 1, -2);
        assertThat(eigen.vectors()[0]).containsExactly(0, 1, 0);
        assertThat(SymmetricEigen.of(new double[2][2]).values()).containsExactly(0, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 12, 27, 48})
    void vectorsAreOrthonormalAndMakeTheMatrix(int n) {
        double[][] a = symmetric(n);
        var eigen = SymmetricEigen.of(a);
        double[][] v = eigen.vectors();
        for (int i = 0; i < n; i++) {
            assertThat(i == 0 || eigen.values()[i - 1] >= eigen.values()[i]).isTrue();
            for (int j = 0; j < n; j++) {
                double product = 0;
                double made = 0;
                for (int k = 0; k < n; k++) {
                    product += v[i][k] * v[j][k];
                    made += eigen.values()[k] * v[k][i] * v[k][j];
                }
                assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-13));
                assertThat(made).isCloseTo(a[i][j], within(1e-12 * n));
            }
        }
    }

    private static double[][] symmetric(int n) {
        var random = new Random(n);
        double[][] a = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                a[i][j] = random.nextGaussian();
                a[j][i] = a[i][j];
            }
        }
        return a;
    }
}
