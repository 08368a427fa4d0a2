package adjoint.games;

import adjoint.tensor.Shape;

/// Tic-tac-toe: three in a line of a 3 x 3 board. With best play it is a draw.
///
/// Moves are squares, `a1` (0) to `c3` (8), row by row; planes `[3, 3, 2]`; 8 symmetries.
public record TicTacToe() implements Game {
    private static final Squares SQUARES = new Squares(3, 3);
    private static final int ALL = 0b111_111_111;
    private static final int[] LINES = {
        0b111, 0b111_000, 0b111_000_000, 0b001_001_001, 0b010_010_010, 0b100_100_100, 0b100_010_001, 0b001_010_100
    };

    @Override
    public String name() {
        return "tic-tac-toe";
    }

    @Override
    public int moves() {
        return 9;
    }

    @Override
    public Shape planes() {
        return SQUARES.planes();
    }

    @Override
    public Position start() {
        return new Board(0, 0);
    }

    @Override
    public int symmetries() {
        return 8;
    }

    @Override
    public int turned(int move, int symmetry) {
        return SQUARES.turned(move, symmetry);
    }

    @Override
    public String describe(int move) {
        return SQUARES.name(move);
    }

    /// @param own stones of the one whose turn it is
    record Board(int own, int other) implements Position {
        @Override
        public int player() {
            return Integer.bitCount(own | other) & 1;
        }

        private boolean isLost() {
            for (int line : LINES) {
                if ((other & line) == line) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public long legal() {
            return isLost() ? 0 : ALL & ~(own | other);
        }

        @Override
        public Position play(int move) {
            Moves.require(new TicTacToe(), this, move);
            return new Board(other, own | 1 << move);
        }

        @Override
        public boolean isOver() {
            return legal() == 0;
        }

        @Override
        public int result() {
            Moves.requireOver(new TicTacToe(), this);
            return isLost() ? -1 : 0;
        }

        @Override
        public void observe(float[] target, int offset) {
            SQUARES.observe(own, other, target, offset);
        }

        @Override
        public Position turned(int symmetry) {
            return new Board((int) SQUARES.turned((long) own, symmetry), (int) SQUARES.turned((long) other, symmetry));
        }

        @Override
        public String text() {
            return player() == 0 ? SQUARES.text(own, other, 0, true) : SQUARES.text(other, own, 0, true);
        }
    }
}
