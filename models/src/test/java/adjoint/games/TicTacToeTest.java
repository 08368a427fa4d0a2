package adjoint.games;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

class TicTacToeTest {
    private final Set<Position> positions = new HashSet<>();
    private final Map<Integer, Integer> ends = new HashMap<>(); // by result for the first player

    private int games(Position position) {
        positions.add(position);
        if (position.isOver()) {
            ends.merge(position.player() == 0 ? position.result() : -position.result(), 1, Integer::sum);
            return 1;
        }
        int games = 0;
        for (int m = 0; m < 9; m++) {
            games += Moves.contains(position.legal(), m) ? games(position.play(m)) : 0;
        }
        return games;
    }

    @Test
    void hasAsManyGamesAndPositionsAsIsKnown() {
        assertEquals(255_168, games(new TicTacToe().start()));
        assertEquals(5_478, positions.size());
        assertEquals(Map.of(1, 131_184, -1, 77_904, 0, 46_080), ends);
    }

    @Test
    void perfectPlayersDrawAndEveryPositionIsWorthItsBestMove() {
        games(new TicTacToe().start());
        var perfect = new PerfectPlayer(1);
        assertEquals(0, perfect.value(new TicTacToe().start()));
        assertEquals(0x1FF, perfect.best(new TicTacToe().start())); // every first move draws
        for (Position position : positions) {
            int value = perfect.value(position);
            if (position.isOver()) {
                assertEquals(position.result(), value);
                assertEquals(0, perfect.best(position));
                continue;
            }
            int most = -1;
            for (int m = 0; m < 9; m++) {
                if (Moves.contains(position.legal(), m)) {
                    int after = -perfect.value(position.play(m));
                    most = Math.max(most, after);
                    assertEquals(after == value, Moves.contains(perfect.best(position), m));
                }
            }
            assertEquals(most, value);
            assertTrue(Moves.contains(perfect.best(position), perfect.move(position)));
        }
        for (Position position : positions) {
            for (int s = 0; s < 8; s++) {
                assertEquals(perfect.value(position), perfect.value(position.turned(s)));
            }
        }
    }

    @Test
    void perfectPlayersNeverLose() {
        var result = new Match(new TicTacToe(), 1000).play(new PerfectPlayer(1), new RandomPlayer(2));
        assertEquals(0, result.losses());
        assertTrue(result.wins() > 700, result.toString());
        assertEquals(new Match.Result(0, 100, 0), new Match(new TicTacToe(), 100).play(new PerfectPlayer(1), new PerfectPlayer(2)));
    }

    @Test
    void isDrawn() {
        Position position = new TicTacToe().start().play(4).play(0).play(5);
        assertEquals(
                """
                  ┌───────┐
                1 │ O · · │
                2 │ · X X │
                3 │ · · · │
                  └───────┘
                    a b c
                """,
                position.text());
        assertEquals("b2", new TicTacToe().describe(4));
        assertEquals(1L << 3, new PerfectPlayer(3).best(position));
        assertFalse(position.isOver());
    }
}
