package adjoint.games;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;

import java.util.List;
import java.util.Optional;

/// Plays by a network's opinion and a [Search] guided by it; of the moves tried most often, the first.
public final class NetworkPlayer implements Player {
    private final Game game;
    private final PolicyValue network;
    private final int simulations;
    private final Evaluator evaluator;

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
        this.network = network;
        this.simulations = simulations;
        this.evaluator = evaluator;
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

    private Search searched(Position position) {
        var search = new Search(position);
        while (search.seen() <= simulations) { // the first only asks about the position itself
            Optional<Position> leaf = search.descend();
            if (leaf.isPresent()) {
                var opinion = network.opinion(game, List.of(leaf.get()), evaluator);
                search.take(opinion.logits().toFloats(), 0, opinion.values().toFloats()[0]);
            }
        }
        return search;
    }
}
