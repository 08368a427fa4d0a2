package adjoint.games;

import java.util.random.RandomGenerator;

/// Random numbers whose state is one number, so that it can be written down: SplitMix64 (Steele, Lea & Flood 2014).
public final class Chance implements RandomGenerator {
    private long state;

    /// From a seed, or from a state that was written down.
    public Chance(long state) {
        this.state = state;
    }

    /// The source of one of several that belong together: the same pair gives the same numbers, different ones unrelated ones.
    public static Chance of(long seed, long number) {
        return new Chance(mixed(mixed(seed) ^ number));
    }

    /// What [#Chance(long)] goes on from.
    public long state() {
        return state;
    }

    @Override
    public long nextLong() {
        state += 0x9E3779B97F4A7C15L;
        return mixed(state);
    }

    private static long mixed(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
