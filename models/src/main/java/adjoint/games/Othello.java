package adjoint.games;

import adjoint.tensor.Shape;

/// Othello on a board of 6 x 6: a stone must enclose stones of the other in a line, which it turns over; who has more in the end wins.
/// With best play that is the second player (Feinstein 1993).
///
/// Moves are squares, `a1` (0) to `f6` (35), row by row, and `pass` (36), which is allowed, and then the only move, where no stone can be
/// placed but the other can go on. Planes `[6, 6, 2]`; 8 symmetries.
public record Othello() implements Game {
    private static final int SIDE = 6;
    private static final int PASS = SIDE * SIDE;
    private static final Squares SQUARES = new Squares(SIDE, SIDE);
    private static final long ALL = (1L << PASS) - 1;
    private static final long WEST = ALL / ((1 << SIDE) - 1); // the first column
    private static final long NOT_WEST = ALL & ~WEST;
    private static final long NOT_EAST = ALL & ~(WEST << SIDE - 1);
    private static final long CORNERS = 1L | 1L << SIDE - 1 | 1L << PASS - SIDE | 1L << PASS - 1;
    private static final int DIRECTIONS = 8;

    @Override
    public String name() {
        return "othello-6x6";
    }

    @Override
    public int moves() {
        return PASS + 1;
    }

    @Override
    public Shape planes() {
        return SQUARES.planes();
    }

    @Override
    public Position start() {
        long diagonal = 1L << 2 * SIDE + 2 | 1L << 3 * SIDE + 3;
        return new Board(1L << 2 * SIDE + 3 | 1L << 3 * SIDE + 2, diagonal, 0);
    }

    @Override
    public int symmetries() {
        return 8;
    }

    @Override
    public int turned(int move, int symmetry) {
        return move == PASS ? PASS : SQUARES.turned(move, symmetry);
    }

    @Override
    public String describe(int move) {
        return move == PASS ? "pass" : SQUARES.name(move);
    }

    /// All of these moved by one square; what leaves the board is gone.
    private static long moved(long set, int direction) {
        return switch (direction) {
            case 0 -> (set & NOT_EAST) << 1;
            case 1 -> (set & NOT_EAST) << SIDE + 1 & ALL;
            case 2 -> set << SIDE & ALL;
            case 3 -> (set & NOT_WEST) << SIDE - 1 & ALL;
            case 4 -> (set & NOT_WEST) >>> 1;
            case 5 -> (set & NOT_WEST) >>> SIDE + 1;
            case 6 -> set >>> SIDE;
            default -> (set & NOT_EAST) >>> SIDE - 1;
        };
    }

    /// The unbroken lines of `through` that begin beside a stone of `from`, in one direction.
    private static long run(long from, long through, int direction) {
        long run = moved(from, direction) & through;
        for (int i = 3; i < SIDE; i++) { // at most 4 lie between two others
            run |= moved(run, direction) & through;
        }
        return run;
    }

    private static long places(long own, long other) {
        long ends = 0;
        for (int d = 0; d < DIRECTIONS; d++) {
            ends |= moved(run(own, other, d), d);
        }
        return ends & ~(own | other);
    }

    /// @param own stones of the one whose turn it is
    record Board(long own, long other, int player) implements Position {
        @Override
        public long legal() {
            long places = places(own, other);
            return places != 0 ? places : places(other, own) != 0 ? 1L << PASS : 0;
        }

        @Override
        public Position play(int move) {
            Moves.require(new Othello(), this, move);
            if (move == PASS) {
                return new Board(other, own, 1 - player);
            }
            long stone = 1L << move;
            long turned = 0;
            for (int d = 0; d < DIRECTIONS; d++) {
                long run = run(stone, other, d);
                turned |= (moved(run, d) & own) != 0 ? run : 0;
            }
            return new Board(other & ~turned, own | stone | turned, 1 - player);
        }

        @Override
        public boolean isOver() {
            return legal() == 0;
        }

        @Override
        public int result() {
            Moves.requireOver(new Othello(), this);
            return Integer.signum(Long.bitCount(own) - Long.bitCount(other));
        }

        @Override
        public void observe(float[] target, int offset) {
            SQUARES.observe(own, other, target, offset);
        }

        @Override
        public Position turned(int symmetry) {
            return new Board(SQUARES.turned(own, symmetry), SQUARES.turned(other, symmetry), player);
        }

        @Override
        public String text() {
            long open = places(own, other);
            return player == 0 ? SQUARES.text(own, other, open, true) : SQUARES.text(other, own, open, true);
        }

        /// How good it looks for the one whose turn it is: a square to go to counts 1, a corner 8.
        int estimate() {
            return Long.bitCount(places(own, other))
                    - Long.bitCount(places(other, own))
                    + 8 * (Long.bitCount(own & CORNERS) - Long.bitCount(other & CORNERS));
        }
    }
}
