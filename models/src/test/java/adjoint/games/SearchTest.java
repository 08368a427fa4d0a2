package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
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

    @Test
    void everyLookIsCountedOnce() {
        var search = searched(new TicTacToe().start(), 9, 500);
        double sum = 0;
        for (float share : search.policy(9)) {
            double visits = 500.0 * share;
            assertThat(visits).isPositive().isCloseTo(Math.rint(visits), within(1e-3));
            sum += visits;
        }
        assertThat(search.seen()).isEqualTo(501);
        assertThat(sum).isCloseTo(500, within(1e-3));
        assertThat(search.value()).isBetween(-1.0, 1.0);
    }

    @Test
    void aWinIsTaken() {
        // X on 0 and 1, O on 3 and 4: 2 wins, and all else loses or draws.
        var search = searched(after(new TicTacToe(), 0, 3, 1, 4), 9, 300);
        assertThat(search.most()).isEqualTo(2);
        assertThat(search.policy(9)).containsExactly(0, 0, 1, 0, 0, 0, 0, 0, 0);
        assertThat(search.values(9)[2]).isEqualTo(1);
        assertThat(search.value()).isGreaterThan(0.8);
    }

    @Test
    void aThreatIsMet() {
        // X threatens 2: O must go there.
        var search = searched(after(new TicTacToe(), 0, 4, 1), 9, 600);
        assertThat(search.most()).isEqualTo(2);
        assertThat(search.policy(9)).as("all else loses at once").containsExactly(0, 0, 1, 0, 0, 0, 0, 0, 0);
        for (int other : new int[] {3, 5, 6, 7, 8}) {
            assertThat(search.values(9)[2]).isGreaterThan(search.values(9)[other] + 0.2f);
        }
    }

    @Test
    void aLostPositionIsKnownForTheOneWhoHasLost() {
        // X holds two open lines: whatever O does, X wins.
        var search = searched(after(new TicTacToe(), 0, 4, 8, 2, 6), 9, 800);
        assertThat(search.value()).isLessThan(-0.8);
        double sum = 0;
        for (float share : search.policy(9)) {
            sum += share;
        }
        assertThat(sum).as("a move must be made all the same").isCloseTo(1, within(1e-6));
    }

    @Test
    void whereNothingWasTriedTheNetworkSpeaks() {
        float[] logits = {9, 0, 1, 3, 2, 9, 0, 0, 0};
        var search = new Search(after(new TicTacToe(), 0, 5)); // both are taken
        search.take(search.descend().map(_ -> logits).orElseThrow(), 0.25f);
        assertThat(search.isDone(0)).isTrue();
        assertThat(search.most()).isEqualTo(3);
        assertThat(search.policy(9)[0]).isZero();
        assertThat(search.policy(9)[3] / search.policy(9)[4]).isCloseTo((float) Math.E, within(1e-4f));
        assertThat(search.value()).isEqualTo(0.25);
    }

    @Test
    void ofMovesThatWereNotTriedTheLikeliestIsNext() {
        // X threatens 2. The network prefers 3, which one look finds to lose; after that it prefers 8.
        var search = new Search(after(new TicTacToe(), 0, 4, 1));
        float[] logits = {0, 0, 1, 5, 0, 0, 0, 0, 3};
        while (!search.isDone(1)) {
            search.descend().ifPresent(_ -> search.take(logits, 0));
        }
        assertThat(search.policy(9)[3]).isZero();
        assertThat(search.most()).isEqualTo(8);
    }

    @Test
    void ofMovesTriedAlikeTheLikeliestIsPlayed() {
        var search = new Search(new TicTacToe().start());
        float[] logits = {-9, -9, -9, 1, -9, -9, -9, -9, 1.05f};
        while (!search.isDone(2)) {
            search.descend().ifPresent(_ -> search.take(logits, 0));
        }
        assertThat(search.policy(9)[3]).isEqualTo(0.5f);
        assertThat(search.policy(9)[8]).isEqualTo(0.5f);
        assertThat(search.most()).isEqualTo(8);
    }

    /// Who begins moves twice: the first of these moves must look as good as the second.
    private record Twice(int made, boolean won) implements Position {
        @Override
        public int player() {
            return made < 2 ? 0 : 1;
        }

        @Override
        public long legal() {
            return made < 2 ? 0b11 : 0;
        }

        @Override
        public Position play(int move) {
            return new Twice(made + 1, won || made == 0 && move == 1);
        }

        @Override
        public boolean isOver() {
            return made == 2;
        }

        @Override
        public int result() {
            return won ? -1 : 1; // for the other one, whose turn it would be
        }

        @Override
        public void observe(float[] target, int offset) {}

        @Override
        public Position turned(int symmetry) {
            return this;
        }

        @Override
        public String text() {
            return toString();
        }
    }

    @Test
    void whoMovesTwiceKeepsWhatIsFound() {
        var search = new Search(new Twice(0, false));
        while (!search.isDone(20)) {
            search.descend().ifPresent(_ -> search.take(new float[2], 0));
        }
        assertThat(search.value()).isEqualTo(1);
        assertThat(search.most()).isEqualTo(1);
        assertThat(search.policy(2)).containsExactly(0, 1);

        var opinion = new Search(new Twice(0, false)); // the second position is thought to be good for who moves there
        opinion.take(opinion.descend().map(_ -> new float[2]).orElseThrow(), 0);
        opinion.take(opinion.descend().map(_ -> new float[2]).orElseThrow(), 0.5f);
        assertThat(opinion.value()).isEqualTo(0.25);
    }

    @Test
    void noiseKeepsProbabilities() {
        var search = new Search(new TicTacToe().start(), Optional.of(new Search.Noise(1, 0.3, new Chance(3))));
        while (search.seen() <= 400) {
            search.descend().ifPresent(p -> search.take(new float[9], 0));
        }
        float[] shares = search.policy(9);
        Arrays.sort(shares);
        assertThat(shares[8]).as("noise prefers some moves by far").isGreaterThan(5 * Math.max(1 / 400f, shares[0]));
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
                        assertThat(search.policy(7)[m] == 0 || Moves.contains(solver.best(position), m)).isTrue();
                    }
                }
            }
        }
        assertThat(won).isGreaterThan(50);
        assertThat(lost).isGreaterThan(20);
    }
}
