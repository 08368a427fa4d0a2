package adjoint.text;

import adjoint.kernel.Philox;

/// The numbers 0 … n-1 in an order drawn at random, of which none is stored: a Feistel network, whose rounds draw from Philox,
/// mixes the bits of the next power of four, and what falls outside is mixed again (Black and Rogaway 2002, "Ciphers with
/// arbitrary finite domains").
///
/// @param n how many numbers
record Permutation(long n, long seed, long stream) {
    private static final int ROUNDS = 8;

    /// The number at a place.
    long at(long place) {
        int half = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(n - 1) + 1) / 2);
        long mask = (1L << half) - 1;
        long value = place;
        do {
            long left = value >>> half;
            long right = value & mask;
            for (int round = 0; round < ROUNDS; round++) {
                long mixed = left ^ Philox.bits(seed, stream, (long) round << 32 | right) & mask;
                left = right;
                right = mixed;
            }
            value = left << half | right;
        } while (value >= n);
        return value;
    }
}
