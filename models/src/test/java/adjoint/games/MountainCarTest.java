package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MountainCarTest {
    // The hill's potential for a car of mass 1, a step being the unit of time.
    private static final Lagrangian HILL = (q, v) -> 0.5 * v[0] * v[0] - 0.0025 / 3 * Math.sin(3 * q[0]);

    @Test
    void aStepMovesByTheForceOfTheHill() {
        var random = new Chance(1);
        var car = new MountainCar();
        for (int i = 0; i < 200; i++) {
            double x = random.nextDouble(-1, 0.4);
            double speed = random.nextDouble(-0.06, 0.06);
            int action = random.nextInt(3);
            double next = speed + HILL.acceleration(new double[] {x}, new double[] {speed}, 0.001 * (action - 1))[0];
            car.set(x, speed);
            assertThat(car.step(action)).isEqualTo(new Environment.Outcome(-1, false));
            assertThat(Episodes.observed(car))
                    .containsExactly(new float[] {(float) (x + next), (float) next}, within(1e-6f));
        }
    }

    /// What Gymnasium 1.3.0 gives: 20 steps to the left, 20 without a push, 20 to the right.
    @Test
    void aTrajectoryIsGymnasiums() {
        var car = new MountainCar();
        car.set(-0.5, 0);
        for (int i = 0; i < 60; i++) {
            car.step(i / 20);
        }
        assertThat(Episodes.observed(car)).containsExactly(-0.163198904988271f, 0.022869062767406422f);
    }

    @Test
    void theMotorIsTooWeakButPushingWithTheSwingArrives() {
        var car = new MountainCar();
        assertThat(Episodes.meanReturn(car, () -> 2, 10)).isEqualTo(-200);
        double swinging = Episodes.meanReturn(car, () -> Episodes.observed(car)[1] < 0 ? 0 : 2, 100);
        assertThat(swinging).isBetween(-130.0, -100.0);
    }

    @Test
    void itEndsAtTheGoalAndTheWallStopsIt() {
        var car = new MountainCar();
        car.set(0.49, 0.02);
        assertThat(car.step(2).terminal()).isTrue();
        car.set(0.47, 0.02);
        assertThat(car.step(2).terminal()).isFalse();
        car.set(0.58, 0.07);
        car.step(2);
        assertThat(Episodes.observed(car)).containsExactly(0.6f, 0.07f);
        car.set(-1.19, -0.05);
        car.step(0);
        assertThat(Episodes.observed(car)).containsExactly(-1.2f, 0);
    }
}
