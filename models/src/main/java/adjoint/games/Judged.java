package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// A position of [ConnectFour] whose best moves are known, to measure players by.
///
/// ```java
/// var positions = Judged.drawn(new ConnectFourSolver(), 500, 12, 20, 1);
/// System.out.println(Judged.percent(positions, player) + " " + Judged.percent(positions, new RandomPlayer(1)));
/// ```
///
/// @param best the moves that keep what the game is worth, won, drawn or lost, as bits; not all that are allowed
public record Judged(Position position, long best) {
    /// Draws different positions, from random games, in which no move wins at once and not every move is as good as any other.
    ///
    /// @param from stones on the board, at least; with fewer than 12 the solver needs its time
    /// @param to stones on the board, at most
    /// @throws AdjointException if there are hardly so many such positions
    public static List<Judged> drawn(ConnectFourSolver solver, int count, int from, int to, long seed) {
        return drawn(solver, count, from, to, seed, () -> {});
    }

    /// The same, which may take minutes.
    ///
    /// @param watch is called before each position, and may put an end to it by throwing
    /// @throws AdjointException if there are hardly so many such positions
    public static List<Judged> drawn(
            ConnectFourSolver solver, int count, int from, int to, long seed, Runnable watch) {
        if (count < 1 || from < 0 || to < from) {
            throw new AdjointException(
                    "positions are drawn 1 or more at a time, with 0 stones or more, got "
                            + count
                            + " with "
                            + from
                            + " to "
                            + to
                            + " stones");
        }
        var chance = new Chance(seed);
        List<Judged> drawn = new ArrayList<>();
        Set<Position> seen = new HashSet<>();
        for (long attempt = 0; drawn.size() < count; attempt++) {
            if (attempt == 10_000L * count) {
                throw new AdjointException(
                        "found only "
                                + drawn.size()
                                + " positions with "
                                + from
                                + " to "
                                + to
                                + " stones in which moves differ, not "
                                + count
                                + ": ask for fewer, or for other numbers of stones");
            }
            watch.run();
            Position position = new ConnectFour().start();
            for (int left = chance.nextInt(from, to + 1); left > 0 && !position.isOver(); left--) {
                position = position.play(Moves.drawn(position.legal(), chance));
            }
            if (!position.isOver() && Moves.winning(position) < 0 && seen.add(position)) {
                long best = solver.best(position);
                if (best != position.legal()) {
                    drawn.add(new Judged(position, best));
                }
            }
        }
        return drawn;
    }

    /// In how many of them, of a hundred, a player chooses one of the best moves; it is asked about as many at a time as a
    /// [NetworkPlayer] searches side by side.
    ///
    /// @throws AdjointException if there are none
    public static double percent(List<Judged> positions, Player player) {
        if (positions.isEmpty()) {
            throw new AdjointException("a player is measured on 1 position or more, got none");
        }
        int right = 0;
        for (int from = 0; from < positions.size(); from += NetworkPlayer.SIDE) {
            List<Judged> some = positions.subList(from, Math.min(from + NetworkPlayer.SIDE, positions.size()));
            int[] moves = player.moves(some.stream().map(Judged::position).toList());
            right += (int) IntStream.range(0, moves.length).filter(i -> Moves.contains(some.get(i).best, moves[i])).count();
        }
        return 100.0 * right / positions.size();
    }
}
