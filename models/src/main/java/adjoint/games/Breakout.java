package adjoint.games;

import adjoint.data.Picture;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Shape;

import java.util.Arrays;
import java.util.Collections;
import java.util.random.RandomGenerator;

/// A ball, a paddle and a wall of three rows of bricks, as small as MinAtar has it (Young & Tian 2019): the ball flies along diagonals,
/// each brick it breaks is rewarded with 1, a wall that is gone is built again, and the episode ends when the paddle misses the ball.
///
/// The actions are those of MinAtar's six that do something, in its order: none (0), left (1), right (2). The paddle throws the ball
/// back straight if it is beneath it, and where it came from if the ball comes in at the paddle's side.
///
/// Observation `[10, 10, 4]`: paddle, ball, where the ball was before, bricks.
public final class Breakout implements Environment {
    private static final int SIZE = 10;
    private static final int BOTTOM = SIZE - 1;

    private final double sticky;
    private final boolean[] bricks = new boolean[SIZE * SIZE];
    private RandomGenerator random = new Chance(0);
    private int paddle;
    private int x;
    private int y;
    private int right; // where the ball flies: 1 or -1
    private int down;
    private int lastX;
    private int lastY;
    private int lastAction;
    private boolean struck; // a brick was broken by the step before: two in a row are not
    private boolean over;

    /// What is done is what is wanted.
    public Breakout() {
        this(0);
    }

    /// With sticky actions (Machado et al. 2018), which keep players from learning a sequence by heart. MinAtar has 0.1.
    ///
    /// @param sticky the probability, 0 … 1, that the last action is done again instead of the one that is wanted
    /// @throws AdjointException if it is no probability
    public Breakout(double sticky) {
        if (!(sticky >= 0 && sticky <= 1)) {
            throw new AdjointException("the probability of a sticky action lies between 0 and 1, got " + sticky);
        }
        this.sticky = sticky;
        reset(random);
    }

    @Override
    public String name() {
        return "MinAtar/Breakout-v1";
    }

    @Override
    public Shape observation() {
        return Shape.of(SIZE, SIZE, 4);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(3);
    }

    /// MinAtar has none; 1000 is that of gymnax (Lange 2022).
    @Override
    public int limit() {
        return 1000;
    }

    /// The ball comes down from the left or from the right.
    @Override
    public void reset(RandomGenerator random) {
        this.random = random;
        boolean left = random.nextBoolean();
        set(left ? 0 : BOTTOM, 3, left ? 1 : -1, 1);
        paddle = 4;
        build();
    }

    /// Places the ball.
    void set(int x, int y, int right, int down) {
        this.x = x;
        this.y = y;
        this.right = right;
        this.down = down;
        lastX = x;
        lastY = y;
        lastAction = 0;
        struck = false;
        over = false;
    }

    private void build() {
        Arrays.fill(bricks, false);
        Arrays.fill(bricks, SIZE, 4 * SIZE, true);
    }

    /// After the end nothing moves, for a reward of 0.
    @Override
    public Outcome step(float... action) {
        int wanted = Required.choice(this, 3, action);
        if (over) {
            return new Outcome(0, true);
        }
        if (sticky == 0 || random.nextDouble() >= sticky) {
            lastAction = wanted;
        }
        if (lastAction != 0) {
            paddle = Math.clamp(paddle + 2 * lastAction - 3, 0, BOTTOM);
        }
        return new Outcome(fly() ? 1 : 0, over);
    }

    // Moves the ball; whether a brick broke.
    private boolean fly() {
        lastX = x;
        lastY = y;
        if (x + right < 0 || x + right > BOTTOM) {
            right = -right; // at the wall it goes up or down for a step
        } else {
            x += right;
        }
        int next = y + down;
        boolean strikes = next >= 0 && bricks[next * SIZE + x];
        boolean breaks = strikes && !struck;
        struck = strikes;
        if (breaks) {
            bricks[next * SIZE + x] = false;
            down = -down;
        } else if (next < 0) {
            y = 0;
            down = 1;
        } else if (next == BOTTOM) {
            arrive();
        } else {
            y = next;
        }
        return breaks;
    }

    private void arrive() {
        if (wallIsGone()) {
            build();
        }
        if (lastX == paddle) {
            down = -1;
        } else if (x == paddle) {
            down = -1;
            right = -right;
        } else {
            y = BOTTOM;
            over = true;
        }
    }

    private boolean wallIsGone() {
        for (boolean brick : bricks) {
            if (brick) {
                return false;
            }
        }
        return true;
    }

    /// What a player does who sees no further than the ball: moves towards the column in which it is.
    public int greedy() {
        return towards(x);
    }

    /// What a player does who knows the rules and computes the ball's flight by them: moves under where it comes down, so that it is
    /// thrown back straight. It never misses, unless actions are sticky.
    public int foresighted() {
        var ahead = new Breakout();
        ahead.set(x, y, right, down);
        System.arraycopy(bricks, 0, ahead.bricks, 0, bricks.length);
        ahead.struck = struck;
        ahead.paddle = -1; // nowhere, so that the ball falls
        while (!ahead.over) {
            ahead.fly();
        }
        return towards(ahead.lastX);
    }

    private int towards(int column) {
        return column < paddle ? 1 : column > paddle ? 2 : 0;
    }

    @Override
    public void observe(float[] target, int offset) {
        for (int i = 0; i < bricks.length; i++) {
            target[offset + 4 * i] = i == BOTTOM * SIZE + paddle ? 1 : 0;
            target[offset + 4 * i + 1] = i == y * SIZE + x ? 1 : 0;
            target[offset + 4 * i + 2] = i == lastY * SIZE + lastX ? 1 : 0;
            target[offset + 4 * i + 3] = bricks[i] ? 1 : 0;
        }
    }

    /// The bricks `#`, the ball `o`, the paddle `=`.
    @Override
    public String text() {
        var text = new StringBuilder(String.join("\n", Collections.nCopies(SIZE, ". ".repeat(SIZE - 1) + ".")));
        for (int i = 0; i < bricks.length; i++) {
            text.setCharAt(2 * i, bricks[i] ? '#' : '.');
        }
        text.setCharAt(2 * (BOTTOM * SIZE + paddle), '=');
        text.setCharAt(2 * (y * SIZE + x), 'o');
        return text.toString();
    }

    @Override
    public Picture picture() {
        var canvas = new Canvas(SIZE * Canvas.CELL, SIZE * Canvas.CELL, 1);
        for (int i = 0; i < bricks.length; i++) {
            canvas.cell(i / SIZE, i % SIZE, bricks[i] ? Canvas.RED : Canvas.ICE);
        }
        canvas.cell(lastY, lastX, Canvas.GREY);
        canvas.cell(BOTTOM, paddle, Canvas.BLUE);
        int half = Canvas.CELL / 2;
        canvas.disc(x * Canvas.CELL + half, y * Canvas.CELL + half, 6, Canvas.YELLOW);
        return canvas.picture();
    }
}
