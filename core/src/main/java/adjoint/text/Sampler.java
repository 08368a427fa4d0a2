package adjoint.text;

import adjoint.kernel.Philox;
import adjoint.tensor.AdjointException;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.IntStream;

/// How the next token is chosen by its logits.
///
/// The chain is: the repetition penalty (Keskar et al. 2019) divides positive logits of tokens that occurred, and multiplies
/// negative ones; the temperature divides all; of these the `topK` largest are kept (Fan et al. 2018); of those the most likely
/// whose probabilities add up to `topP` at least (Holtzman et al. 2020); one of them is drawn.
///
/// @param temperature 0 takes the most likely, 1 draws by the network's own probabilities
/// @param topK how many are kept; 0: all
/// @param topP the share of probability that is kept, in (0, 1]
/// @param repetitionPenalty 1: none
/// @param seed of the draws
public record Sampler(double temperature, int topK, double topP, double repetitionPenalty, long seed) {
    private static final long STREAM = 0x5A3C; // apart from those that shuffle and initialise

    /// @throws AdjointException if a number makes no sense
    public Sampler {
        require(
                temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
                "a temperature of 0 or more, got " + temperature);
        require(topK >= 0, "a top k of 0 (all) or more, got " + topK);
        require(topP > 0 && topP <= 1, "a top p above 0, at most 1, got " + topP);
        require(
                repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
                "a repetition penalty above 0 (1: none), got " + repetitionPenalty);
    }

    private static void require(boolean holds, String needed) {
        if (!holds) {
            throw new AdjointException("drawing tokens needs " + needed);
        }
    }

    /// By the network's own probabilities.
    public Sampler(long seed) {
        this(1, 0, 1, 1, seed);
    }

    /// Always the most likely.
    public static Sampler greedy() {
        return new Sampler(0, 0, 1, 1, 0);
    }

    /// With another temperature.
    public Sampler temperature(double t) {
        return new Sampler(t, topK, topP, repetitionPenalty, seed);
    }

    /// With so many kept.
    public Sampler topK(int k) {
        return new Sampler(temperature, k, topP, repetitionPenalty, seed);
    }

    /// With this share of probability kept.
    public Sampler topP(double p) {
        return new Sampler(temperature, topK, p, repetitionPenalty, seed);
    }

    /// With another penalty for what occurred.
    public Sampler repetitionPenalty(double penalty) {
        return new Sampler(temperature, topK, topP, penalty, seed);
    }

    /// The token chosen.
    ///
    /// @param logits one for each token
    /// @param seen the tokens so far
    /// @param draw the number of the draw: the same gives the same
    /// @throws AdjointException if a logit is NaN
    public int choose(float[] logits, Collection<Integer> seen, long draw) {
        requireNumbers(logits);
        double[] scores = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).toArray();
        if (repetitionPenalty != 1) {
            for (int id : seen) {
                scores[id] = logits[id] > 0 ? logits[id] / repetitionPenalty : logits[id] * repetitionPenalty;
            }
        }
        if (temperature == 0) {
            return IntStream.range(0, scores.length).reduce((a, b) -> scores[b] > scores[a] ? b : a).orElseThrow();
        }
        int[] order = order(scores);
        int kept = topK > 0 ? Math.min(topK, order.length) : order.length;
        double highest = scores[order[0]];
        double[] weights = new double[kept];
        double sum = 0;
        for (int i = 0; i < kept; i++) {
            weights[i] = Math.exp((scores[order[i]] - highest) / temperature);
            sum += weights[i];
        }
        if (topP < 1) {
            double wanted = topP * sum;
            sum = 0;
            int n = 0;
            while (n < kept && sum < wanted) {
                sum += weights[n++];
            }
            kept = n;
        }
        double at = Philox.uniform(seed, STREAM, draw) * sum;
        int chosen = 0;
        while (chosen < kept - 1 && at >= weights[chosen]) {
            at -= weights[chosen++];
        }
        return order[chosen];
    }

    // Ids by falling score, the lower one first of two alike.
    private static int[] order(double... scores) {
        long[] keys = new long[scores.length];
        for (int i = 0; i < keys.length; i++) {
            int bits = Float.floatToIntBits((float) -scores[i] + 0f); // no -0
            int rising = bits ^ (bits >> 31 & Integer.MAX_VALUE); // as floats are
            keys[i] = (long) rising << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(k -> (int) k).toArray();
    }

    private static void requireNumbers(float... logits) {
        for (int id = 0; id < logits.length; id++) {
            if (Float.isNaN(logits[id])) {
                throw new AdjointException(
                        "the logit of token " + id + " is NaN: the network's weights are broken, or its input is");
            }
        }
    }

    /// The logarithms of the probabilities.
    static double[] logProbabilities(float[] logits) {
        requireNumbers(logits);
        double highest = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
        double sum = IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - highest)).sum();
        double shift = highest + Math.log(sum);
        double[] logs = new double[logits.length];
        Arrays.setAll(logs, i -> logits[i] - shift);
        return logs;
    }
}
