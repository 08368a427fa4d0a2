package adjoint.games;

import adjoint.data.Picture;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Shape;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// A walk over a map of letters: from S over the ice F to the goal G, which is rewarded with 1 and ends it, as the holes H do without
/// a reward. The actions are left (0), down (1), right (2) and up (3); at the border one stays where one is.
///
/// On slippery ground one goes, with a probability of 1/3 each, as one wants to or to either side of that.
///
/// ```java
/// var lake = GridWorld.frozenLake(true);
/// var corridor = new GridWorld("corridor", List.of("SFFFG"), false, 20);
/// ```
/// Observation `[rows * columns]`: 1 where one is, row by row, else 0.
public final class GridWorld implements Environment {
    private static final char START = 'S';
    private static final char GOAL = 'G';
    private static final char HOLE = 'H';
    private static final int[] DOWN = {0, 1, 0, -1};
    private static final int[] RIGHT = {-1, 0, 1, 0};

    private final String name;
    private final List<String> map;
    private final boolean slippery;
    private final int limit;
    private final int columns;
    private final int[] starts;
    private RandomGenerator random = new Chance(0);
    private int place;

    /// At the first start, until it is reset; of several, each episode begins at one by chance.
    ///
    /// @param name what to call it
    /// @param map lines of equal length, of the letters S, F, H and G
    /// @param slippery whether one slips
    /// @param limit after how many steps an episode is cut off
    /// @throws AdjointException if the map has other letters, lines of different lengths, no start or no goal, or if the limit is below 1
    public GridWorld(String name, List<String> map, boolean slippery, int limit) {
        String letters = String.join("", map);
        if (!letters.matches("[SFHG]+") || map.stream().anyMatch(line -> line.length() != map.getFirst().length())) {
            throw new AdjointException(
                    "a map consists of lines of equal length of the letters S (start), F (free), H (hole) and G (goal), got "
                            + map);
        }
        if (letters.indexOf(START) < 0 || letters.indexOf(GOAL) < 0) {
            throw new AdjointException("a map needs a start S and a goal G, got " + map);
        }
        if (limit < 1) {
            throw new AdjointException("an episode has 1 step or more, got a limit of " + limit);
        }
        this.name = name;
        this.map = List.copyOf(map);
        this.slippery = slippery;
        this.limit = limit;
        columns = map.getFirst().length();
        starts = IntStream.range(0, letters.length()).filter(i -> letters.charAt(i) == START).toArray();
        place = starts[0];
    }

    /// FrozenLake-v1 (Gymnasium): 4 x 4, at most 100 steps. The best that can be reached on slippery ground is 0.74 on average.
    public static GridWorld frozenLake(boolean slippery) {
        return new GridWorld("FrozenLake-v1", List.of("SFFF", "FHFH", "FFFH", "HFFG"), slippery, 100);
    }

    /// FrozenLake8x8-v1 (Gymnasium): 8 x 8, at most 200 steps.
    public static GridWorld largeFrozenLake(boolean slippery) {
        List<String> map =
                List.of(
                        "SFFFFFFF",
                        "FFFFFFFF",
                        "FFFHFFFF",
                        "FFFFFHFF",
                        "FFFHFFFF",
                        "FHHFFFHF",
                        "FHFFHFHF",
                        "FFFHFFFG");
        return new GridWorld("FrozenLake8x8-v1", map, slippery, 200);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Shape observation() {
        return Shape.of(map.size() * columns);
    }

    @Override
    public Actions actions() {
        return new Actions.Discrete(4);
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public void reset(RandomGenerator random) {
        this.random = random;
        place = starts[random.nextInt(starts.length)];
    }

    /// Puts the walker on a field, by its number row by row.
    void set(int place) {
        this.place = place;
    }

    /// The field to the left (0), below (1), to the right (2) or above (3), or -1 if that is outside.
    static int neighbour(int place, int way, int rows, int columns) {
        int row = place / columns + DOWN[way];
        int column = place % columns + RIGHT[way];
        return row < 0 || row >= rows || column < 0 || column >= columns ? -1 : row * columns + column;
    }

    private char letter() {
        return map.get(place / columns).charAt(place % columns);
    }

    /// After the end one stays where one is, for a reward of 0.
    @Override
    public Outcome step(float... action) {
        int way = Required.choice(this, 4, action);
        if (letter() == GOAL || letter() == HOLE) {
            return new Outcome(0, true);
        }
        if (slippery) {
            way = (way + random.nextInt(3) + 3) % 4; // a quarter to either side
        }
        int next = neighbour(place, way, map.size(), columns);
        place = next < 0 ? place : next;
        return new Outcome(letter() == GOAL ? 1 : 0, letter() == GOAL || letter() == HOLE);
    }

    @Override
    public void observe(float[] target, int offset) {
        for (int i = 0; i < map.size() * columns; i++) {
            target[offset + i] = i == place ? 1 : 0;
        }
    }

    /// The map, with `@` where one is.
    @Override
    public String text() {
        var text = new StringBuilder(String.join("\n", map));
        text.setCharAt(place / columns * (columns + 1) + place % columns, '@');
        return text.toString();
    }

    @Override
    public Picture picture() {
        var canvas = new Canvas(columns * Canvas.CELL, map.size() * Canvas.CELL, 1);
        for (int i = 0; i < map.size() * columns; i++) {
            int colour =
                    switch (map.get(i / columns).charAt(i % columns)) {
                        case HOLE -> Canvas.BLUE;
                        case GOAL -> Canvas.GREEN;
                        case START -> Canvas.YELLOW;
                        default -> Canvas.ICE;
                    };
            canvas.cell(i / columns, i % columns, colour);
        }
        double half = Canvas.CELL / 2.0;
        canvas.disc(place % columns * Canvas.CELL + half, place / columns * Canvas.CELL + half, 5, Canvas.RED);
        return canvas.picture();
    }
}
