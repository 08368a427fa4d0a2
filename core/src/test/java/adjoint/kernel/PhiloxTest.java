package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PhiloxTest {
    // Known answers of Random123's kat_vectors for philox4x32-10; bits() gives the first two words of four.
    @Test
    void knownAnswers() {
        assertEquals(words(0x6627e8d5, 0xe169c58d), Philox.bits(0, 0, 0));
        assertEquals(words(0x408f276d, 0x41c83b0e), Philox.bits(-1, -1, -1));
        long index = words(0x243f6a88, 0x85a308d3);
        long stream = words(0x13198a2e, 0x03707344);
        long seed = words(0xa4093822, 0x299f31d0);
        assertEquals(words(0xd16cfe09, 0x94fdcceb), Philox.bits(seed, stream, index));
    }

    @Test
    void uniformIsInRangeAndExactAsFloat() {
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            double x = Philox.uniform(7, 3, i);
            assertTrue(x >= 0 && x < 1);
            assertEquals(x, (float) x);
            sum += x;
        }
        // Five standard deviations of the mean of 100,000: 5 * sqrt(1/12 / 1e5).
        assertEquals(0.5, sum / 100_000, 0.0046);
    }

    @Test
    void normalHasTheRightMoments() {
        int n = 100_000;
        double[] moments = new double[5];
        for (int i = 0; i < n; i++) {
            double x = Philox.normal(7, 3, i);
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(x, k) / n;
            }
        }
        // Five standard deviations each: variances of x, x², x³, x⁴ are 1, 2, 15, 96.
        double five = 5 / Math.sqrt(n);
        assertEquals(0, moments[1], five);
        assertEquals(1, moments[2], five * Math.sqrt(2));
        assertEquals(0, moments[3], five * Math.sqrt(15));
        assertEquals(3, moments[4], five * Math.sqrt(96));
    }

    private static long words(int low, int high) {
        return (low & 0xFFFFFFFFL) | ((long) high << 32);
    }
}
