package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.HashMap;
import java.util.Map;

/// Plays a small game without fault: searches it to the end, once, and remembers every position. Of moves that are equally good, one
/// is drawn by chance.
public final class PerfectPlayer implements Player {
    private static final int MOST = 4_000_000; // half a gigabyte

    private final Map<Position, Integer> values = new HashMap<>();
    private final Chance chance;

    /// From a seed.
    public PerfectPlayer(long seed) {
        chance = new Chance(seed);
    }

    @Override
    public int move(Position position) {
        return Moves.drawn(best(position), chance);
    }

    /// How the game ends for the one whose turn it is, if nobody makes a mistake: 1 won, 0 drawn, -1 lost.
    ///
    /// @throws AdjointException if more positions than memory has room for can follow
    public int value(Position position) {
        if (position.isOver()) {
            return position.result();
        }
        Integer known = values.get(position);
        if (known != null) {
            return known;
        }
        if (values.size() == MOST) {
            throw new AdjointException(
                    "a perfect player remembers all positions, and this game has more than "
                            + MOST
                            + ": ask it later in the game, or take a player that looks less far ahead, as AlphaBeta");
        }
        int most = -1;
        for (long left = position.legal(); left != 0; left &= left - 1) {
            most = Math.max(most, valueAfter(position, left));
        }
        values.put(position, most);
        return most;
    }

    /// All moves that keep that value, as bits; none if the game is over.
    public long best(Position position) {
        int value = value(position);
        long best = 0;
        for (long left = position.legal(); left != 0; left &= left - 1) {
            best |= valueAfter(position, left) == value ? Long.lowestOneBit(left) : 0;
        }
        return best;
    }

    private int valueAfter(Position position, long moves) {
        return -value(position.play(Long.numberOfTrailingZeros(moves)));
    }
}
