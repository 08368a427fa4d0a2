package adjoint.games;

import java.util.List;

/// Someone who plays a [Game]. For one thread at a time.
@FunctionalInterface
public interface Player {
    /// Chooses a move; the game is not over.
    int move(Position position);

    /// Chooses moves in several positions, one after the other, or all at once where that is faster.
    default int[] moves(List<? extends Position> positions) {
        return positions.stream().mapToInt(this::move).toArray();
    }
}
