package adjoint.games;

/// Plays any move that is allowed, each as likely.
///
/// @param chance where it takes its moves from
public record RandomPlayer(Chance chance) implements Player {
    /// From a seed.
    public RandomPlayer(long seed) {
        this(new Chance(seed));
    }

    @Override
    public int move(Position position) {
        return Moves.drawn(position.legal(), chance);
    }
}
