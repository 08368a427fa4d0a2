package adjoint.games;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Plays by a network's opinion and a [Search] guided by it, and never by chance.
public final class NetworkPlayer implements Player {
    static final int SIDE = 256; // searches at once
    private static final int LOOKS = 1_000_000; // of all of them: some 400 bytes each

    private final Game game;
    private final Opinions opinions;
    private final int simulations;

    /// What a search has found.
    ///
    /// @param move to play: a win, if one is certain, or else the one tried most often of those that do not lose for certain
    /// @param value of the position, from -1 to 1, for the one whose turn it is
    /// @param policy shares of the moves that would be played, the larger the more often they were tried
    /// @param values of the moves, from -1 to 1; 0 where not tried
    public record Found(int move, double value, float[] policy, float[] values) {}

    /// @param simulations how many looks behind a position its search takes; 0: it plays the network's first thought, or a move that wins
    ///     at once
    /// @throws AdjointException if that is less than none
    public NetworkPlayer(Game game, PolicyValue network, int simulations, Evaluator evaluator) {
        if (simulations < 0) {
            throw new AdjointException("a search takes 0 looks or more, got " + simulations);
        }
        this.game = game;
        this.simulations = simulations;
        opinions = new Opinions(game, network, evaluator);
    }

    /// Searches.
    ///
    /// @throws AdjointException if the game is over, or what the network says is not finite
    public Found search(Position position) {
        var search = searched(position);
        return new Found(search.most(), search.value(), search.policy(game.moves()), search.values(game.moves()));
    }

    @Override
    public int move(Position position) {
        return searched(position).most();
    }

    /// Searches side by side, so that the network is asked about many positions at once, and each different one only once.
    @Override
    public int[] moves(List<? extends Position> positions) {
        List<Position> different = positions.stream().<Position>map(p -> p).distinct().toList();
        Map<Position, Integer> moves = new HashMap<>();
        int side = Math.clamp(LOOKS / (simulations + 1L), 1, SIDE);
        for (int from = 0; from < different.size(); from += side) {
            List<Position> some = different.subList(from, Math.min(from + side, different.size()));
            searched(some).forEach(search -> moves.put(search.position(), search.most()));
        }
        return positions.stream().mapToInt(moves::get).toArray();
    }

    private Search searched(Position position) {
        return searched(List.of(position)).getFirst();
    }

    private List<Search> searched(List<? extends Position> positions) {
        if (positions.stream().anyMatch(Position::isOver)) {
            throw new AdjointException(game.name() + " is over: there is no move to search for");
        }
        List<Search> searches = positions.stream().map(Search::new).toList();
        opinions.search(searches, simulations);
        return searches;
    }
}
