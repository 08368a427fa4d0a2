package adjoint.games;

import java.util.stream.IntStream;

/// A position of a [Game]: immutable, equal to all that are the same for the rest of the game.
public interface Position {
    /// Whose turn it is: 0, who began, or 1.
    int player();

    /// The moves that may be made, one bit each; none if the game is over.
    long legal();

    /// The same as numbers, rising.
    default IntStream moves() {
        long legal = legal();
        return IntStream.range(0, Long.SIZE).filter(m -> Moves.contains(legal, m));
    }

    /// The position after a move.
    ///
    /// @throws adjoint.tensor.AdjointException if it is not allowed
    Position play(int move);

    /// Whether the game is over.
    boolean isOver();

    /// How it ended for the one whose turn it would be: 1 won, 0 drawn, -1 lost.
    ///
    /// @throws adjoint.tensor.AdjointException if it is not over
    int result();

    /// Writes the planes, `[H, W, C]`, as the one whose turn it is sees them: first its own stones, then the other's.
    void observe(float[] target, int offset);

    /// The same position on a board that is turned or mirrored.
    ///
    /// @param symmetry below [Game#symmetries()]
    Position turned(int symmetry);

    /// The board, for a terminal.
    String text();
}
