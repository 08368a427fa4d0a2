package adjoint.kernel;

/// Counter-based random numbers: Philox-4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
///
/// A number is a function of seed, stream and index, with no state: the same bits in whatever order, on whatever thread.
public final class Philox {
    private Philox() {}

    /// 64 random bits: the `index`-th of a stream of a seed.
    public static long bits(long seed, long stream, long index) {
        return bits(seed, stream, index, false);
    }

    // A block is 128 bits; `second` takes its other half.
    private static long bits(long seed, long stream, long index, boolean second) {
        int c0 = (int) index;
        int c1 = (int) (index >>> 32);
        int c2 = (int) stream;
        int c3 = (int) (stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < 10; round++) {
            long p0 = (c0 & 0xFFFFFFFFL) * 0xD2511F53L;
            long p1 = (c2 & 0xFFFFFFFFL) * 0xCD9E8D57L;
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return second ? (c2 & 0xFFFFFFFFL) | ((long) c3 << 32) : (c0 & 0xFFFFFFFFL) | ((long) c1 << 32);
    }

    /// Uniform in [0, 1): a multiple of 2⁻²⁴, so that it is the same number as float and as double.
    public static double uniform(long seed, long stream, long index) {
        return (bits(seed, stream, index) >>> 40) * 0x1p-24;
    }

    /// Standard normal (Box and Muller 1958), with tails to 8.5 standard deviations.
    public static double normal(long seed, long stream, long index) {
        double radius = ((bits(seed, stream, index, false) >>> 12) + 0.5) * 0x1p-52; // (0, 1)
        double angle = (bits(seed, stream, index, true) >>> 11) * 0x1p-53;
        return Math.sqrt(-2 * StrictMath.log(radius))
                * StrictMath.cos(2 * Math.PI * angle); // strict: the same bits anywhere
    }

    /// A well-mixed function of 64 bits (Stafford's variant 13, as in SplitMix64).
    public static long mix(long z) {
        z += 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
