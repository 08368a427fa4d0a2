package adjoint.games;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/// A tree of what may come, searched where a network's opinion and what was found so far promise most (PUCT; Silver et al. 2017):
/// each step goes down by `Q + c P √N / (1 + n)` to a position that nobody has looked at, asks the network, and takes its opinion up.
///
/// What is certain is told apart from what is only thought (Winands et al. 2008): a position is won if a move wins, and lost if all
/// lose; moves that lose are not looked at again, and a search whose own position is certain is over.
final class Search {
    private static final double WIDENING = 1.5; // c
    private static final double UNSEEN = 0.25; // by how much worse than its parent a move is taken to be before it is tried

    private static final double CERTAIN = 1e9; // more than any score

    private static final int MOST = 512; // more moves than any game lasts

    private final Node root;
    private final Optional<Noise> noise;
    private final Node[] path = new Node[MOST];
    private final int[] taken = new int[MOST];
    private int depth;

    private static final class Node {
        final Position position;
        int[] moves = {};
        float[] priors = {};
        int[] visits = {};
        double[] totals = {};
        Node[] children = {};
        int seen;
        int proven; // 1 if the one whose turn it is wins for certain, -1 if it loses
        double total; // of all that was found from here, for the one whose turn it is

        Node(Position position) {
            this.position = position;
        }

        void expand(int count) {
            moves = new int[count];
            priors = new float[count];
            visits = new int[count];
            totals = new double[count];
            children = new Node[count];
        }
    }

    /// Mixed into what the network thinks of the first moves, so that each is tried now and then (Silver et al. 2017).
    ///
    /// @param share of the noise
    /// @param concentration of the Dirichlet distribution that it comes from
    record Noise(double share, double concentration, RandomGenerator random) {}

    Search(Position position) {
        this(position, Optional.empty());
    }

    Search(Position position, Optional<Noise> noise) {
        root = new Node(position);
        this.noise = noise;
    }

    Position position() {
        return root.position;
    }

    /// How often positions behind this one were looked at.
    int seen() {
        return root.seen;
    }

    /// Whether nothing is left to look at.
    ///
    /// @param simulations how many looks behind its own position are enough; 0: the network's first thought
    boolean isDone(int simulations) {
        return root.seen > simulations || root.proven != 0;
    }

    /// What was found of this position, from -1 to 1, for the one whose turn it is.
    double value() {
        return root.proven != 0 ? root.proven : root.seen == 0 ? 0 : root.total / root.seen;
    }

    /// What the search makes of the moves: shares of 1, by how often each was tried; if none was, what the network thinks. Only moves
    /// that win for certain have a share where there are any, and none that lose for certain unless all do.
    float[] policy(int moves) {
        double[] weights = weights();
        double sum = Arrays.stream(weights).sum();
        float[] shares = new float[moves];
        for (int i = 0; i < weights.length; i++) {
            shares[root.moves[i]] = (float) (weights[i] / sum);
        }
        return shares;
    }

    /// The move of the largest share; of equals the one that the network prefers.
    int most() {
        double[] weights = weights();
        int most = 0;
        for (int i = 1; i < weights.length; i++) {
            boolean better =
                    weights[i] == weights[most] ? root.priors[i] > root.priors[most] : weights[i] > weights[most];
            most = better ? i : most;
        }
        return root.moves[most];
    }

    private double[] weights() {
        double[] tried = weights(i -> root.proven > 0 ? 1 : root.visits[i]);
        return Arrays.stream(tried).sum() > 0 ? tried : weights(i -> root.priors[i] + Float.MIN_NORMAL);
    }

    // A move that is as certain as the position itself is one to choose.
    private double[] weights(IntToDoubleFunction weight) {
        return IntStream.range(0, root.moves.length)
                .mapToDouble(i -> certain(root, i) == root.proven ? weight.applyAsDouble(i) : 0)
                .toArray();
    }

    /// What is certain of a move, for the one who makes it.
    private static int certain(Node node, int i) {
        Node child = node.children[i];
        return child == null ? 0 : node.position.player() == child.position.player() ? child.proven : -child.proven;
    }

