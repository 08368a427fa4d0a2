package adjoint.cli;

import adjoint.data.DataException;
import adjoint.games.Game;
import adjoint.games.NetworkPlayer;
import adjoint.games.Policy;
import adjoint.games.PolicyValue;
import adjoint.io.SafeTensors;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.train.RunFolder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// A training in a game that lies in a folder.
///
/// @param folder where it lies
/// @param game what was played, by what network
record GameRun(Path folder, GameBlueprint game) {
    /// The part of `run.json` that brings a network back.
    ///
    /// @param game none if it was no training in a game
    record Facts(GameBlueprint game) {}

    /// The run in that folder.
    ///
    /// @param name of the game that is wanted
    static GameRun open(Path folder, String name) throws IOException {
        Path asked = SavedRun.folder(java.util.Optional.of(folder));
        Facts facts = SavedRun.read(SavedRun.record(asked), Facts.class);
        if (facts.game() == null) {
            throw new DataException(folder + " is no training in a game: begin with adjoint train game " + name);
        }
        if (!facts.game().name().equals(name)) {
            throw new DataException(
                    folder
                            + " has learned "
                            + facts.game().name()
                            + ", not "
                            + name
                            + ": adjoint play "
                            + facts.game().name()
                            + " --agent "
                            + folder);
        }
        return new GameRun(folder, facts.game());
    }

    /// Sends those who want something else of a training in a game to where it is played.
    ///
    /// @throws DataException if the folder holds one
    static void refuse(Path folder) throws IOException {
        Facts facts = SavedRun.read(SavedRun.record(folder), Facts.class);
        if (facts.game() != null) {
            String name = facts.game().name();
            throw new DataException(
                    folder
                            + " has learned the game "
                            + name
                            + ": see it with adjoint play "
                            + name
                            + " --agent "
                            + folder);
        }
    }

    /// Acts as was learned, in a task for one.
    Policy policy(Evaluator evaluator) throws IOException {
        GameBlueprint.Acting acting = game.acting(SavedRun.toBeLoaded(), evaluator);
        load(acting.parameters());
        return acting.policy();
    }

    /// Plays as was learned, in a game for two.
    NetworkPlayer player(Game rules, int simulations, Evaluator evaluator) throws IOException {
        PolicyValue network = game.policyValue(SavedRun.toBeLoaded());
        load(network.parameters());
        return new NetworkPlayer(rules, network, simulations, evaluator);
    }

    private void load(Map<String, Parameter> parameters) throws IOException {
        Path weights = folder.resolve(RunFolder.BEST);
        SafeTensors.read(weights).load(parameters);
        SavedRun.requireFinite(weights, parameters);
    }
}
