package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CartPoleTest {
    // A uniform rod of length 1 m, hinged on the cart: its centre moves, and it turns about it with m l² / 12.
    private static final Lagrangian ROD_ON_CART =
            (q, v) -> {
                double right = v[0] + 0.5 * Math.cos(q[1]) * v[1];
                double up = -0.5 * Math.sin(q[1]) * v[1];
                return 0.5 * 1.0 * v[0] * v[0]
                        + 0.5 * 0.1 * (right * right + up * up)
                        + 0.5 * (0.1 / 12) * v[1] * v[1]
                        - 0.1 * 9.8 * 0.5 * Math.cos(q[1]);
            };

    @Test
    void aStepIsOneOfEulerOnTheLagrangian() {
        var random = new Chance(1);
        var pole = new CartPole();
        for (int i = 0; i < 200; i++) {
            double[] q = {random.nextDouble(-2, 2), random.nextDouble(-1.5, 1.5)};
            double[] v = {random.nextDouble(-3, 3), random.nextDouble(-3, 3)};
            int action = random.nextInt(2);
            double[] a = ROD_ON_CART.acceleration(q, v, action == 1 ? 10 : -10, 0);
            pole.set(q[0], v[0], q[1], v[1]);
            pole.step(action);
            assertThat(Episodes.observed(pole))
                    .containsExactly(
                            new float[] {
                                (float) (q[0] + 0.02 * v[0]),
                                (float) (v[0] + 0.02 * a[0]),
                                (float) (q[1] + 0.02 * v[1]),
                                (float) (v[1] + 0.02 * a[1])
                            },
                            within(1e-6f));
        }
    }

    /// What Gymnasium 1.3.0 gives from this state, for two pushes to the right after each to the left.
    @Test
    void aTrajectoryIsGymnasiums() {
        var pole = new CartPole();
        pole.set(0.01, -0.02, 0.03, 0.04);
        for (int i = 0; i < 12; i++) {
            assertThat(pole.step(i % 3 == 0 ? 0 : 1)).isEqualTo(new Environment.Outcome(1, false));
        }
        assertThat(Episodes.observed(pole))
                .containsExactly(0.0592404272226651f, 0.7565792838429994f, -0.029273508181874314f, -1.044732656343109f);
    }

    @Test
    void itEndsBeyondTheTrackAndBeyondTwelveDegrees() {
        assertThat(ends(2.4, 0)).isFalse();
        assertThat(ends(Math.nextUp(2.4), 0)).isTrue();
        assertThat(ends(Math.nextDown(-2.4), 0)).isTrue();
        double twelve = 12 * 2 * Math.PI / 360;
        assertThat(ends(0, twelve)).isFalse();
        assertThat(ends(0, Math.nextUp(twelve))).isTrue();
        assertThat(ends(0, -Math.nextUp(twelve))).isTrue();
    }

    // From rest, the place does not change in the first step of Euler's method.
    private static boolean ends(double x, double angle) {
        var pole = new CartPole();
        pole.set(x, 0, angle, 0);
        return pole.step(1).terminal();
    }

    /// 22 to 23 in the literature; a return's standard deviation is 12, the mean's of 1000 0.4: four of them to either side.
    @Test
    void randomPushesKeepItUpForSome22Steps() {
        var random = new Chance(2);
        assertThat(Episodes.meanReturn(new CartPole(), () -> random.nextInt(2), 1000)).isBetween(20.7, 23.9);
    }
}
