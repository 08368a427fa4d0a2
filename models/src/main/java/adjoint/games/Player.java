package adjoint.games;

/// Someone who plays a [Game]. For one thread at a time.
@FunctionalInterface
public interface Player {
    /// Chooses a move; the game is not over.
    int move(Position position);
}
