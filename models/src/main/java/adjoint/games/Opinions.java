package adjoint.games;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a network thinks of positions, for searches side by side: it is asked about all that they come to at once, and about none twice
/// until it has learned, for a search meets much that the one of the move before has met.
final class Opinions {
    private static final int MOST = 400_000; // 60 MB of Connect Four, twice that of Othello

    private final Game game;
    private final PolicyValue network;
    private final Evaluator evaluator;
    private final List<Parameter> parameters;
    private final Map<Position, Opinion> known = new HashMap<>();
    private long version;

    private record Opinion(float[] logits, float value) {}

    Opinions(Game game, PolicyValue network, Evaluator evaluator) {
        this.game = game;
        this.network = network;
        this.evaluator = evaluator;
        parameters = List.copyOf(network.parameters().values());
    }

    /// Ends these searches.
    ///
    /// @param simulations how many positions behind its own each looks at
    void search(List<Search> searches, int simulations) {
        while (advance(searches, simulations)) {}
    }

    /// Goes on with searches until each is at its end or has a question, and asks the network these questions.
    ///
    /// @return whether there were any
    boolean advance(List<Search> searches, int simulations) {
        forget();
        Map<Position, List<Search>> asking = new LinkedHashMap<>();
        for (Search search : searches) {
            while (!search.isDone(simulations)) {
                Optional<Position> leaf = search.descend();
                if (leaf.isEmpty()) {
                    continue;
                }
                Opinion opinion = known.get(leaf.get());
                if (opinion == null) {
                    asking.computeIfAbsent(leaf.get(), p -> new ArrayList<>()).add(search);
                    break;
                }
                search.take(opinion.logits, opinion.value);
            }
        }
        if (!asking.isEmpty()) {
            ask(asking);
        }
        return !asking.isEmpty();
    }

    private void ask(Map<Position, List<Search>> asking) {
        var opinion = network.opinion(game, List.copyOf(asking.keySet()), evaluator);
        float[] logits = opinion.logits().toFloats();
        float[] values = opinion.values().toFloats();
        int i = 0;
        for (var asked : asking.entrySet()) {
            float[] own = new float[game.moves()];
            System.arraycopy(logits, i * own.length, own, 0, own.length);
            requireFinite(values[i], own);
            known.put(asked.getKey(), new Opinion(own, values[i]));
            for (Search search : asked.getValue()) {
                search.take(own, values[i]);
            }
            i++;
        }
    }

    private void requireFinite(float value, float... logits) {
        boolean finite = Float.isFinite(value);
        for (float logit : logits) {
            finite &= Float.isFinite(logit);
        }
        if (!finite) {
            throw new AdjointException(
                    "what the network thinks of a position of "
                            + game.name()
                            + " is NaN or infinite: its weights are too large, as after a learning rate that was");
        }
    }

    private void forget() {
        long now = parameters.stream().mapToLong(Parameter::version).sum();
        if (now != version || known.size() > MOST) {
            known.clear();
            version = now;
        }
    }
}
