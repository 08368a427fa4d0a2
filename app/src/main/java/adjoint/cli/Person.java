package adjoint.cli;

import adjoint.games.Game;
import adjoint.games.Player;
import adjoint.games.Position;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Someone at the keyboard.
final class Person implements Player {
    private static final String QUESTION = "?";

    private final Game game;
    private final BufferedReader in;
    private final PrintWriter out;
    private final Consumer<Position> hint;

    /// Who does not want to go on, or has nothing more to say.
    static final class Leaves extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Leaves() {}
    }

    /// @param hint says what the other thinks of a position
    Person(Game game, BufferedReader in, PrintWriter out, Consumer<Position> hint) {
        this.game = game;
        this.in = in;
        this.out = out;
        this.hint = hint;
    }

    @Override
    public int move(Position position) {
        String legal = position.moves().mapToObj(game::describe).collect(Collectors.joining(" "));
        while (true) {
            out.print("your move (" + legal + ", ? for advice, q to leave): ");
            out.flush();
            String line = line();
            if (line.equals(QUESTION)) {
                hint.accept(position);
                continue;
            }
            var move = position.moves().filter(m -> game.describe(m).equals(line)).findFirst();
            if (move.isPresent()) {
                return move.getAsInt();
            }
            if (!line.isEmpty()) {
                out.println("'" + line + "' is none of the moves " + legal);
            }
        }
    }

    private String line() {
        try {
            String read = in.readLine();
            String line = read == null ? "q" : read.strip().toLowerCase(Locale.ROOT);
            if (line.matches("q|quit|exit")) {
                throw new Leaves();
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read your move: " + e.getMessage(), e);
        }
    }
}
