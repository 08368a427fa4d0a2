package adjoint.games;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

/// What holds in every game, in all positions of some random games.
class GamesTest {
    private static final int GAMES = 30;

    static List<Game> games() {
        return List.of(new TicTacToe(), new ConnectFour(), new Othello());
    }

    private static void everywhere(Game game, Consumer<Position> check) {
        var chance = new Chance(5);
        for (int g = 0; g < GAMES; g++) {
            Position position = game.start();
            check.accept(position);
            while (!position.isOver()) {
                position = position.play(Moves.drawn(position.legal(), chance));
                check.accept(position);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("games")
    void symmetriesCommuteWithMoves(Game game) {
        everywhere(game, position -> {
            for (int s = 0; s < game.symmetries(); s++) {
                Position turned = position.turned(s);
                assertEquals(position.isOver(), turned.isOver());
                assertEquals(Long.bitCount(position.legal()), Long.bitCount(turned.legal()));
                for (int m = 0; m < game.moves(); m++) {
                    if (Moves.contains(position.legal(), m)) {
                        assertEquals(position.play(m).turned(s), turned.play(game.turned(m, s)), game.describe(m) + " turned by " + s);
                    }
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("games")
    void symmetriesAreDifferentAndTheFirstChangesNothing(Game game) {
        var seen = new HashSet<List<Integer>>();
        for (int s = 0; s < game.symmetries(); s++) {
            int symmetry = s;
            seen.add(Arrays.stream(new int[game.moves()]).boxed().toList().isEmpty() ? List.of() : turnedMoves(game, symmetry));
        }
        assertEquals(game.symmetries(), seen.size());
        everywhere(game, position -> assertEquals(position, position.turned(0)));
    }

    private static List<Integer> turnedMoves(Game game, int symmetry) {
        return java.util.stream.IntStream.range(0, game.moves()).mapToObj(m -> game.turned(m, symmetry)).toList();
    }

    @ParameterizedTest
    @MethodSource("games")
    void playersTakeTurnsAndPositionsStayAsTheyAre(Game game) {
        everywhere(game, position -> {
            String before = position.text();
            assertEquals(position.isOver(), position.legal() == 0);
            assertEquals(0, position.legal() >>> game.moves());
            for (int m = 0; m < game.moves(); m++) {
                if (Moves.contains(position.legal(), m)) {
                    Position next = position.play(m);
                    assertEquals(1 - position.player(), next.player());
                    assertNotEquals(position, next);
                    assertEquals(next, position.play(m));
                    assertEquals(next.hashCode(), position.play(m).hashCode());
                }
            }
            assertEquals(before, position.text());
        });
    }

    @ParameterizedTest
    @MethodSource("games")
    void planesShowTheStonesOfTheText(Game game) {
        int rows = game.planes().dim(0);
        int columns = game.planes().dim(1);
        assertEquals(2, game.planes().dim(2));
        everywhere(game, position -> {
            float[] planes = new float[2 * rows * columns + 2];
            Arrays.fill(planes, 9);
            position.observe(planes, 1);
            assertEquals(9, planes[0]);
            assertEquals(9, planes[planes.length - 1]);
            String stones = position.text().lines().skip(1).limit(rows).map(l -> l.substring(l.indexOf('│'))).reduce("", String::concat);
            int at = 0;
            for (char c : stones.toCharArray()) {
                if ("XO·+".indexOf(c) >= 0) {
                    boolean own = c == (position.player() == 0 ? 'X' : 'O');
                    boolean other = c == (position.player() == 0 ? 'O' : 'X');
                    assertEquals(own ? 1 : 0, planes[1 + 2 * at]);
                    assertEquals(other ? 1 : 0, planes[2 + 2 * at]);
                    at++;
                }
            }
            assertEquals(rows * columns, at);
        });
    }

    @ParameterizedTest
    @MethodSource("games")
    void whatIsNotAllowedIsRefusedWithASentence(Game game) {
        everywhere(game, position -> {
            for (int m = -1; m <= 64; m++) {
                if (!Moves.contains(position.legal(), m)) {
                    int move = m;
                    String message = assertThrows(AdjointException.class, () -> position.play(move)).getMessage();
                    assertTrue(message.contains(game.name()), message);
                    assertTrue(message.contains(position.isOver() ? "is over" : "got " + move + "; allowed are"), message);
                }
            }
            if (!position.isOver()) {
                assertTrue(assertThrows(AdjointException.class, position::result).getMessage().contains("isOver()"));
            }
        });
        assertFalse(game.start().isOver());
    }
}
