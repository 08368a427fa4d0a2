package adjoint.games;

import adjoint.data.Picture;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Shape;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.random.RandomGenerator;

/// A snake on a field of N x N that grows by what it eats, and dies of walls, of itself and of hunger. The actions are the ways of
/// the picture, whatever the snake's own: left (0), down (1), right (2), up (3); back into its neck it cannot turn, and goes on
/// straight.
///
/// The reward is 1 for food and -1 for death, else 0. It starves after N² steps without food: a snake that goes once over every field
/// needs no more. An episode is won, and over, when the snake fills the field.
///
/// Observation `[N, N, 3]`: the head; the body behind it, from 1 beside the head down to 1 / (length - 1) at the tail; the food.
public final class Snake implements Environment {
    private final int size;
    private final Deque<Integer> body = new ArrayDeque<>(); // the fields, by number row by row, from the head on
    private final boolean[] taken;
    private RandomGenerator random = new Chance(0);
    private int way;
    private int food;
    private int hunger;
    private boolean over;

    /// On a field of 10 x 10.
    public Snake() {
        this(10);
    }

    /// In an episode with fixed food, until it is reset.
    ///
    /// @param size how many rows and columns the field has, 4 … 64
    /// @throws AdjointException for other sizes
    public Snake(int size) {
        if (size < 4 || size > 64) {
            throw new AdjointException("a snake's field has 4 to 64 rows and columns, got " + size);
        }
        this.size = size;
        taken = new boolean[size * size];
        reset(new Chance(0));
    }

    @Override
    public String name() {
        return "Snake";
    }

    @Override
    public Shape observation() {
        return Shape.of(size, size, 3);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(4);
    }

    /// N⁴, at which no episode arrives.
    @Override
    public int limit() {
        return taken.length * taken.length;
    }

    /// Three fields long, in the middle, on its way to the right.
    @Override
    public void reset(RandomGenerator random) {
        this.random = random;
        int head = size / 2 * size + size / 2;
        set(2, head, head - 1, head - 2);
        feed();
    }

    /// Places the snake, from the head on. The food stays where it is.
    void set(int way, int... fields) {
        this.way = way;
        hunger = 0;
        over = false;
        body.clear();
        Arrays.fill(taken, false);
        for (int field : fields) {
            body.addLast(field);
            taken[field] = true;
        }
    }

    /// Places the food.
    void feed(int field) {
        food = field;
    }

    // On one of the free fields, each as likely as another.
    private void feed() {
        int skipped = random.nextInt(taken.length - body.size());
        food = 0;
        while (taken[food] || skipped-- > 0) {
            food++;
        }
    }

    /// After the end nothing moves, for a reward of 0.
    @Override
    public Outcome step(float... action) {
        int wanted = Required.choice(this, 4, action);
        if (over) {
            return new Outcome(0, true);
        }
        way = wanted == (way ^ 2) ? way : wanted;
        int next = next(way);
        if (isDeadly(next)) {
            over = true;
            return new Outcome(-1, true);
        }
        boolean eats = next == food;
        if (!eats) {
            taken[body.removeLast()] = false;
        }
        body.addFirst(next);
        taken[next] = true;
        hunger = eats ? 0 : hunger + 1;
        over = body.size() == taken.length || hunger == taken.length;
        if (eats && !over) {
            feed();
        }
        return new Outcome(eats ? 1 : over ? -1 : 0, over);
    }

    private int next(int way) {
        return GridWorld.neighbour(body.getFirst(), way, size, size);
    }

    // The tail makes room while the head arrives.
    private boolean isDeadly(int next) {
        return next < 0 || taken[next] && next != body.getLast();
    }

    /// What a player of few thoughts does: of the steps that do not kill at once, the one from which the way to the food over what is
    /// free now is the shortest.
    public int greedy() {
        int[] distances = distancesToFood();
        int best = way;
        int shortest = Integer.MAX_VALUE;
        for (int choice = 0; choice < 4; choice++) {
            int next = next(choice);
            if (!isDeadly(next) && choice != (way ^ 2) && distances[next] < shortest) {
                best = choice;
                shortest = distances[next];
            }
        }
        return best;
    }

    // By breadth first; taken fields and those that cannot be reached are farther than all others.
    private int[] distancesToFood() {
        int[] distances = new int[taken.length];
        Arrays.fill(distances, taken.length);
        var queue = new ArrayDeque<Integer>();
        distances[food] = 0;
        queue.add(food);
        while (!queue.isEmpty()) {
            int field = queue.remove();
            for (int choice = 0; choice < 4; choice++) {
                int next = GridWorld.neighbour(field, choice, size, size);
                if (next >= 0 && !taken[next] && distances[next] == taken.length) {
                    distances[next] = distances[field] + 1;
                    queue.add(next);
                }
            }
        }
        return distances;
    }

    @Override
    public void observe(float[] target, int offset) {
        Arrays.fill(target, offset, offset + 3 * taken.length, 0);
        float left = body.size();
        for (int field : body) {
            target[offset + 3 * field + 1] = left / (body.size() - 1);
            left--;
        }
        int head = offset + 3 * body.getFirst();
        target[head] = 1;
        target[head + 1] = 0;
        target[offset + 3 * food + 2] = body.size() == taken.length ? 0 : 1;
    }

    /// The head `@`, the body `o`, the food `*`.
    @Override
    public String text() {
        var text = new StringBuilder(String.join("\n", Collections.nCopies(size, ". ".repeat(size - 1) + ".")));
        text.setCharAt(2 * food, '*');
        body.forEach(field -> text.setCharAt(2 * field, 'o'));
        text.setCharAt(2 * body.getFirst(), '@');
        return text.toString();
    }

    @Override
    public Picture picture() {
        var canvas = new Canvas(size * Canvas.CELL, size * Canvas.CELL, 1);
        for (int i = 0; i < taken.length; i++) {
            canvas.cell(i / size, i % size, taken[i] ? Canvas.GREEN : Canvas.ICE);
        }
        int half = Canvas.CELL / 2;
        canvas.disc(food % size * Canvas.CELL + half, food / size * Canvas.CELL + half, 5, Canvas.RED);
        canvas.cell(body.getFirst() / size, body.getFirst() % size, over ? Canvas.BLACK : Canvas.BLUE);
        return canvas.picture();
    }
}
