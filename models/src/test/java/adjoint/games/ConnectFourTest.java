package adjoint.games;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;

class ConnectFourTest {
    /// After moves written as columns from 1 to 7, as usual.
    static Position after(String columns) {
        Position position = new ConnectFour().start();
        for (char c : columns.toCharArray()) {
            position = position.play(c - '1');
        }
        return position;
    }

    @Test
    void hasAsManyPositionsAsIsKnown() {
        int[] known = {1, 7, 49, 238, 1_120, 4_263, 16_422, 54_859, 184_275}; // oeis.org/A212693
        Set<Position> level = Set.of(new ConnectFour().start());
        for (int count : known) {
            assertEquals(count, level.size());
            Set<Position> next = new HashSet<>();
            for (Position position : level) {
                for (int c = 0; c < 7; c++) {
                    if (Moves.contains(position.legal(), c)) {
                        next.add(position.play(c));
                    }
                }
            }
            level = next;
        }
    }

    @Test
    void followsTheRulesWrittenWithArrays() {
        var chance = new Chance(3);
        int[] ends = new int[2];
        for (int g = 0; g < 2000; g++) {
            Position position = new ConnectFour().start();
            var naive = new NaiveConnectFour();
            while (!naive.isOver()) {
                long legal = 0;
                for (int c = 0; c < 7; c++) {
                    legal |= naive.heights[c] < 6 ? 1L << c : 0;
                }
                assertEquals(legal, position.legal());
                assertEquals(naive.stones % 2, position.player());
                int move = Moves.drawn(legal, chance);
                naive.play(move);
                position = position.play(move);
                assertEquals(naive.isOver(), position.isOver());
            }
            float[] planes = new float[84];
            position.observe(planes, 0);
            for (int i = 0; i < 42; i++) {
                int stone = naive.squares[5 - i / 7][i % 7];
                assertEquals(stone == 1 + naive.stones % 2 ? 1 : 0, planes[2 * i]);
                assertEquals(stone == 2 - naive.stones % 2 ? 1 : 0, planes[2 * i + 1]);
            }
            assertEquals(naive.won ? -1 : 0, position.result());
            ends[naive.won ? 1 : 0]++;
        }
        assertEquals(true, ends[0] > 0 && ends[1] > 0);
    }

    @Test
    void isDrawn() {
        Position position = after("4455");
        assertEquals(
                """
                ┌───────────────┐
                │ · · · · · · · │
                │ · · · · · · · │
                │ · · · · · · · │
                │ · · · · · · · │
                │ · · · O O · · │
                │ · · · X X · · │
                └───────────────┘
                  a b c d e f g
                """,
                position.text());
        assertEquals("d", new ConnectFour().describe(3));
        assertEquals(
                "the move d is not allowed in this position of connect-four, got 3; "
                        + "allowed are 0 (a), 1 (b), 2 (c), 4 (e), 5 (f), 6 (g)",
                assertThrows(AdjointException.class, () -> after("4444444")).getMessage());
    }

    @Test
    void squaresThatWinAreThoseThatMakeFour() {
        var chance = new Chance(8);
        for (int i = 0; i < 2000; i++) {
            long own = chance.nextLong() & chance.nextLong() & ConnectFour.ALL;
            if (!ConnectFour.isFour(own)) {
                for (int c = 0; c < 7; c++) {
                    for (long left = ConnectFour.column(c) & ~own; left != 0; left &= left - 1) {
                        long square = Long.lowestOneBit(left);
                        if ((own & square << 1) != 0) {
                            continue; // nothing stands above an empty square
                        }
                        assertEquals(ConnectFour.isFour(own | square), (ConnectFour.wins(own) & square) != 0);
                    }
                }
            }
        }
    }

    @Test
    void theEstimateCountsOpenLines() {
        assertEquals(0, ((ConnectFour.Board) after("")).estimate());
        assertEquals(-7, ((ConnectFour.Board) after("4")).estimate()); // 4 across, 1 upwards, 2 aslant
        assertEquals(-3, ((ConnectFour.Board) after("1")).estimate());
        assertEquals(6 - 2, ((ConnectFour.Board) after("41")).estimate()); // of 7 and 3; a to d is open to neither
    }
}
