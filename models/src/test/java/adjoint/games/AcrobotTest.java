package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AcrobotTest {
    // Two bodies of 1 kg and 1 kg m², their centres half a metre behind their joints; the second turns by both angles.
    private static final Lagrangian LINKS = (q, v) -> kinetic(q, v) - potential(q);

    private static double kinetic(double[] q, double... v) {
        double both = q[0] + q[1];
        double turning = v[0] + v[1];
        double x = Math.cos(q[0]) * v[0] + 0.5 * Math.cos(both) * turning;
        double y = Math.sin(q[0]) * v[0] + 0.5 * Math.sin(both) * turning;
        return 0.5 * (0.25 * v[0] * v[0] + v[0] * v[0] + x * x + y * y + turning * turning);
    }

    private static double potential(double... q) {
        return -9.8 * (0.5 * Math.cos(q[0]) + Math.cos(q[0]) + 0.5 * Math.cos(q[0] + q[1]));
    }

    @Test
    void theEquationsAreThoseOfTheLagrangian() {
        var random = new Chance(1);
        for (int i = 0; i < 200; i++) {
            double[] q = {random.nextDouble(-3, 3), random.nextDouble(-3, 3)};
            double[] v = {random.nextDouble(-5, 5), random.nextDouble(-5, 5)};
            double torque = random.nextDouble(-1, 1);
            double[] a = LINKS.acceleration(q, v, 0, torque);
            assertThat(Acrobot.change(new double[] {q[0], q[1], v[0], v[1]}, torque))
                    .containsExactly(new double[] {v[0], v[1], a[0], a[1]}, within(1e-6));
        }
    }

    /// What Gymnasium 1.3.0 gives: five steps with each torque.
    @Test
    void aTrajectoryIsGymnasiums() {
        var acrobot = new Acrobot();
        acrobot.set(0.1, -0.2, 0.3, -0.4);
        for (int i = 0; i < 15; i++) {
            assertThat(acrobot.step(i / 5)).isEqualTo(new Environment.Outcome(-1, false));
        }
        double t1 = 0.04798075906918638;
        double t2 = 0.29771259973124486;
        assertThat(Episodes.observed(acrobot))
                .containsExactly(
                        new float[] {
                            (float) Math.cos(t1),
                            (float) Math.sin(t1),
                            (float) Math.cos(t2),
                            (float) Math.sin(t2),
                            0.01620234717983665f,
                            0.33047262210427586f
                        },
                        within(1e-6f));
    }

    /// But for (w h)^6 / 72 = 4.4e-4 a step, which Runge & Kutta's method takes from a swing of w = 2.8 rad/s; there is 1.2 J.
    @Test
    void withoutTorqueItKeepsItsEnergy() {
        var acrobot = new Acrobot();
        acrobot.set(0.4, -0.3, 0, 0);
        double before = potential(0.4, -0.3);
        for (int i = 0; i < 100; i++) {
            acrobot.step(1);
        }
        float[] o = Episodes.observed(acrobot);
        double[] q = {Math.atan2(o[1], o[0]), Math.atan2(o[3], o[2])};
        double after = kinetic(q, o[4], o[5]) + potential(q);
        assertThat(after).isBetween(before - 100 * 4.4e-4 * 1.2, before);
    }

    @Test
    void theLastStepCostsNothing() {
        var acrobot = new Acrobot();
        // Upright both is unstable and at height 2; bent by a right angle, at height 1, it falls.
        acrobot.set(Math.PI, 0, 0, 0);
        assertThat(acrobot.step(1)).isEqualTo(new Environment.Outcome(0, true));
        acrobot.set(Math.PI, Math.PI / 2, 0, 0);
        assertThat(acrobot.step(1)).isEqualTo(new Environment.Outcome(-1, false));
    }

    @Test
    void pushingWithTheLowerLinksSwingGetsItUp() {
        var acrobot = new Acrobot();
        var random = new Chance(3);
        assertThat(Episodes.meanReturn(acrobot, () -> random.nextInt(3), 30)).isLessThan(-450);
        double swinging = Episodes.meanReturn(acrobot, () -> Episodes.observed(acrobot)[4] < 0 ? 2 : 0, 30);
        assertThat(swinging).isBetween(-150.0, -60.0);
    }
}
