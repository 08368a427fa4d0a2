package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// Sets of moves, as bits.
final class Moves {
    private Moves() {}

    static boolean contains(long set, int move) {
        return move >= 0 && move < Long.SIZE && (set >>> move & 1) != 0;
    }

    /// The first move that wins at once, or -1.
    static int winning(Position position) {
        for (long left = position.legal(); left != 0; left &= left - 1) {
            int move = Long.numberOfTrailingZeros(left);
            Position next = position.play(move);
            if (next.isOver() && next.result() == (next.player() == position.player() ? 1 : -1)) {
                return move;
            }
        }
        return -1;
    }

    /// One of a set that is not empty, each as likely.
    static int drawn(long set, RandomGenerator random) {
        long left = set;
        for (int skipped = random.nextInt(Long.bitCount(set)); skipped > 0; skipped--) {
            left &= left - 1;
        }
        return Long.numberOfTrailingZeros(left);
    }

    static void require(Game game, Position position, int move) {
        long legal = position.legal();
        if (contains(legal, move)) {
            return;
        }
        if (legal == 0) {
            throw new AdjointException(game.name() + " is over: no move can be made any more");
        }
        throw new AdjointException(
                (move < 0 || move >= game.moves()
                                ? "moves of " + game.name() + " are numbers from 0 to " + (game.moves() - 1)
                                : "the move " + game.describe(move) + " is not allowed in this position of " + game.name())
                        + ", got "
                        + move
                        + "; allowed are "
                        + position.moves()
                                .mapToObj(m -> m + " (" + game.describe(m) + ")")
                                .collect(Collectors.joining(", ")));
    }

    static void requireOver(Game game, Position position) {
        if (!position.isOver()) {
            throw new AdjointException(game.name() + " has no result yet: ask isOver() first, and play on until it is");
        }
    }
}
