package adjoint.cli;

import adjoint.data.DataException;
import adjoint.games.Game;
import adjoint.games.NetworkPlayer;
import adjoint.games.Policy;
import adjoint.games.PolicyValue;
import adjoint.io.SafeTensors;
import adjoint.nn.Init;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.train.RunFolder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A training in a game that lies in a folder.
///
/// @param folder where it lies
/// @param game what was played, by what network
record GameRun(Path folder, GameBlueprint game) {
    /// The part of `run.json` that brings a network back.
    ///
    /// @param game none if it was no training in a game
    record Facts(GameBlueprint game) {}

    /// The run in that folder; empty if it is no training in a game.
    static Optional<GameRun> find(Path folder) throws IOException {
        Facts facts = SavedRun.read(SavedRun.record(folder), Facts.class);
        return Optional.ofNullable(facts.game()).map(game -> new GameRun(folder, game));
    }

    /// The run in that folder.
    ///
    /// @param name of the game that is wanted
    static GameRun open(Path folder, String name) throws IOException {
        SavedRun.folder(Optional.of(folder));
        GameRun run =
                find(folder)
                        .orElseThrow(() ->
                                new DataException(
                                        folder + " is no training in a game: begin with adjoint train game " + name));
        if (!run.game.name().equals(name)) {
            throw new DataException(
                    folder + " has learned " + run.game.name() + ", not " + name + ": " + run.command());
        }
        return run;
    }

    /// Sends those who want something else of it to where it is played.
    DataException refusal() {
        return new DataException(folder + " has learned the game " + game.name() + ": see it with " + command());
    }

    private String command() {
        return "adjoint play " + game.name() + " --agent " + folder;
    }

    /// Acts as was learned, in a task for one.
    Policy policy(Evaluator evaluator) throws IOException {
        GameBlueprint.Acting acting = loaded(init -> game.acting(init, evaluator), GameBlueprint.Acting::parameters);
        return acting.policy();
    }

    /// Plays as was learned, in a game for two.
    NetworkPlayer player(Game rules, int simulations, Evaluator evaluator) throws IOException {
        return new NetworkPlayer(rules, loaded(game::policyValue, PolicyValue::parameters), simulations, evaluator);
    }

    private <N> N loaded(Function<Init, N> network, Function<N, Map<String, Parameter>> parameters) throws IOException {
        SavedRun.requireRoom(folder, game.refusal());
        Path weights = folder.resolve(RunFolder.BEST);
        SafeTensors saved = SafeTensors.read(weights); // before any weight is made
        N made;
        try {
            made = network.apply(Init.blank());
        } catch (AdjointException e) {
            throw new DataException(folder.resolve(RunFolder.RECORD) + " is damaged: " + e.getMessage(), e);
        }
        saved.load(parameters.apply(made));
        SavedRun.requireFinite(weights, parameters.apply(made));
        return made;
    }
}