    /// What each move is worth, for the one who makes it; 0 where it was not tried.
    float[] values(int moves) {
        float[] all = new float[moves];
        for (int i = 0; i < root.moves.length; i++) {
            all[root.moves[i]] =
                    certain(root, i) != 0
                            ? certain(root, i)
                            : root.visits[i] == 0 ? 0 : (float) (root.totals[i] / root.visits[i]);
        }
        return all;
    }

    /// Goes down to a position that the network must be asked about; empty if the game was over there, and the step is done.
    Optional<Position> descend() {
        Node node = root;
        depth = 0;
        while (node.moves.length > 0) {
            int best = best(node);
            path[depth] = node;
            taken[depth++] = best;
            if (node.children[best] == null) {
                node.children[best] = new Node(node.position.play(node.moves[best]));
            }
            node = node.children[best];
        }
        path[depth] = node;
        if (node.position.isOver()) {
            node.proven = node.position.result();
            rise(node.proven);
            return Optional.empty();
        }
        if (winsAtOnce(node)) {
            rise(1);
            return Optional.empty();
        }
        return Optional.of(node.position);
    }

    /// Finds a move that wins, and then needs no opinion.
    private static boolean winsAtOnce(Node node) {
        int move = Moves.winning(node.position);
        if (move < 0) {
            return false;
        }
        var won = new Node(node.position.play(move));
        won.proven = won.position.result();
        node.expand(1);
        node.moves[0] = move;
        node.priors[0] = 1;
        node.children[0] = won;
        node.proven = 1;
        return true;
    }

    private static int best(Node node) {
        double mean = node.total / Math.max(1, node.seen);
        double wide = WIDENING * Math.sqrt(node.seen);
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < node.moves.length; i++) {
            int n = node.visits[i];
            int certain = certain(node, i);
            double q = n == 0 ? mean - UNSEEN : node.totals[i] / n;
            double score = certain == 0 ? q + wide * node.priors[i] / (1 + n) : certain * CERTAIN;
            if (score > most) {
                most = score;
                best = i;
            }
        }
        return best;
    }

    /// Takes the network's opinion of the position that [#descend] came to.
    ///
    /// @param logits of all moves
    void take(float[] logits, float value) {
        Node leaf = path[depth];
        long legal = leaf.position.legal();
        int count = Long.bitCount(legal);
        leaf.expand(count);
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++, legal &= legal - 1) {
            leaf.moves[i] = Long.numberOfTrailingZeros(legal);
            top = Math.max(top, logits[leaf.moves[i]]);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            leaf.priors[i] = (float) Math.exp(logits[leaf.moves[i]] - top);
            sum += leaf.priors[i];
        }
        for (int i = 0; i < count; i++) {
            leaf.priors[i] /= (float) sum;
        }
        if (leaf == root) {
            noise.ifPresent(this::disturb);
        }
        rise(value);
    }

    private void rise(double value) {
        path[depth].seen++;
        path[depth].total += value;
        for (int d = depth - 1; d >= 0; d--) {
            Node node = path[d];
            value = node.position.player() == path[d + 1].position.player() ? value : -value;
            node.seen++;
            node.visits[taken[d]]++;
            node.totals[taken[d]] += value;
            if (path[d + 1].proven != 0) {
                prove(node, taken[d]);
                value = node.proven != 0 ? node.proven : value;
            }
            node.total += value;
        }
    }

    /// What follows for a position from what has become certain of a move.
    private static void prove(Node node, int move) {
        if (certain(node, move) > 0) {
            node.proven = 1;
            return;
        }
        for (int i = 0; i < node.moves.length; i++) {
            if (certain(node, i) >= 0) {
                return;
            }
        }
        node.proven = -1;
    }

    private void disturb(Noise mixed) {
        double[] drawn = new double[root.priors.length];
        double sum = 0;
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = gamma(mixed.concentration, mixed.random);
            sum += drawn[i];
        }
        for (int i = 0; i < drawn.length && sum > 0; i++) {
            root.priors[i] = (float) ((1 - mixed.share) * root.priors[i] + mixed.share * drawn[i] / sum);
        }
    }

    // Marsaglia & Tsang 2000; below 1 from that of one more, times u^(1/a).
    private static double gamma(double a, RandomGenerator random) {
        if (a < 1) {
            return gamma(a + 1, random) * Math.pow(random.nextDouble(), 1 / a);
        }
        double d = a - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
                return d * v;
            }
        }
    }
}
