package adjoint.kernel;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// [Philox] for several indices at once, each 32-bit word in a lane of 64 bits.
final class VectorPhilox {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS =
            VectorSpecies.of(int.class, VectorShape.forBitSize(LONGS.vectorBitSize() / 2));
    private static final long LOW = 0xFFFFFFFFL;

    /// How many numbers are made at once.
    static final int LANES = LONGS.length();

    private static final LongVector INDEX = LongVector.zero(LONGS).addIndex(1);

    private VectorPhilox() {}

    /// Writes `factor` with a probability, else 0, for each of `n` indices (whole vectors) that are `step` apart: where
    /// `Philox.uniform(seed, stream, index) < bound`.
    static void bernoulli(
            long seed,
            long stream,
            long index,
            long step,
            int n,
            float bound,
            float factor,
            MemorySegment to,
            long at) {
        long limit = (long) Math.ceil(bound * 0x1p24); // of 24 bits: the same as comparing with the fraction
        long bits = Float.floatToRawIntBits(factor);
        MemorySegment target = to.asSlice(at, (long) n * Float.BYTES);
        LongVector steps = INDEX.mul(step);
        for (int i = 0; i < n; i += LANES) {
            LongVector random = upper(seed, stream, steps.add(index + i * step)).lanewise(VectorOperators.LSHR, 8);
            LongVector chosen = LongVector.zero(LONGS).blend(bits, random.compare(VectorOperators.LT, limit));
            ((IntVector) chosen.convertShape(VectorOperators.L2I, INTS, 0))
                    .intoMemorySegment(target, i * Float.BYTES, ByteOrder.nativeOrder());
        }
    }

    /// The upper 32 of the bits that [Philox#bits] gives.
    private static LongVector upper(long seed, long stream, LongVector index) {
        LongVector c0 = index.and(LOW);
        LongVector c1 = index.lanewise(VectorOperators.LSHR, 32);
        LongVector c2 = LongVector.broadcast(LONGS, stream & LOW);
        LongVector c3 = LongVector.broadcast(LONGS, stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < 10; round++) {
            LongVector p0 = c0.and(LOW).mul(0xD2511F53L);
            LongVector p1 = c2.and(LOW).mul(0xCD9E8D57L);
            c0 =
                    p1.lanewise(VectorOperators.LSHR, 32)
                            .lanewise(VectorOperators.XOR, c1)
                            .lanewise(VectorOperators.XOR, k0 & LOW);
            c2 =
                    p0.lanewise(VectorOperators.LSHR, 32)
                            .lanewise(VectorOperators.XOR, c3)
                            .lanewise(VectorOperators.XOR, k1 & LOW);
            c1 = p1.and(LOW);
            c3 = p0.and(LOW);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        return c1;
    }
}
