package adjoint.data;

import adjoint.kernel.Philox;

/// The random numbers of one example in one epoch: a function of a key, the epoch and the example's number, with no state, so that
/// they are the same on whatever thread, in whatever order, and in a training that is resumed.
///
/// @param key what the numbers are for: different ones for each use
/// @param epoch counted from 0
/// @param example its number in the dataset
public record Draws(long key, long epoch, int example) {
    private static final int NUMBERS = 16; // bits

    /// Of what is drawn at this place of a list.
    static Draws of(long seed, int place, long epoch, int example) {
        return new Draws(Philox.mix(Philox.mix(seed) + place), epoch, example);
    }

    /// The same example's numbers in another epoch.
    public Draws inEpoch(long other) {
        return new Draws(key, other, example);
    }

    /// Number `n`, uniform in [0, 1).
    public double uniform(int n) {
        return Philox.uniform(key, epoch, index(n));
    }

    /// Number `n`, uniform from `low` to `high`.
    public double uniform(int n, double low, double high) {
        return low + (high - low) * uniform(n);
    }

    /// Number `n` as one of 0 … bound-1.
    public int below(int n, int bound) {
        return (int) Math.unsignedMultiplyHigh(Philox.bits(key, epoch, index(n)), bound);
    }

    /// A number of the distribution Beta(a, a), from all the draws: of two with a gamma distribution, the first's share.
    double beta(double a) {
        double first = logGamma(a, 0);
        double second = logGamma(a, 1);
        return 1 / (1 + StrictMath.exp(second - first)); // strict: the same bits anywhere
    }

    // The logarithm, since a small shape makes numbers too small for a double. Marsaglia and Tsang 2000, whose method
    // needs a shape
    // of 1 or more: Gamma(a) = Gamma(a + 1) · U^(1/a). Of the draws, every second.
    private double logGamma(double a, int from) {
        double d = a + 1 - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        for (int n = from + 2; ; n += 4) {
            double x = Philox.normal(key, epoch, index(n));
            double v = (1 + c * x) * (1 + c * x) * (1 + c * x);
            double logU = StrictMath.log(positive(n + 2));
            if (v > 0 && logU < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
                return StrictMath.log(d * v) + StrictMath.log(positive(from)) / a;
            }
        }
    }

    private double positive(int n) {
        return ((Philox.bits(key, epoch, index(n)) >>> 12) + 0.5) * 0x1p-52;
    }

    private long index(int n) {
        return (long) example << NUMBERS | n;
    }
}
