package adjoint.games;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Plays by a network's opinion and a [Search] guided by it; of the moves tried most often, the first.
public final class NetworkPlayer implements Player {
    private static final int SIDE = 256;

    private final Game game;
    private final Opinions opinions;
    private final int simulations;

    /// What a search has found.
    ///
    /// @param value of the position, from -1 to 1, for the one whose turn it is
    /// @param visits how often each move was tried
    /// @param values of the moves, from -1 to 1; 0 where not tried
    public record Found(double value, float[] visits, float[] values) {}

    /// @param simulations how many positions are looked at for each move
    /// @throws AdjointException if that is none
    public NetworkPlayer(Game game, PolicyValue network, int simulations, Evaluator evaluator) {
        if (simulations < 1) {
            throw new AdjointException("a search looks at 1 position or more, got " + simulations);
        }
        this.game = game;
        this.simulations = simulations;
        opinions = new Opinions(game, network, evaluator);
    }

    /// Searches.
    public Found search(Position position) {
        var search = searched(position);
        return new Found(search.value(), search.visits(game.moves()), search.values(game.moves()));
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
        for (int from = 0; from < different.size(); from += SIDE) {
            List<Position> some = different.subList(from, Math.min(from + SIDE, different.size()));
            searched(some).forEach(search -> moves.put(search.position(), search.most()));
        }
        return positions.stream().mapToInt(moves::get).toArray();
    }

    private Search searched(Position position) {
        return searched(List.of(position)).getFirst();
    }

    private List<Search> searched(List<? extends Position> positions) {
        List<Search> searches = positions.stream().map(Search::new).toList();
        opinions.search(searches, simulations);
        return searches;
    }
}
