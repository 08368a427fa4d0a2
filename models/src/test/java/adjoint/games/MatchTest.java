package adjoint.games;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

class MatchTest {
    @Test
    void eachBeginsHalfOfTheGamesFromTheSamePositions() {
        List<Position> first = new ArrayList<>();
        List<Position> second = new ArrayList<>();
        new Match(new ConnectFour(), 20).varied(4, 7).play(noting(first, 1), noting(second, 2));
        assertEquals(10, first.size());
        assertEquals(first, second);
        assertEquals(10, new HashSet<>(first).size());
        List<Position> others = new ArrayList<>();
        new Match(new ConnectFour(), 20).varied(4, 8).play(noting(others, 1), noting(second, 2));
        assertTrue(!others.equals(first));
    }

    @Test
    void noOpeningIsMetTwiceWhileThereAreOthers() {
        for (int[] games : new int[][] {{1, 7}, {2, 49}}) { // moves by chance, and how many positions they lead to
            List<Position> begun = new ArrayList<>();
            Player noting =
                    position -> {
                        begun.add(position);
                        return Long.numberOfTrailingZeros(position.legal());
                    };
            new Match(new ConnectFour(), 2 * games[1] + 4).varied(games[0], 3).play(noting, new RandomPlayer(1));
            var openings = new HashSet<Position>(begun.stream().filter(p -> stones(p) == games[0]).toList());
            assertEquals(games[1], openings.size());
        }
    }

    /// Notes the position whenever it begins.
    private static Player noting(List<Position> begun, long seed) {
        var player = new RandomPlayer(seed);
        return position -> {
            if (stones(position) == 4) {
                begun.add(position);
            }
            return player.move(position);
        };
    }

    private static int stones(Position position) {
        float[] planes = new float[84];
        position.observe(planes, 0);
        float stones = 0;
        for (float plane : planes) {
            stones += plane;
        }
        return Math.round(stones);
    }

    @Test
    void resultsAreTheFirstPlayers() {
        Player left = position -> Long.numberOfTrailingZeros(position.legal());
        Player fills = position -> Moves.contains(position.legal(), 6) ? 6 : 5; // loses to a column of its own
        var match = new Match(new ConnectFour(), 2);
        assertEquals(new Match.Result(1, 0, 1), match.play(left, fills)); // who begins has four first
        assertEquals(50, match.play(left, fills).percent());
        assertEquals(25, new Match.Result(1, 2, 5).percent());
        assertEquals(8, new Match.Result(1, 2, 5).games());
    }

    @Test
    void mistakesAreTold() {
        assertThrows(AdjointException.class, () -> new Match(new TicTacToe(), 3));
        assertThrows(AdjointException.class, () -> new Match(new TicTacToe(), 2, -1, 0));
        var match = new Match(new TicTacToe(), 2);
        String message =
                assertThrows(AdjointException.class, () -> match.play(position -> 4, new RandomPlayer(1))).getMessage();
        assertTrue(message.contains("b2"), message);
        var long9 = match.varied(9, 1);
        assertThrows(AdjointException.class, () -> long9.play(new RandomPlayer(1), new RandomPlayer(2)));
        assertThrows(AdjointException.class, () -> new AlphaBeta(0, 1));
    }

    @Test
    void lookingAheadWinsAgainstChanceAndAgainstLookingLessFar() {
        for (Game game : List.of(new TicTacToe(), new ConnectFour(), new Othello())) {
            var result = new Match(game, 40).play(new AlphaBeta(3, 1), new RandomPlayer(2));
            assertTrue(result.percent() > 85, game.name() + " " + result);
        }
        for (Game game : List.of(new ConnectFour(), new Othello())) {
            // From the first position few games differ.
            var result = new Match(game, 40).varied(2, 7).play(new AlphaBeta(5, 1), new AlphaBeta(1, 2));
            assertTrue(result.percent() > 80, game.name() + " " + result);
        }
    }

    @Test
    void lookingAheadFindsWhatTryingEverythingFinds() {
        var chance = new Chance(6);
        for (int i = 0; i < 100; i++) {
            Position position = new ConnectFour().start();
            for (int m = 0; m < 12 && !position.isOver(); m++) {
                position = position.play(Moves.drawn(position.legal(), chance));
            }
            if (position.isOver()) {
                continue;
            }
            long best = 0;
            int most = Integer.MIN_VALUE;
            for (long left = position.legal(); left != 0; left &= left - 1) {
                int value = -everything(position.play(Long.numberOfTrailingZeros(left)), 3);
                best = value > most ? 0 : best;
                most = Math.max(most, value);
                best |= value == most ? Long.lowestOneBit(left) : 0;
            }
            long chosen = 0;
            for (int seed = 0; seed < 40; seed++) {
                chosen |= 1L << new AlphaBeta(4, seed).move(position);
            }
            assertEquals(best, chosen, position.text());
        }
    }

    private static int everything(Position position, int left) {
        if (position.isOver()) {
            return position.result() * (1_000_000 + left);
        }
        if (left == 0) {
            return ((ConnectFour.Board) position).estimate();
        }
        int most = Integer.MIN_VALUE;
        for (long moves = position.legal(); moves != 0; moves &= moves - 1) {
            most = Math.max(most, -everything(position.play(Long.numberOfTrailingZeros(moves)), left - 1));
        }
        return most;
    }

    @Test
    void theSameSeedsGiveTheSameGames() {
        var match = new Match(new ConnectFour(), 20).varied(2, 3);
        assertEquals(match.play(new AlphaBeta(2, 1), new RandomPlayer(2)), match.play(new AlphaBeta(2, 1), new RandomPlayer(2)));
    }
}
