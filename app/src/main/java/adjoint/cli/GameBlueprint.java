package adjoint.cli;

import adjoint.data.DataException;
import adjoint.games.Actions;
import adjoint.games.ActorCritic;
import adjoint.games.Body;
import adjoint.games.Dqn;
import adjoint.games.Environment;
import adjoint.games.Environments;
import adjoint.games.Game;
import adjoint.games.Games;
import adjoint.games.Policy;
import adjoint.games.PolicyValue;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What is played, and by what network.
///
/// @param name of the game
/// @param algorithm that learns
/// @param channels of the convolutions
/// @param hidden sizes of dense layers; of tasks for one
/// @param blocks of two convolutions each; of games for two
record GameBlueprint(String name, Algorithm algorithm, List<Integer> channels, List<Integer> hidden, int blocks) {
    /// Most channels or neurons of a layer.
    static final int WIDEST = 4096;

    /// Most residual blocks, or layers.
    static final int DEEPEST = 100;

    private static final int NETWORKS = 2; // actor and critic, or one that learns and one that plays or is older

    /// How a game is learned.
    enum Algorithm {
        DQN,
        REINFORCE,
        A2C,
        PPO,
        SELF_PLAY
    }

    /// @throws DataException if there is no such game, or something is missing
    GameBlueprint {
        if (name == null || algorithm == null || channels == null || hidden == null) {
            throw new DataException("it does not say what game and network it was");
        }
        if (!names().contains(name)) {
            throw new DataException("there is no game '" + name + "'");
        }
        boolean pair = Games.byName().containsKey(name);
        boolean sound =
                pair == (algorithm == Algorithm.SELF_PLAY)
                        && (pair
                                ? channels.size() == 1 && hidden.isEmpty() && blocks >= 0 && blocks <= DEEPEST
                                : channels.size() <= DEEPEST && hidden.size() <= DEEPEST && blocks == 0)
                        && Stream.concat(channels.stream(), hidden.stream())
                                .allMatch(n -> n != null && n >= 1 && n <= WIDEST);
        if (!sound) {
            throw new DataException("it does not say what network has learned " + name);
        }
        channels = List.copyOf(channels);
        hidden = List.copyOf(hidden);
    }

    /// Of all games.
    static List<String> names() {
        return Stream.concat(Environments.byName().keySet().stream(), Games.byName().keySet().stream()).toList();
    }

    /// The game, if it is one for two.
    Optional<Game> game() {
        return Optional.ofNullable(Games.byName().get(name));
    }

    /// The game, if it is one for one.
    Supplier<Environment> environment() {
        return Environments.byName().get(name);
    }

    /// Why it cannot be trained on this machine, if that is so; known before a weight is drawn.
    Optional<String> refusal() {
        double all = 0;
        double largest = 0;
        for (double[] layer : layers()) { // inputs of a neuron, neurons
            all += NETWORKS * (layer[0] + 1) * layer[1];
            largest = Math.max(largest, layer[0] * layer[1]);
        }
        return Network.refusal(all, largest, Machine.memory(), Runtime.getRuntime().maxMemory());
    }

    private List<double[]> layers() {
        Shape seen = game().map(Game::planes).orElseGet(() -> environment().get().observation());
        List<double[]> layers = new ArrayList<>();
        double before = seen.dim(seen.rank() - 1);
        double cells = seen.size() / before;
        for (int more : channels) {
            layers.add(new double[] {9 * before, more});
            before = more;
        }
        for (int i = 0; i < 2 * blocks; i++) {
            layers.add(new double[] {9 * before, before});
        }
        if (game().isPresent()) {
            layers.add(new double[] {before, 4 + 4}); // what policy and value look at
            layers.add(new double[] {4 * cells, game().get().moves() + 64.0});
            return layers;
        }
        before *= cells;
        for (int size : hidden) {
            layers.add(new double[] {before, size});
            before = size;
        }
        layers.add(new double[] {before, environment().get().actions() instanceof Actions.Discrete d ? d.count() : 1});
        return layers;
    }

    private Body body() {
        return new Body(channels, hidden);
    }

    /// A network that values actions.
    Layer values(Init init) {
        return Dqn.network(environment().get(), body(), init);
    }

    /// Networks that act and judge.
    ActorCritic actorCritic(Init init) {
        return ActorCritic.of(environment().get(), body(), init);
    }

    /// A network for a game for two.
    PolicyValue policyValue(Init init) {
        return PolicyValue.of(game().orElseThrow(), channels.getFirst(), blocks, init);
    }

    /// What was learned of a task for one.
    ///
    /// @param parameters whose values are to be loaded
    record Acting(Policy policy, SequencedMap<String, Parameter> parameters) {}

    /// A policy whose weights are still to be loaded.
    Acting acting(Init init, Evaluator evaluator) {
        if (algorithm == Algorithm.DQN) {
            Layer values = values(init);
            return new Acting(Dqn.policy(values, evaluator), values.parameters());
        }
        ActorCritic networks = actorCritic(init);
        if (algorithm == Algorithm.REINFORCE) {
            networks = new ActorCritic(networks.actor(), (x, _) -> x, networks.logDeviation());
        }
        return new Acting(networks.policy(evaluator), networks.parameters());
    }

    /// In words.
    String describe() {
        return Stream.of(
                        channels.isEmpty() ? "" : "convolutions " + listed(channels),
                        blocks == 0 ? "" : Words.count(blocks, "residual block"),
                        hidden.isEmpty() ? "" : "dense layers " + listed(hidden))
                .filter(part -> !part.isEmpty())
                .reduce((a, b) -> a + ", " + b)
                .orElse("a linear layer");
    }

    private static String listed(List<Integer> sizes) {
        return sizes.toString().replaceAll("[\\[\\]]", "");
    }
}
