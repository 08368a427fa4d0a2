package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Optional;

/// The search on its own, with a network that knows nothing: all moves alike, all positions even.
class SearchTest {
    private static Search searched(Position position, int moves, int simulations) {
        var search = new Search(position);
        while (search.seen() <= simulations) {
            Optional<Position> leaf = search.descend();
            leaf.ifPresent(p -> search.take(new float[moves], 0));
        }
        return search;
    }

    private static Position after(Game game, int... moves) {
        Position position = game.start();
        for (int move : moves) {
            position = position.play(move);
        }
        return position;
    }

    private static int most(float[] visits) {
        int most = 0;
        for (int i = 0; i < visits.length; i++) {
            most = visits[i] > visits[most] ? i : most;
        }
        return most;
    }

    @Test
    void everyLookIsCountedOnce() {
        var search = searched(new TicTacToe().start(), 9, 500);
        float sum = 0;
        for (float n : search.visits(9)) {
            assertThat(n).isPositive();
            sum += n;
        }
        assertThat(search.seen()).isEqualTo(501);
        assertThat(sum).isEqualTo(500);
        assertThat(search.value()).isBetween(-1.0, 1.0);
    }

    @Test
    void aWinIsTaken() {
        // X on 0 and 1, O on 3 and 4: 2 wins, and all else loses or draws.
        var search = searched(after(new TicTacToe(), 0, 3, 1, 4), 9, 300);
        assertThat(most(search.visits(9))).isEqualTo(2);
        assertThat(search.values(9)[2]).isEqualTo(1);
        assertThat(search.value()).isGreaterThan(0.8);
    }

    @Test
    void aThreatIsMet() {
        // X threatens 2: O must go there.
        var search = searched(after(new TicTacToe(), 0, 4, 1), 9, 600);
        assertThat(most(search.visits(9))).isEqualTo(2);
        for (int other : new int[] {3, 5, 6, 7, 8}) {
            assertThat(search.values(9)[2]).isGreaterThan(search.values(9)[other] + 0.2f);
        }
    }

    @Test
    void aLostPositionIsKnownForTheOneWhoHasLost() {
        // X holds two open lines: whatever O does, X wins.
        var search = searched(after(new TicTacToe(), 0, 4, 8, 2, 6), 9, 800);
        assertThat(search.value()).isLessThan(-0.8);
    }

    @Test
    void noiseKeepsProbabilities() {
        var search = new Search(new TicTacToe().start(), Optional.of(new Search.Noise(1, 0.3, new Chance(3))));
        while (search.seen() <= 400) {
            search.descend().ifPresent(p -> search.take(new float[9], 0));
        }
        float[] visits = search.visits(9);
        float most = visits[most(visits)];
        float least = visits[0];
        for (float n : visits) {
            least = Math.min(least, n);
        }
        assertThat(most).as("noise prefers some moves by far").isGreaterThan(5 * Math.max(1, least));
    }

    /// Whatever is certain is true, and in positions near the end much becomes certain.
    @Test
    void whatIsCertainIsWhatTheSolverSays() {
        var solver = new ConnectFourSolver(18);
        var chance = new Chance(5);
        int won = 0;
        int lost = 0;
        for (int i = 0; i < 1500; i++) {
            Position position = new ConnectFour().start();
            for (int left = chance.nextInt(20, 36); left > 0 && !position.isOver(); left--) {
                position = position.play(Moves.drawn(position.legal(), chance));
            }
            if (position.isOver()) {
                continue;
            }
            var search = new Search(position);
            for (int look = 0; look < 400 && !search.isDone(400); look++) {
                search.descend().ifPresent(p -> search.take(new float[7], 0));
            }
            if (search.seen() <= 400 && search.isDone(400)) {
                won += search.value() > 0 ? 1 : 0;
                lost += search.value() < 0 ? 1 : 0;
                assertThat(search.value()).isEqualTo(Integer.signum(solver.score(position)));
                assertThat(Moves.contains(solver.best(position), search.most())).isTrue();
                if (search.value() > 0) {
                    for (int m = 0; m < 7; m++) {
                        assertThat(search.visits(7)[m] == 0 || Moves.contains(solver.best(position), m)).isTrue();
                    }
                }
            }
        }
        assertThat(won).isGreaterThan(50);
        assertThat(lost).isGreaterThan(20);
    }
}
