package adjoint.games;

import adjoint.tensor.Shape;

/// Connect Four: stones fall down the 7 columns of 6 squares; four in a line win. With best play who begins wins, in the middle
/// column and with the 41st stone (Allen 1988, Allis 1988).
///
/// Moves are columns, `a` (0) to `g` (6); planes `[6, 7, 2]`, the upper row first; 2 symmetries.
public record ConnectFour() implements Game {
    static final int COLUMNS = 7;
    static final int ROWS = 6;
    static final int STONES = COLUMNS * ROWS;

    private static final Squares SQUARES = new Squares(ROWS, COLUMNS);
    private static final int HEIGHT = ROWS + 1; // bits a column: a square above the board, so that lines end there
    private static final int[] STEPS = {1, HEIGHT - 1, HEIGHT, HEIGHT + 1};

    /// The lowest square of each column.
    static final long BOTTOM = bottom();

    /// All squares.
    static final long ALL = BOTTOM * ((1L << ROWS) - 1);

    @Override
    public String name() {
        return "connect-four";
    }

    @Override
    public int moves() {
        return COLUMNS;
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
        return 2;
    }

    @Override
    public int turned(int move, int symmetry) {
        return symmetry == 0 ? move : COLUMNS - 1 - move;
    }

    @Override
    public String describe(int move) {
        return Squares.column(move);
    }

    private static long bottom() {
        long bottom = 0;
        for (int c = 0; c < COLUMNS; c++) {
            bottom |= 1L << c * HEIGHT;
        }
        return bottom;
    }

    /// All squares of a column.
    static long column(int c) {
        return (1L << ROWS) - 1 << c * HEIGHT;
    }

    /// Bits of columns, left and right swapped; the squares above the board too.
    static long mirrored(long bits) {
        long result = 0;
        for (int c = 0; c < COLUMNS; c++) {
            result |= (bits >>> c * HEIGHT & (1L << HEIGHT) - 1) << (COLUMNS - 1 - c) * HEIGHT;
        }
        return result;
    }

    /// Whether four of these are in a line.
    static boolean isFour(long stones) {
        for (int step : STEPS) {
            long pairs = stones & stones >>> step;
            if ((pairs & pairs >>> 2 * step) != 0) {
                return true;
            }
        }
        return false;
    }

    /// Squares, empty or not, where a stone makes four in a line of these; the squares above the board too.
    static long wins(long stones) {
        long wins = stones << 1 & stones << 2 & stones << 3;
        for (int i = 1; i < STEPS.length; i++) {
            int step = STEPS[i];
            long pairs = stones << step & stones << 2 * step; // two behind
            wins |= pairs & (stones << 3 * step | stones >>> step);
            pairs = stones >>> step & stones >>> 2 * step; // two ahead
            wins |= pairs & (stones << step | stones >>> 3 * step);
        }
        return wins;
    }

    /// Column after column, 7 bits each, from the bottom.
    ///
    /// @param own stones of the one whose turn it is
    record Board(long own, long other) implements Position {
        @Override
        public int player() {
            return Long.bitCount(own | other) & 1;
        }

        @Override
        public long legal() {
            if (isFour(other)) {
                return 0;
            }
            long free = ALL & ~(own | other);
            long legal = 0;
            for (int c = 0; c < COLUMNS; c++) {
                legal |= (free >>> c * HEIGHT + ROWS - 1 & 1) << c;
            }
            return legal;
        }

        @Override
        public Position play(int move) {
            Moves.require(new ConnectFour(), this, move);
            long stones = own | other;
            return new Board(other, own | stones + (1L << move * HEIGHT) & column(move) & ~stones);
        }

        @Override
        public boolean isOver() {
            return (own | other) == ALL || isFour(other);
        }

        @Override
        public int result() {
            Moves.requireOver(new ConnectFour(), this);
            return isFour(other) ? -1 : 0;
        }

        @Override
        public void observe(float[] target, int offset) {
            SQUARES.observe(byRows(own), byRows(other), target, offset);
        }

        @Override
        public Position turned(int symmetry) {
            return symmetry == 0 ? this : new Board(mirrored(own), mirrored(other));
        }

        @Override
        public String text() {
            long x = byRows(player() == 0 ? own : other);
            return SQUARES.text(x, byRows(own | other) & ~x, 0, false);
        }

        private static long byRows(long stones) {
            long rows = 0;
            for (int square = 0; square < STONES; square++) {
                rows |= (stones >>> square % COLUMNS * HEIGHT + ROWS - 1 - square / COLUMNS & 1) << square;
            }
            return rows;
        }

        /// How good it looks for the one whose turn it is: each place for four in a line that only one has stones in counts for that
        /// one, by the square of their number.
        int estimate() {
            int sum = 0;
            for (int step : STEPS) {
                long first = ALL & ALL >>> step & ALL >>> 2 * step & ALL >>> 3 * step;
                for (long left = first; left != 0; left &= left - 1) {
                    long place = Long.lowestOneBit(left) * (1 | 1L << step | 1L << 2 * step | 1L << 3 * step);
                    int mine = Long.bitCount(own & place);
                    int theirs = Long.bitCount(other & place);
                    sum += mine == 0 ? -theirs * theirs : theirs == 0 ? mine * mine : 0;
                }
            }
            return sum;
        }
    }
}
