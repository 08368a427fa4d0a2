package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.Arrays;

/// Knows how a game of [ConnectFour] ends if nobody makes a mistake: searches to the end of the game.
///
/// A score is positive if the one whose turn it is wins, and larger the sooner: 22 less the stones of the winner in
/// the end; negative if the other wins, in the same way; 0 if it is a draw.
///
/// Negamax with alpha-beta (Knuth & Moore 1975) and windows of width 1, halved until the score is found; a table of positions whose
/// bounds are known; moves that make most threats first, then those in the middle; moves that lose at once never. For one thread at a
/// time; what one question has put into the table helps with the next.
///
/// The score of a random position takes 50 ms on average with 12 stones on the board and 5 ms with 16; the hardest take some hundred
/// times that, and with few stones it may be minutes.
public final class ConnectFourSolver {
    /// The score of a move that is not allowed.
    public static final int ILLEGAL = Integer.MIN_VALUE;

    private static final int MOST = ConnectFour.STONES / 2; // the largest score, more than can be reached
    private static final int[] FROM_THE_MIDDLE = {3, 2, 4, 1, 5, 0, 6};

    private static final int SOLVED = 8; // stones from which on an answer takes seconds
    private static final int QUICK = 12; // and from which on not even that

    /// Up to so many stones a position is the same as its mirror image; later that costs more than it saves.
    private static final int MIRRORED = 14;

    // An entry: a position's key, and in the lower 8 bits what its score is at most (1 to 63) or at least (64 + 1 to 63); 0 where nothing is.
    private static final int BOUND_BITS = 8;
    private static final int AT_LEAST = 64;
    private static final int ZERO = 32;

    private final long[] table;
    private final int shift;
    private final long[][] moves = new long[ConnectFour.STONES][ConnectFour.COLUMNS]; // by stones on the board

    /// With a table of 4 million positions, 32 MB.
    public ConnectFourSolver() {
        this(22);
    }

    /// @param bits of the table's size: it has room for 2^bits positions of 8 bytes
    /// @throws AdjointException if that is less than 10 or more than 28
    public ConnectFourSolver(int bits) {
        if (bits < 10 || bits > 28) {
            throw new AdjointException("a solver's table has 2^10 to 2^28 positions, got 2^" + bits);
        }
        table = new long[1 << bits];
        shift = Long.SIZE - bits;
    }

    /// The score of a position that is not over.
    ///
    /// @throws AdjointException if it is over, or none of Connect Four
    public int score(Position position) {
        return score(board(position), MOST);
    }

    /// The score of each move, for the one who makes it: 7 numbers, [#ILLEGAL] where it is not allowed.
    ///
    /// @throws AdjointException if the game is over, or none of Connect Four
    public int[] scores(Position position) {
        return scores(position, MOST);
    }

    /// The moves after which the game still ends as well as it can, won, drawn or lost, as bits: all that are allowed if it is lost.
    ///
    /// @throws AdjointException if the game is over, or none of Connect Four
    public long best(Position position) {
        return most(scores(position, 1));
    }

    /// The moves with the highest score, as bits: of [#best(Position)] those that win the soonest or lose the latest.
    ///
    /// @throws AdjointException if the game is over, or none of Connect Four
    public long fastest(Position position) {
        return most(scores(position, MOST));
    }

    /// Plays without fault from 8 stones on, and from 12 on the fastest moves; before that, where an answer may take minutes, it looks 8
    /// moves ahead. With 8 stones an answer takes seconds. Of moves that are equally good, one is drawn by chance.
    public Player player(long seed) {
        var early = new AlphaBeta(8, Chance.of(seed, 0).nextLong());
        var chance = Chance.of(seed, 1);
        return position -> {
            ConnectFour.Board board = board(position);
            int stones = Long.bitCount(board.own() | board.other());
            if (stones < SOLVED) {
                return early.move(position);
            }
            return Moves.drawn(stones < QUICK ? best(position) : fastest(position), chance);
        };
    }

    private static long most(int[] scores) {
        int most = Arrays.stream(scores).max().orElseThrow();
        long moves = 0;
        for (int c = 0; c < scores.length; c++) {
            moves |= scores[c] == most ? 1L << c : 0;
        }
        return moves;
    }

    private static ConnectFour.Board board(Position position) {
        if (!(position instanceof ConnectFour.Board board)) {
            throw new AdjointException(
                    "this solver knows positions of connect-four only, got a " + position.getClass().getSimpleName());
        }
        if (board.isOver()) {
            throw new AdjointException("the game is over, so there is nothing to solve: ask result()");
        }
        return board;
    }

