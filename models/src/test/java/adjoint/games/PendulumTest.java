package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PendulumTest {
    // A uniform rod of 1 kg and 1 m: its centre moves at half of it, and it turns about that with 1/12.
    private static final Lagrangian ROD =
            (q, v) -> 0.5 * (0.25 + 1.0 / 12) * v[0] * v[0] - 10 * 0.5 * Math.cos(q[0]);

    @Test
    void aStepIsOneOfTheSemiImplicitEuler() {
        var random = new Chance(1);
        var pendulum = new Pendulum();
        for (int i = 0; i < 200; i++) {
            double angle = random.nextDouble(-4, 4);
            double speed = random.nextDouble(-6, 6);
            float torque = random.nextFloat(-2, 2);
            double next = speed + 0.05 * ROD.acceleration(new double[] {angle}, new double[] {speed}, torque)[0];
            pendulum.set(angle, speed);
            pendulum.step(torque);
            double arrived = angle + 0.05 * next;
            assertThat(Episodes.observed(pendulum))
                    .containsExactly(
                            new float[] {(float) Math.cos(arrived), (float) Math.sin(arrived), (float) next},
                            within(2e-6f));
        }
    }

    /// What Gymnasium 1.3.0 gives for the torques -2 … 2 in turn.
    @Test
    void aTrajectoryIsGymnasiums() {
        var pendulum = new Pendulum();
        pendulum.set(3, 0.5);
        double sum = 0;
        for (int i = 0; i < 30; i++) {
            sum += pendulum.step(i % 5 - 2).reward();
        }
        double angle = 2.986921093199254;
        assertThat(Episodes.observed(pendulum))
                .containsExactly(
                        new float[] {(float) Math.cos(angle), (float) Math.sin(angle), 0.2055541449227853f},
                        within(1e-6f));
        assertThat(sum).isCloseTo(-278.542052257845, within(1e-9));
    }

    @Test
    void theRewardIsOfTheStateBeforeAndCountsTheAngleTheShortWayRound() {
        var pendulum = new Pendulum();
        pendulum.set(3 * Math.PI / 2, 2); // a quarter to the right
        var outcome = pendulum.step(1);
        assertThat(outcome.reward()).isCloseTo(-(Math.PI * Math.PI / 4 + 0.4 + 0.001), within(1e-12));
        assertThat(outcome.terminal()).isFalse();
        pendulum.set(0, 0);
        assertThat(pendulum.step(0).reward()).isZero();
    }

    @Test
    void torqueAndSpeedAreBounded() {
        var pendulum = new Pendulum();
        pendulum.set(0, 0);
        assertThat(pendulum.step(100).reward()).isCloseTo(-0.004, within(1e-12));
        assertThat(Episodes.observed(pendulum)[2]).isCloseTo(0.3f, within(1e-6f));
        pendulum.set(Math.PI / 2, 7.9);
        pendulum.step(2);
        assertThat(Episodes.observed(pendulum)[2]).isEqualTo(8);
    }
}
