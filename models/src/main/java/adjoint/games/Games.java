package adjoint.games;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// The games for two that come with Adjoint.
public final class Games {
    private Games() {}

    /// Each by its name: `tic-tac-toe`, `connect-four`, `othello-6x6`.
    public static SequencedMap<String, Game> byName() {
        var all = new LinkedHashMap<String, Game>();
        for (Game game : List.of(new TicTacToe(), new ConnectFour(), new Othello())) {
            all.put(game.name(), game);
        }
        return Collections.unmodifiableSequencedMap(all);
    }
}
