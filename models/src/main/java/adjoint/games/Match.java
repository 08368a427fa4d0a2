package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Some games between two players, in pairs: each begins once from the same position.
///
/// ```java
/// var result = new Match(new ConnectFour(), 100).varied(4, 7).play(player, new AlphaBeta(5, 1));
/// System.out.println(result.percent());
/// ```
///
/// @param games how many; an even number
/// @param opening how many moves are drawn by chance before the players begin, the same in both games of a pair
/// @param seed of the openings
public record Match(Game game, int games, int opening, long seed) {
    /// @throws AdjointException if the number of games is odd or less than 2, or the opening's length less than 0
    public Match {
        if (games < 2 || games % 2 != 0 || opening < 0) {
            throw new AdjointException(
                    "a match needs an even number of games, so that each begins half of them, and an opening of 0 moves or more, got "
                            + games
                            + " games and "
                            + opening
                            + " moves");
        }
    }

    /// From the first position on.
    public Match(Game game, int games) {
        this(game, games, 0, 0);
    }

    /// With openings that are drawn by chance, different ones as long as some are found, so that players without chance of their own meet
    /// in different games.
    public Match varied(int moves, long seed) {
        return new Match(game, games, moves, seed);
    }

    /// How it ended for the first player.
    public record Result(int wins, int draws, int losses) {
        /// All games.
        public int games() {
            return wins + draws + losses;
        }

        /// Of all points; a draw is half of one.
        public double percent() {
            return 100 * (wins + draws / 2.0) / games();
        }
    }

    /// Plays them, all at once: each player is asked about all positions in which it has the turn.
    ///
    /// @throws AdjointException if a player makes a move that is not allowed, or all openings of this length end the game
    public Result play(Player first, Player second) {
        Position[] positions = new Position[games];
        int[] turns = new int[games]; // as whom the first player plays
        Set<Position> met = new HashSet<>();
        for (int i = 0; i < games; i++) {
            positions[i] = i % 2 == 0 ? opened(i / 2, met) : positions[i - 1];
            turns[i] = i % 2 == 0 ? positions[i].player() : 1 - positions[i].player();
        }
        while (advance(first, positions, i -> positions[i].player() == turns[i])
                | advance(second, positions, i -> positions[i].player() != turns[i])) {}
        int[] counts = new int[3]; // losses, draws, wins
        for (int i = 0; i < games; i++) {
            counts[1 + (positions[i].player() == turns[i] ? 1 : -1) * positions[i].result()]++;
        }
        return new Result(counts[2], counts[1], counts[0]);
    }

    /// Has a player move where it has the turn.
    ///
    /// @return whether it had it anywhere
    private static boolean advance(Player player, Position[] positions, IntPredicate turn) {
        int[] at = IntStream.range(0, positions.length).filter(i -> !positions[i].isOver() && turn.test(i)).toArray();
        int[] moves = player.moves(IntStream.of(at).mapToObj(i -> positions[i]).toList());
        for (int i = 0; i < at.length; i++) {
            positions[at[i]] = positions[at[i]].play(moves[i]);
        }
        return at.length > 0;
    }

    private Position opened(int pair, Set<Position> met) {
        Chance chance = Chance.of(seed, pair);
        Position found = null;
        for (int attempt = 0; attempt < 1000; attempt++) {
            Position position = game.start();
            for (int i = 0; i < opening && !position.isOver(); i++) {
                position = position.play(Moves.drawn(position.legal(), chance));
            }
            if (!position.isOver()) {
                if (met.add(position) || opening == 0) {
                    return position;
                }
                found = position;
            }
        }
        if (found != null) {
            return found; // all have been met, as it seems
        }
        throw new AdjointException(
                "after an opening of " + opening + " moves " + game.name() + " is over: choose a shorter one");
    }
}
