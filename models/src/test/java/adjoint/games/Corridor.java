package adjoint.games;

import adjoint.data.Picture;
import adjoint.tensor.Shape;

import java.util.random.RandomGenerator;

/// Six places in a row, to be gone along to the left (0) or right (1), with a small reward at the near end and a large one at the far
/// end: what each action is worth is known.
final class Corridor implements Environment {
    static final int PLACES = 6;
    static final double NEAR = 0.1;

    private int place;

    @Override
    public String name() {
        return "Corridor";
    }

    @Override
    public Shape observation() {
        return Shape.of(PLACES);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(2);
    }

    @Override
    public int limit() {
        return 20;
    }

    @Override
    public void reset(RandomGenerator random) {
        place = random.nextInt(PLACES);
    }

    @Override
    public Outcome step(float... action) {
        place += Required.choice(this, 2, action) == 1 ? 1 : -1;
        boolean far = place == PLACES;
        boolean near = place < 0;
        place = Math.clamp(place, 0, PLACES - 1);
        return new Outcome(far ? 1 : near ? NEAR : 0, far || near);
    }

    @Override
    public void observe(float[] target, int offset) {
        for (int i = 0; i < PLACES; i++) {
            target[offset + i] = i == place ? 1 : 0;
        }
    }

    @Override
    public String text() {
        return ".".repeat(place) + "o" + ".".repeat(PLACES - 1 - place);
    }

    @Override
    public Picture picture() {
        return new Picture(1, 1, 1, new float[1]);
    }

    /// What each action in each place is worth, `[places][2]`, by iterating Bellman's equation.
    static double[][] values(double discount) {
        double[][] values = new double[PLACES][2];
        for (int round = 0; round < 1000; round++) {
            for (int s = 0; s < PLACES; s++) {
                values[s][0] = s == 0 ? NEAR : discount * Math.max(values[s - 1][0], values[s - 1][1]);
                values[s][1] = s == PLACES - 1 ? 1 : discount * Math.max(values[s + 1][0], values[s + 1][1]);
            }
        }
        return values;
    }
}
