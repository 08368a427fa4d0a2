package adjoint.games;

import adjoint.tensor.Shape;

import java.util.random.RandomGenerator;

/// Two links that hang from a bar like an acrobat: the motor between them pushes with a torque of -1 (0), 0 (1) or 1 (2) N m until
/// the lower end has swung up by a link above the bar (Sutton 1996), in the form known as Acrobot-v1. Each step is rewarded with
/// -1, the last with 0.
///
/// The equations are those of Sutton & Barto's book (Reinforcement Learning, 2nd edition, section 11.3), the angles t1, of the upper
/// link from hanging, and t2, of the lower one from the upper, go counterclockwise. It ends when `-cos t1 - cos(t1 + t2) > 1`.
///
/// Observation `[6]`: cos t1, sin t1, cos t2, sin t2, and the angles' speeds (rad/s).
public final class Acrobot extends PhysicalTask {
    private static final double GRAVITY = 9.8;
    private static final double MASS = 1; // kg, of each link
    private static final double LENGTH = 1; // m, of the upper link
    private static final double CENTRE = 0.5; // m, from a link's joint to its centre of mass
    private static final double INERTIA = 1; // kg m², of each link about its centre
    private static final double STEP = 0.2; // s
    private static final double FASTEST_1 = 4 * Math.PI;
    private static final double FASTEST_2 = 9 * Math.PI;

    private double[] state = new double[4]; // t1, t2 and their speeds

    /// Hanging at rest, until it is reset.
    public Acrobot() {}

    @Override
    public String name() {
        return "Acrobot-v1";
    }

    @Override
    public Shape observation() {
        return Shape.of(6);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(3);
    }

    @Override
    public int limit() {
        return 500;
    }

    @Override
    public void reset(RandomGenerator random) {
        for (int i = 0; i < 4; i++) {
            state[i] = random.nextDouble(-0.1, 0.1);
        }
    }

    /// Places both links.
    void set(double t1, double t2, double speed1, double speed2) {
        state = new double[] {t1, t2, speed1, speed2};
    }

    @Override
    public Outcome step(float... action) {
        int torque = Required.choice(this, 3, action) - 1;
        // Runge & Kutta's method of fourth order.
        double[] k1 = change(state, torque);
        double[] k2 = change(plus(state, STEP / 2, k1), torque);
        double[] k3 = change(plus(state, STEP / 2, k2), torque);
        double[] k4 = change(plus(state, STEP, k3), torque);
        for (int i = 0; i < 4; i++) {
            state[i] += STEP / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
        }
        state[0] = Math.IEEEremainder(state[0], 2 * Math.PI);
        state[1] = Math.IEEEremainder(state[1], 2 * Math.PI);
        state[2] = Math.clamp(state[2], -FASTEST_1, FASTEST_1);
        state[3] = Math.clamp(state[3], -FASTEST_2, FASTEST_2);
        boolean up = -Math.cos(state[0]) - Math.cos(state[0] + state[1]) > 1;
        return new Outcome(up ? 0 : -1, up);
    }

    /// The speeds and accelerations of both angles.
    static double[] change(double[] state, double torque) {
        double bend = Math.cos(state[1]);
        double twist = MASS * LENGTH * CENTRE * Math.sin(state[1]);
        double own = MASS * CENTRE * CENTRE + INERTIA;
        double d1 = own + MASS * (LENGTH * LENGTH + CENTRE * CENTRE + 2 * LENGTH * CENTRE * bend) + INERTIA;
        double d2 = own + MASS * LENGTH * CENTRE * bend;
        double phi2 = MASS * CENTRE * GRAVITY * Math.sin(state[0] + state[1]);
        double phi1 =
                -twist * state[3] * (state[3] + 2 * state[2])
                        + MASS * (CENTRE + LENGTH) * GRAVITY * Math.sin(state[0])
                        + phi2;
        double turned2 =
                (torque + d2 / d1 * phi1 - twist * state[2] * state[2] - phi2) / (own - d2 * d2 / d1);
        double turned1 = -(d2 * turned2 + phi1) / d1;
        return new double[] {state[2], state[3], turned1, turned2};
    }

    private static double[] plus(double[] state, double step, double... change) {
        double[] sum = new double[state.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = state[i] + step * change[i];
        }
        return sum;
    }

    @Override
    public void observe(float[] target, int offset) {
        target[offset] = (float) Math.cos(state[0]);
        target[offset + 1] = (float) Math.sin(state[0]);
        target[offset + 2] = (float) Math.cos(state[1]);
        target[offset + 3] = (float) Math.sin(state[1]);
        target[offset + 4] = (float) state[2];
        target[offset + 5] = (float) state[3];
    }

    @Override
    Canvas drawn(double scale) {
        var canvas = new Canvas(200, 200, scale);
        int link = 45; // pixels
        double elbowX = 100 + link * Math.sin(state[0]);
        double elbowY = 100 + link * Math.cos(state[0]);
        double endX = elbowX + link * Math.sin(state[0] + state[1]);
        double endY = elbowY + link * Math.cos(state[0] + state[1]);
        canvas.line(0, 100 - link, 200, 100 - link, 1.5, Canvas.GREY); // where the end is to go
        canvas.line(100, 100, elbowX, elbowY, 9, Canvas.BLUE);
        canvas.line(elbowX, elbowY, endX, endY, 9, Canvas.GREEN);
        canvas.disc(100, 100, 3, Canvas.YELLOW);
        canvas.disc(elbowX, elbowY, 3, Canvas.YELLOW);
        return canvas;
    }
}
