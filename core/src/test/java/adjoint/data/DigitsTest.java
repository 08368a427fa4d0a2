package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

class DigitsTest {
    @Test
    void givesTwoSetsOfTheShapeOfMnist() {
        ArrayDataset train = Digits.train(42);
        ArrayDataset test = Digits.test(42);
        assertThat(train.size()).isEqualTo(10_000);
        assertThat(test.size()).isEqualTo(2_000);
        assertThat(train.exampleShape()).containsExactly(28, 28, 1);
        assertThat(train.classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        int[] counts = new int[10];
        for (int i = 0; i < test.size(); i++) {
            counts[test.label(i)]++;
            assertThat(test.example(i)).isNotEqualTo(train.example(i));
        }
        assertThat(Arrays.stream(counts).min().orElse(0)).isGreaterThan(140);
    }

    @Test
    void anExampleDependsOnSeedAndIndexAlone() {
        ArrayDataset train = Digits.train(7);
        for (int i : new int[] {9_999, 3, 0}) {
            byte[] drawn = Digits.draw(7, i, train.label(i));
            float[] example = train.example(i);
            for (int p = 0; p < drawn.length; p++) {
                assertThat(example[p]).isEqualTo((drawn[p] & 255) / 255f);
            }
        }
        assertThat(Digits.draw(7, 0, 3)).isEqualTo(Digits.draw(7, 0, 3)).isNotEqualTo(Digits.draw(8, 0, 3));
        assertThat(Digits.draw(7, 0, 3)).isNotEqualTo(Digits.draw(7, 1, 3)).isNotEqualTo(Digits.draw(7, 0, 4));
    }

    @Test
    void inkIsBrightInTheMiddleOnDark() {
        for (int i = 0; i < 500; i++) {
            byte[] picture = Digits.draw(1, i, i % 10);
            int brightest = 0;
            double mass = 0;
            double x = 0;
            for (int p = 0; p < picture.length; p++) {
                int value = picture[p] & 255;
                brightest = Math.max(brightest, value);
                mass += value;
                x += value * (p % 28 + 0.5);
            }
            assertThat(brightest).isGreaterThan(100);
            assertThat(mass / 255 / 784).isBetween(0.02, 0.35);
            assertThat(x / mass).isBetween(9.0, 19.0);
        }
    }

    @Test
    void theMeanPictureOfItsClassIsMostlyTheNearest() {
        ArrayDataset train = Digits.train(3);
        double[][] means = new double[10][784];
        int[] counts = new int[10];
        for (int i = 0; i < 4_000; i++) {
            counts[train.label(i)]++;
            float[] example = train.example(i);
            for (int p = 0; p < 784; p++) {
                means[train.label(i)][p] += example[p];
            }
        }
        int right = 0;
        for (int i = 4_000; i < 5_000; i++) {
            float[] example = train.example(i);
            int nearest = 0;
            double least = Double.MAX_VALUE;
            for (int digit = 0; digit < 10; digit++) {
                double distance = 0;
                for (int p = 0; p < 784; p++) {
                    double difference = example[p] - means[digit][p] / counts[digit];
                    distance += difference * difference;
                }
                if (distance < least) {
                    least = distance;
                    nearest = digit;
                }
            }
            right += nearest == train.label(i) ? 1 : 0;
        }
        assertThat(right).isBetween(550, 950); // they can be told apart, but not that simply
    }

    @Test
    void refusesWhatIsNoDigit() {
        assertThatThrownBy(() -> Digits.draw(1, 0, 10))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("0 to 9, got 10");
    }
}
