package adjoint.games;

import adjoint.tensor.Shape;

import java.util.random.RandomGenerator;

/// A car in a valley whose motor is too weak for the hill: it must swing up (Moore 1990), in the form known as MountainCar-v0. It
/// pushes to the left (0), not at all (1) or to the right (2); each step is rewarded with -1 until it is on the hill:
///
/// `v' = v + 0.001 (action - 1) - 0.0025 cos 3x`, `x' = x + v'`, with `|v| ≤ 0.07` and a wall at x = -1.2.
///
/// Observation `[2]`: place, -1.2 … 0.6, and speed (a step).
public final class MountainCar extends PhysicalTask {
    private static final double LEFT = -1.2;
    private static final double RIGHT = 0.6;
    private static final double GOAL = 0.5;
    private static final double FASTEST = 0.07;
    private static final double FORCE = 0.001;
    private static final double GRAVITY = 0.0025;

    private double x = -0.5;
    private double speed;

    /// At rest in the valley, until it is reset.
    public MountainCar() {}

    @Override
    public String name() {
        return "MountainCar-v0";
    }

    @Override
    public Shape observation() {
        return Shape.of(2);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(3);
    }

    @Override
    public int limit() {
        return 200;
    }

    @Override
    public void reset(RandomGenerator random) {
        set(random.nextDouble(-0.6, -0.4), 0);
    }

    /// Places the car.
    void set(double x, double speed) {
        this.x = x;
        this.speed = speed;
    }

    @Override
    public Outcome step(float... action) {
        int push = Required.choice(this, 3, action) - 1;
        speed = Math.clamp(speed + FORCE * push - GRAVITY * Math.cos(3 * x), -FASTEST, FASTEST);
        x = Math.clamp(x + speed, LEFT, RIGHT);
        if (x == LEFT) {
            speed = Math.max(speed, 0);
        }
        return new Outcome(-1, x >= GOAL && speed >= 0);
    }

    @Override
    public void observe(float[] target, int offset) {
        target[offset] = (float) x;
        target[offset + 1] = (float) speed;
    }

    @Override
    Canvas drawn(double scale) {
        var canvas = new Canvas(300, 200, scale);
        for (int i = 0; i < 300; i += 3) {
            canvas.line(i, down(i), i + 3, down(i + 3), 2, Canvas.BLACK);
        }
        double flag = across(GOAL);
        canvas.line(flag, down(flag), flag, down(flag) - 34, 2, Canvas.BLACK);
        canvas.line(flag, down(flag) - 30, flag + 9, down(flag) - 27, 7, Canvas.RED);

        double slope = Math.atan2(down(across(x) + 1) - down(across(x) - 1), 2);
        double cos = Math.cos(slope);
        double sin = Math.sin(slope);
        double middle = across(x) + 9 * sin; // the body floats at a right angle to the ground
        double high = down(across(x)) - 9 * cos;
        canvas.line(middle - 11 * cos, high - 11 * sin, middle + 11 * cos, high + 11 * sin, 9, Canvas.BLUE);
        for (int side = -8; side <= 8; side += 16) {
            canvas.disc(middle + side * cos - 4 * sin, high + side * sin + 4 * cos, 4, Canvas.GREY);
        }
        return canvas;
    }

    // Pixels from the left and from above; the hill is as high as sin 3x.
    private static double across(double x) {
        return (x - LEFT) / (RIGHT - LEFT) * 300;
    }

    private static double down(double across) {
        return 110 - 75 * Math.sin(3 * (LEFT + across / 300 * (RIGHT - LEFT)));
    }
}
