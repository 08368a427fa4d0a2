package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;

/// The solver against plain negamax, and against what is known.
class ConnectFourSolverTest {
    /// Half of the stones that are left, and one for the stone that wins; nothing for a draw.
    private static int plain(Position position) {
        if (position.isOver()) {
            int stones = stones(position);
            return position.result() * ((ConnectFour.STONES + 1 - (stones - 1)) / 2);
        }
        int most = Integer.MIN_VALUE;
        for (long left = position.legal(); left != 0; left &= left - 1) {
            most = Math.max(most, -plain(position.play(Long.numberOfTrailingZeros(left))));
        }
        return most;
    }

    private static int stones(Position position) {
        var board = (ConnectFour.Board) position;
        return Long.bitCount(board.own() | board.other());
    }

    private static Position random(int stones, Chance chance) {
        while (true) {
            Position position = new ConnectFour().start();
            while (!position.isOver() && stones(position) < stones) {
                position = position.play(Moves.drawn(position.legal(), chance));
            }
            if (!position.isOver()) {
                return position;
            }
        }
    }

    @Test
    void scoresAreThoseOfTryingEverything() {
        var solver = new ConnectFourSolver(16);
        var chance = new Chance(1);
        int won = 0;
        int lost = 0;
        for (int i = 0; i < 400; i++) {
            Position position = random(32 + i % 9, chance);
            int expected = plain(position);
            won += expected > 0 ? 1 : 0;
            lost += expected < 0 ? 1 : 0;
            assertThat(solver.score(position)).as(position.text()).isEqualTo(expected);
            int[] scores = solver.scores(position);
            int most = Integer.MIN_VALUE;
            for (int move = 0; move < 7; move++) {
                boolean legal = (position.legal() >>> move & 1) == 1;
                int score = legal ? -plain(position.play(move)) : ConnectFourSolver.ILLEGAL;
                assertThat(scores[move]).as("move %d of%n%s", move, position.text()).isEqualTo(score);
                most = Math.max(most, score);
            }
            for (int move = 0; move < 7; move++) {
                boolean legal = scores[move] != ConnectFourSolver.ILLEGAL;
                assertThat((solver.best(position) >>> move & 1) == 1)
                        .isEqualTo(legal && Integer.signum(scores[move]) == Integer.signum(most));
                assertThat((solver.fastest(position) >>> move & 1) == 1).isEqualTo(legal && scores[move] == most);
            }
        }
        assertThat(won).isGreaterThan(50);
        assertThat(lost).isGreaterThan(50);
    }

    @Test
    void mirrorImagesAndMovesAreConsistent() {
        var solver = new ConnectFourSolver();
        var chance = new Chance(2);
        for (int i = 0; i < 20; i++) {
            Position position = random(18 + i % 6, chance);
            int score = solver.score(position);
            assertThat(new ConnectFourSolver(12).score(position.turned(1))).isEqualTo(score);
            int most = Integer.MIN_VALUE;
            for (int x : solver.scores(position)) {
                most = Math.max(most, x);
            }
            assertThat(most).isEqualTo(score);
        }
    }

    /// Positions of Pascal Pons' benchmark with their scores (blog.gamesolver.org/solving-connect-four/02-test-protocol).
    @Test
    void scoresAreThePublishedOnes() throws IOException {
        var solver = new ConnectFourSolver(20);
        String lines;
        try (var in = ConnectFourSolverTest.class.getResourceAsStream("connect-four-scores.txt")) {
            lines = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
        assertThat(lines.lines()).hasSize(75);
        lines.lines().map(line -> line.split(" ")).forEach(parts -> {
            Position position = ConnectFourTest.after(parts[0]);
            assertThat(solver.score(position)).as(parts[0]).isEqualTo(Integer.parseInt(parts[1]));
            assertThat(solver.score(position.turned(1))).as(parts[0]).isEqualTo(Integer.parseInt(parts[1]));
        });
    }

    /// What that author's solver says of each move (connect4.gamesolver.org).
    @Test
    void scoresOfMovesAreThePublishedOnes() {
        assertScores("5512243243536", "-3 4 12 13 8 -3 -2");
        assertScores("5554224333234511764415115", "-8 -8 -8 -8 . 4 -8");
        assertScores("52753311433677442422121", "2 3 7 7 8 7 2");
        assertScores("122435527534575161761", "-1 0 10 10 -2 -2 -2");
        assertScores("2252576253462244111563365343671351441", ". . . . . -1 -2");
        assertScores("3457741246677474572223453551", "-7 -7 5 . -7 -7 .");
        assertScores("32114125125351447166362752355326644364777", ". . . . . . 0");
    }

    private static void assertScores(String columns, String expected) {
        String scores = Arrays.stream(new ConnectFourSolver(20).scores(ConnectFourTest.after(columns)))
                .mapToObj(score -> score == ConnectFourSolver.ILLEGAL ? "." : String.valueOf(score))
                .collect(Collectors.joining(" "));
        assertThat(scores).as(columns).isEqualTo(expected);
    }

    @Test
    void itsPlayerMakesNoMistakes() {
        var solver = new ConnectFourSolver(18);
        Player player = solver.player(1);
        for (Judged judged : Judged.drawn(solver, 40, 16, 24, 9)) {
            assertThat(Moves.contains(solver.fastest(judged.position()), player.move(judged.position()))).isTrue();
        }
        Position start = new ConnectFour().start();
        assertThat(Moves.contains(start.legal(), player.move(start))).isTrue();
    }

    @Test
    void judgedPositionsTellPlayersApart() {
        var solver = new ConnectFourSolver();
        List<Judged> positions = Judged.drawn(solver, 60, 16, 28, 5);
        assertThat(new HashSet<>(positions)).hasSize(60);
        for (Judged judged : positions) {
            assertThat(stones(judged.position())).isBetween(16, 28);
            assertThat(judged.best()).isEqualTo(solver.best(judged.position())).isNotEqualTo(judged.position().legal());
        }
        assertThat(Judged.drawn(solver, 60, 16, 28, 5)).isEqualTo(positions);
        Player perfect = p -> Long.numberOfTrailingZeros(solver.fastest(p));
        double chance = Judged.percent(positions, new RandomPlayer(1));
        double ahead = Judged.percent(positions, new AlphaBeta(5, 1));
        assertThat(Judged.percent(positions, perfect)).isEqualTo(100);
        assertThat(ahead).isGreaterThan(chance + 10);
    }

    @Test
    void whatIsOverHasNoScore() {
        Position position = new ConnectFour().start();
        for (int move : new int[] {0, 1, 0, 1, 0, 1, 0}) {
            position = position.play(move);
        }
        Position over = position;
        assertThatThrownBy(() -> new ConnectFourSolver(10).score(over)).isInstanceOf(AdjointException.class);
        assertThatThrownBy(() -> new ConnectFourSolver(10).score(new TicTacToe().start()))
                .isInstanceOf(AdjointException.class);
    }

    @Test
    void ticTacToeIsADraw() {
        var perfect = new PerfectPlayer(1);
        Position start = new TicTacToe().start();
        assertThat(perfect.value(start)).isZero();
        assertThat(perfect.best(start)).isEqualTo(0b111_111_111);
        var result = new Match(new TicTacToe(), 300).play(perfect, new RandomPlayer(2));
        assertThat(result.losses()).isZero();
        assertThat(result.wins()).isGreaterThan(200);
        assertThat(new Match(new TicTacToe(), 100).play(perfect, new PerfectPlayer(7)).draws()).isEqualTo(100);
    }
}
