package adjoint.games;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OthelloTest {
    /// The rules once more, with arrays.
    private static final class Naive {
        final int[] squares = new int[36]; // 0 empty, 1 of the first, 2 of the second player
        int stone = 1;

        Naive() {
            squares[14] = 2;
            squares[21] = 2;
            squares[15] = 1;
            squares[20] = 1;
        }

        private Naive(Naive other) {
            System.arraycopy(other.squares, 0, squares, 0, 36);
            stone = other.stone;
        }

        /// How many stones a move turns; turns them if that is wanted.
        private int turns(int square, boolean really) {
            if (squares[square] != 0) {
                return 0;
            }
            int turned = 0;
            for (int down = -1; down <= 1; down++) {
                for (int right = -1; right <= 1; right++) {
                    int length = 0;
                    int row = square / 6 + down;
                    int column = square % 6 + right;
                    while (on(row, column) && squares[row * 6 + column] == 3 - stone) {
                        length++;
                        row += down;
                        column += right;
                    }
                    if (length > 0 && on(row, column) && squares[row * 6 + column] == stone) {
                        turned += length;
                        for (int i = 1; really && i <= length; i++) {
                            squares[(row - i * down) * 6 + column - i * right] = stone;
                        }
                    }
                }
            }
            return turned;
        }

        private static boolean on(int row, int column) {
            return row >= 0 && row < 6 && column >= 0 && column < 6;
        }

        long legal() {
            long places = places();
            if (places != 0) {
                return places;
            }
            stone = 3 - stone;
            long theirs = places();
            stone = 3 - stone;
            return theirs == 0 ? 0 : 1L << 36;
        }

        private long places() {
            long places = 0;
            for (int i = 0; i < 36; i++) {
                places |= turns(i, false) > 0 ? 1L << i : 0;
            }
            return places;
        }

        void play(int move) {
            if (move < 36) {
                turns(move, true);
                squares[move] = stone;
            }
            stone = 3 - stone;
        }
    }

    private static long count(Position position, int depth) {
        if (depth == 0 || position.isOver()) {
            return 1;
        }
        long sum = 0;
        for (long left = position.legal(); left != 0; left &= left - 1) {
            sum += count(position.play(Long.numberOfTrailingZeros(left)), depth - 1);
        }
        return sum;
    }

    private static long count(Naive position, int depth) {
        long legal = position.legal();
        if (depth == 0 || legal == 0) {
            return 1;
        }
        long sum = 0;
        for (int m = 0; m <= 36; m++) {
            if (Moves.contains(legal, m)) {
                var next = new Naive(position);
                next.play(m);
                sum += count(next, depth - 1);
            }
        }
        return sum;
    }

    @Test
    void hasAsManyGamesAsTheRulesWrittenWithArrays() {
        for (int depth = 0; depth <= 7; depth++) {
            assertEquals(count(new Naive(), depth), count(new Othello().start(), depth));
        }
        assertEquals(4 * 3, count(new Othello().start(), 2));
    }

    @Test
    void followsTheRulesWrittenWithArrays() {
        var chance = new Chance(4);
        int passes = 0;
        int early = 0;
        int[] results = new int[3];
        for (int g = 0; g < 1000; g++) {
            Position position = new Othello().start();
            var naive = new Naive();
            float[] planes = new float[72];
            while (true) {
                position.observe(planes, 0);
                int balance = 0;
                int empty = 0;
                for (int i = 0; i < 36; i++) {
                    boolean own = naive.squares[i] == naive.stone;
                    boolean other = naive.squares[i] == 3 - naive.stone;
                    assertEquals(own ? 1 : 0, planes[2 * i]);
                    assertEquals(other ? 1 : 0, planes[2 * i + 1]);
                    balance += own ? 1 : other ? -1 : 0;
                    empty += own || other ? 0 : 1;
                }
                assertEquals(naive.stone - 1, position.player());
                assertEquals(naive.legal(), position.legal());
                if (position.isOver()) {
                    assertEquals(Integer.signum(balance), position.result());
                    results[1 + position.result()]++;
                    early += empty > 0 ? 1 : 0;
                    break;
                }
                int move = Moves.drawn(position.legal(), chance);
                passes += move == 36 ? 1 : 0;
                naive.play(move);
                position = position.play(move);
            }
        }
        assertTrue(passes > 0 && early > 0 && results[0] > 0 && results[1] > 0 && results[2] > 0);
    }

    @Test
    void isDrawn() {
        assertEquals(
                """
                  ┌─────────────┐
                1 │ · · · · · · │
                2 │ · · + · · · │
                3 │ · + O X · · │
                4 │ · · X O + · │
                5 │ · · · + · · │
                6 │ · · · · · · │
                  └─────────────┘
                    a b c d e f
                """,
                new Othello().start().text());
        assertEquals("pass", new Othello().describe(36));
        assertEquals("f6", new Othello().describe(35));
    }
}
