package adjoint.games;

import adjoint.tensor.Shape;

import java.util.random.RandomGenerator;

/// A pole on a cart, to be balanced by pushing the cart to the left (0) or right (1) (Barto, Sutton & Anderson 1983), in the form
/// known as CartPole-v1: each step is rewarded with 1 until the pole leans by more than 12 degrees or the cart is off its track.
///
/// Observation `[4]`: the cart's place (m) and speed (m/s), the pole's angle (rad, to the right) and its speed (rad/s).
public final class CartPole extends PhysicalTask {
    private static final double GRAVITY = 9.8;
    private static final double CART = 1.0; // kg
    private static final double POLE = 0.1; // kg
    private static final double HALF = 0.5; // m: half of the pole's length
    private static final double FORCE = 10; // N
    private static final double TAU = 0.02; // s
    private static final double TRACK = 2.4; // m
    private static final double LEANING = 12 * 2 * Math.PI / 360;

    private double x;
    private double speed;
    private double angle;
    private double turning;

    /// At rest, until it is reset.
    public CartPole() {}

    @Override
    public String name() {
        return "CartPole-v1";
    }

    @Override
    public Shape observation() {
        return Shape.of(4);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(2);
    }

    @Override
    public int limit() {
        return 500;
    }

    @Override
    public void reset(RandomGenerator random) {
        x = random.nextDouble(-0.05, 0.05);
        speed = random.nextDouble(-0.05, 0.05);
        angle = random.nextDouble(-0.05, 0.05);
        turning = random.nextDouble(-0.05, 0.05);
    }

    /// Places everything.
    void set(double x, double speed, double angle, double turning) {
        this.x = x;
        this.speed = speed;
        this.angle = angle;
        this.turning = turning;
    }

    @Override
    public Outcome step(float... action) {
        double force = Required.choice(this, 2, action) == 1 ? FORCE : -FORCE;
        double mass = CART + POLE;
        double sin = Math.sin(angle);
        double cos = Math.cos(angle);
        // Barto et al. 1983, appendix, without friction.
        double push = (force + POLE * HALF * turning * turning * sin) / mass;
        double turned = (GRAVITY * sin - cos * push) / (HALF * (4.0 / 3 - POLE * cos * cos / mass));
        double moved = push - POLE * HALF * turned * cos / mass;
        x += TAU * speed;
        speed += TAU * moved;
        angle += TAU * turning;
        turning += TAU * turned;
        return new Outcome(1, Math.abs(x) > TRACK || Math.abs(angle) > LEANING);
    }

    @Override
    public void observe(float[] target, int offset) {
        target[offset] = (float) x;
        target[offset + 1] = (float) speed;
        target[offset + 2] = (float) angle;
        target[offset + 3] = (float) turning;
    }

    @Override
    Canvas drawn(double scale) {
        var canvas = new Canvas(300, 200, scale);
        double metre = 300 / (2 * TRACK);
        double at = 150 + metre * x;
        canvas.line(0, 160, 300, 160, 1.5, Canvas.GREY);
        canvas.rectangle(at - 22, 148, at + 22, 172, Canvas.BLUE);
        double length = 2 * HALF * metre;
        canvas.line(at, 148, at + length * Math.sin(angle), 148 - length * Math.cos(angle), 7, Canvas.YELLOW);
        canvas.disc(at, 148, 3, Canvas.RED);
        return canvas;
    }
}
