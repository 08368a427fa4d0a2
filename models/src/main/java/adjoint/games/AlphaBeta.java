package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.ToIntFunction;

/// Looks ahead some moves and estimates what comes out: negamax with alpha-beta pruning (Knuth & Moore 1975). Of moves that come out
/// the same, one is drawn by chance, so that games differ.
public final class AlphaBeta implements Player {
    private static final int WIN = 1_000_000;

    private final int depth;
    private final ToIntFunction<Position> estimate;
    private final Chance chance;

    /// With an estimate of the library: in Connect Four lines that can still become four, by the square of the stones in them; in
    /// Othello squares to go to, and corners; in other games none.
    public AlphaBeta(int depth, long seed) {
        this(depth, AlphaBeta::estimate, seed);
    }

    /// @param depth how many moves it looks ahead, 1 or more
    /// @param estimate how good a position that is not over looks for the one whose turn it is; less than a million, either way
    /// @throws AdjointException if it does not look ahead
    public AlphaBeta(int depth, ToIntFunction<Position> estimate, long seed) {
        if (depth < 1) {
            throw new AdjointException("a player must look ahead by 1 move or more, got " + depth);
        }
        this.depth = depth;
        this.estimate = estimate;
        this.chance = new Chance(seed);
    }

    private static int estimate(Position position) {
        return switch (position) {
            case ConnectFour.Board board -> board.estimate();
            case Othello.Board board -> board.estimate();
            default -> 0;
        };
    }

    /// A position that a move leads to, and how it looks, or how it ended, for the one who moves then.
    private record Next(int move, Position position, boolean over, int estimate) {}

    @Override
    public int move(Position position) {
        long best = 0;
        int most = -2 * WIN;
        for (Next next : nexts(position, depth)) {
            // One less than the best, so that a move that is as good shows its exact value.
            int value = -value(next, depth - 1, -2 * WIN, 1 - most);
            if (value > most) {
                best = 0;
                most = value;
            }
            best |= value == most ? 1L << next.move : 0;
        }
        return Moves.drawn(best, chance);
    }

    private int value(Next at, int left, int alpha, int beta) {
        if (at.over) {
            return at.estimate + Integer.signum(at.estimate) * left; // sooner is more
        }
        if (left == 0) {
            return at.estimate;
        }
        int most = alpha;
        for (Next next : nexts(at.position, left)) {
            most = Math.max(most, -value(next, left - 1, -beta, -most));
            if (most >= beta) {
                break;
            }
        }
        return most;
    }

    /// Those that look best first.
    private Next[] nexts(Position position, int left) {
        long legal = position.legal();
        Next[] nexts = new Next[Long.bitCount(legal)];
        for (int i = 0; i < nexts.length; i++) {
            int move = Long.numberOfTrailingZeros(legal);
            Position after = position.play(move);
            boolean over = after.isOver();
            nexts[i] = new Next(move, after, over, over ? after.result() * WIN : estimate.applyAsInt(after));
            legal &= legal - 1;
        }
        if (left > 1) {
            Arrays.sort(nexts, Comparator.comparingInt(Next::estimate));
        }
        return nexts;
    }
}
