package adjoint.games;

import adjoint.tensor.Shape;

import java.util.random.RandomGenerator;

/// A rod on a motor that is too weak to lift it at once, to be swung up and held (Pendulum-v1): the action is the torque, -2 … 2 N m.
///
/// With the angle t from upright, counterclockwise, and the rod's mass 1 kg and length 1 m, of which its moment of inertia about its
/// end is 1/3: `w' = w + (15 sin t + 3 torque) 0.05`, at most 8 rad/s, `t' = t + 0.05 w'`. The reward is
/// `-(t² + 0.1 w² + 0.001 torque²)`, of the state before the step and t within -π … π. Nothing ends an episode but its limit.
///
/// Observation `[3]`: cos t, sin t, and w (rad/s).
public final class Pendulum extends PhysicalTask {
    private static final double GRAVITY = 10;
    private static final double MASS = 1; // kg
    private static final double LENGTH = 1; // m
    private static final double TAU = 0.05; // s
    private static final double FASTEST = 8; // rad/s
    private static final Actions.Continuous TORQUE = new Actions.Continuous(1, -2, 2); // N m

    private double angle = Math.PI;
    private double speed;

    /// Hanging at rest, until it is reset.
    public Pendulum() {}

    @Override
    public String name() {
        return "Pendulum-v1";
    }

    @Override
    public Shape observation() {
        return Shape.of(3);
    }

    @Override
    public Actions actions() {
        return TORQUE;
    }

    @Override
    public int limit() {
        return 200;
    }

    @Override
    public void reset(RandomGenerator random) {
        set(random.nextDouble(-Math.PI, Math.PI), random.nextDouble(-1, 1));
    }

    /// Places the rod.
    void set(double angle, double speed) {
        this.angle = angle;
        this.speed = speed;
    }

    @Override
    public Outcome step(float... action) {
        double torque = Required.numbers(this, TORQUE, action)[0];
        double leaning = Math.IEEEremainder(angle, 2 * Math.PI);
        double cost = leaning * leaning + 0.1 * speed * speed + 0.001 * torque * torque;
        double turned =
                3 * GRAVITY / (2 * LENGTH) * Math.sin(angle) + 3 / (MASS * LENGTH * LENGTH) * torque;
        speed = Math.clamp(speed + TAU * turned, -FASTEST, FASTEST);
        angle += TAU * speed;
        return new Outcome(-cost, false);
    }

    @Override
    public void observe(float[] target, int offset) {
        target[offset] = (float) Math.cos(angle);
        target[offset + 1] = (float) Math.sin(angle);
        target[offset + 2] = (float) speed;
    }

    @Override
    Canvas drawn(double scale) {
        var canvas = new Canvas(200, 200, scale);
        canvas.line(100, 100, 100 - 80 * Math.sin(angle), 100 - 80 * Math.cos(angle), 14, Canvas.RED);
        canvas.disc(100, 100, 4, Canvas.BLACK);
        return canvas;
    }
}