    /// @param most up to what, either way, the scores are wanted: 1 tells won, drawn and lost apart
    private int[] scores(Position position, int most) {
        var board = board(position);
        int[] scores = new int[ConnectFour.COLUMNS];
        for (int c = 0; c < scores.length; c++) {
            if (!Moves.contains(board.legal(), c)) {
                scores[c] = ILLEGAL;
                continue;
            }
            var next = (ConnectFour.Board) board.play(c);
            if (next.isOver()) {
                scores[c] = next.result() == 0 ? 0 : Math.min(most, won(Long.bitCount(board.own() | board.other())));
            } else {
                scores[c] = -score(next, most);
            }
        }
        return scores;
    }

    private int score(ConnectFour.Board board, int most) {
        long own = board.own();
        long stones = own | board.other();
        int count = Long.bitCount(stones);
        if ((wins(own, stones) & places(stones)) != 0) {
            return Math.min(most, won(count));
        }
        int low = Math.max(-most, -won(count + 1));
        int high = Math.min(most, won(count + 2));
        while (low < high) {
            // Whether it is won, drawn or lost comes first, since scores near 0 are the most expensive.
            int middle = low + (high - low) / 2;
            if (middle <= 0 && low / 2 < middle) {
                middle = low / 2;
            } else if (middle >= 0 && high / 2 > middle) {
                middle = high / 2;
            }
            if (search(own, stones, count, middle, middle + 1) <= middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /// The score of the one who wins with the next stone, if there are so many now.
    private static int won(int stones) {
        return (ConnectFour.STONES + 1 - stones) / 2;
    }

    /// Where a stone can fall to.
    private static long places(long stones) {
        return stones + ConnectFour.BOTTOM & ConnectFour.ALL;
    }

    /// Empty squares that make four.
    private static long wins(long own, long stones) {
        return ConnectFour.wins(own) & ConnectFour.ALL & ~stones;
    }

    /// The score of a position whose next stone does not win, or a bound of it that lies on the same side of the window.
    private int search(long own, long stones, int count, int alpha, int beta) {
        long theirs = wins(own ^ stones, stones);
        long safe = places(stones);
        long forced = safe & theirs;
        if (forced != 0) {
            if ((forced & forced - 1) != 0) {
                return -won(count + 1); // they win in two places
            }
            safe = forced;
        }
        safe &= ~(theirs >>> 1); // not below a square where they win
        if (safe == 0) {
            return -won(count + 1);
        }
        if (count >= ConnectFour.STONES - 2) {
            return 0;
        }
        alpha = Math.max(alpha, -won(count + 3)); // they do not win with their next stone
        beta = Math.min(beta, won(count + 2));
        if (alpha >= beta) {
            return alpha;
        }

        long key = key(own, stones, count);
        int slot = (int) (key * 0x9E3779B97F4A7C15L >>> shift);
        long entry = table[slot];
        if (entry >>> BOUND_BITS == key) {
            int bound = (int) (entry & (1 << BOUND_BITS) - 1);
            if (bound > AT_LEAST) {
                alpha = Math.max(alpha, bound - AT_LEAST - ZERO);
            } else {
                beta = Math.min(beta, bound - ZERO);
            }
            if (alpha >= beta) {
                return bound > AT_LEAST ? alpha : beta;
            }
        }

        long[] ordered = moves[count];
        int n = order(ordered, own, stones, safe);
        for (int i = 0; i < n; i++) {
            int score = -search(own ^ stones, stones | ordered[i], count + 1, -beta, -alpha);
            if (score >= beta) {
                table[slot] = key << BOUND_BITS | score + ZERO + AT_LEAST;
                return score;
            }
            alpha = Math.max(alpha, score);
        }
        table[slot] = key << BOUND_BITS | alpha + ZERO;
        return alpha;
    }

    /// Writes the moves, those with the most threats first, and of these the middle ones.
    private static int order(long[] ordered, long own, long stones, long safe) {
        int n = 0;
        long threats = 0; // of each of them, 8 bits each
        for (int c : FROM_THE_MIDDLE) {
            long move = safe & ConnectFour.column(c);
            if (move != 0) {
                int made = Long.bitCount(wins(own | move, stones | move));
                int at = n++;
                while (at > 0 && (threats >>> 8 * (at - 1) & 0xFF) < made) {
                    ordered[at] = ordered[at - 1];
                    at--;
                }
                ordered[at] = move;
                long below = threats & (1L << 8 * at) - 1;
                threats = below | (long) made << 8 * at | threats - below << 8;
            }
        }
        return n;
    }

    /// A number that only equal positions have, or their mirror images: in each column the stones below a 1, as 1 where they are own.
    private static long key(long own, long stones, int count) {
        long key = own + stones + ConnectFour.BOTTOM;
        return count > MIRRORED ? key : Math.min(key, ConnectFour.mirrored(key));
    }
}
