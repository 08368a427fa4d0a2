package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Elementary functions of vectors, to about 2 units in the last place of a float.
///
/// A method with an opcode's name is what loops of several instructions compute for it: [LoopEmitter] copies its code, and that of
/// the methods here which it calls. So none of them branches.
///
/// Constants are written as `broadcast`, not by a method of our own: where such a call is seldom reached, C2 leaves it a call, and
/// vectors become objects.
///
/// The polynomials are least-maximum fits (Lawson's algorithm in double precision) of the expressions in the comments.
final class VectorMath {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();
    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f; // 9 bits: n * LN2_HIGH is exact
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float TO_INTEGER = 0x1.8p23f; // adding it rounds to an integer in the low bits
    private static final int TO_INTEGER_BITS = 0x4B400000;
    private static final float EXP_OVERFLOW = 89;
    private static final float EXP_UNDERFLOW = -104;
    // π/2 in three parts; with fused multiply-adds the remainder is right for all but huge arguments.
    private static final float HALF_PI_1 = 0x1.921fb6p0f;
    private static final float HALF_PI_2 = -0x1.777a5cp-25f;
    private static final float HALF_PI_3 = -0x1.ee59dap-50f;

    /// Beyond this, sine and cosine of a vector are computed one by one.
    static final float LARGEST_ANGLE = 30_000;

    private VectorMath() {}

    static FloatVector load(MemorySegment memory, long offset) {
        return FloatVector.fromMemorySegment(SPECIES, memory, offset, ORDER);
    }

    /// A block as a segment of its own. Loops that index such a slice from 0 are checked once, others at every access
    /// (measured: 6 times slower); the compiler removes the object.
    static MemorySegment slice(MemorySegment memory, long offset, int n) {
        return memory.asSlice(offset, 4L * n);
    }

    static FloatVector neg(FloatVector x) {
        return x.neg();
    }

    static FloatVector abs(FloatVector x) {
        return x.abs();
    }

    static FloatVector sqrt(FloatVector x) {
        return x.sqrt();
    }

    static FloatVector reciprocal(FloatVector x) {
        return FloatVector.broadcast(SPECIES, 1f).div(x);
    }

    static FloatVector rsqrt(FloatVector x) {
        return FloatVector.broadcast(SPECIES, 1f).div(x.sqrt());
    }

    static FloatVector relu(FloatVector x) {
        return x.blend(0f, x.compare(VectorOperators.LE, 0f));
    }

    static FloatVector add(FloatVector x, FloatVector y) {
        return x.add(y);
    }

    static FloatVector sub(FloatVector x, FloatVector y) {
        return x.sub(y);
    }

    static FloatVector mul(FloatVector x, FloatVector y) {
        return x.mul(y);
    }

    static FloatVector div(FloatVector x, FloatVector y) {
        return x.div(y);
    }

    static FloatVector min(FloatVector x, FloatVector y) {
        return x.min(y);
    }

    static FloatVector max(FloatVector x, FloatVector y) {
        return x.max(y);
    }

    static FloatVector eq(FloatVector x, FloatVector y) {
        return truth(x.compare(VectorOperators.EQ, y));
    }

    static FloatVector ne(FloatVector x, FloatVector y) {
        return truth(x.compare(VectorOperators.NE, y));
    }

    static FloatVector lt(FloatVector x, FloatVector y) {
        return truth(x.compare(VectorOperators.LT, y));
    }

    static FloatVector le(FloatVector x, FloatVector y) {
        return truth(x.compare(VectorOperators.LE, y));
    }

    static FloatVector select(FloatVector x, FloatVector y, FloatVector z) {
        return z.blend(y, x.compare(VectorOperators.NE, 0f));
    }

    /// 1 where the mask is set, else 0.
    static FloatVector truth(VectorMask<Float> mask) {
        return FloatVector.broadcast(SPECIES, 0).blend(1f, mask);
    }

    /// A magnitude (not negative) with the sign of `x`.
    static FloatVector withSign(FloatVector magnitude, FloatVector x) {
        IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
        return magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    /// To the nearest integer, halves to even. Magnitudes from 2²³ on are integers.
    static FloatVector round(FloatVector x) {
        FloatVector m = x.abs();
        FloatVector r = m.add(0x1p23f).sub(0x1p23f);
        return x.blend(withSign(r, x), m.compare(VectorOperators.LT, 0x1p23f));
    }

    // x = n ln 2 + r: `t` holds n in its low bits.
    private static FloatVector remainder(FloatVector x, FloatVector n) {
        return n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), x));
    }

    // exp(r) - 1 = r + r² (exp(r) - 1 - r) / r², |r| < 0.347; error 2e-10 r.
    private static FloatVector expMinus1Near0(FloatVector r) {
        FloatVector q =
                FloatVector.broadcast(SPECIES, 1.99142989e-4f)
                        .fma(r, FloatVector.broadcast(SPECIES, 1.39411271e-3f))
                        .fma(r, FloatVector.broadcast(SPECIES, 8.33327323e-3f))
                        .fma(r, FloatVector.broadcast(SPECIES, 4.1666355e-2f))
                        .fma(r, FloatVector.broadcast(SPECIES, 0.166666672f))
                        .fma(r, FloatVector.broadcast(SPECIES, 0.5f));
        return r.mul(r).fma(q, r);
    }

    // 2^(n + shift - 127), where t holds n.
    private static FloatVector powerOf2(IntVector n, int shift) {
        return n.add(shift).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    static FloatVector exp(FloatVector x) {
        FloatVector t = x.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, TO_INTEGER));
        FloatVector p = expMinus1Near0(remainder(x, t.sub(TO_INTEGER))).add(1f);
        IntVector n = t.reinterpretAsInts().sub(TO_INTEGER_BITS);
        IntVector half = n.lanewise(VectorOperators.ASHR, 1); // in two steps: results may be denormal
        FloatVector y = p.mul(powerOf2(half, 127)).mul(powerOf2(n.sub(half), 127));
        return y.blend(0f, x.compare(VectorOperators.LT, EXP_UNDERFLOW))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
    }

    /// The exponential for x ≤ 0, with fewer steps.
    static FloatVector expNegative(FloatVector x) {
        FloatVector t = x.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, TO_INTEGER));
        FloatVector p = expMinus1Near0(remainder(x, t.sub(TO_INTEGER))).add(1f);
        FloatVector scale = powerOf2(t.reinterpretAsInts().sub(TO_INTEGER_BITS), 127 + 64);
        return p.mul(scale).mul(0x1p-64f).blend(0f, x.compare(VectorOperators.LT, EXP_UNDERFLOW));
    }

    // (exp(x) - 1) / 2 = 2ⁿ⁻¹ (exp(r) - 1) + (2ⁿ⁻¹ - 1/2), for -18 < x < 89.
    private static FloatVector halfExpMinus1(FloatVector x) {
        FloatVector t = x.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, TO_INTEGER));
        FloatVector p = expMinus1Near0(remainder(x, t.sub(TO_INTEGER)));
        FloatVector scale = powerOf2(t.reinterpretAsInts().sub(TO_INTEGER_BITS), 126);
        return p.fma(scale, scale.sub(0.5f));
    }

    static FloatVector expm1(FloatVector x) {
        FloatVector h = halfExpMinus1(x);
        return h.add(h)
                .blend(x, x.compare(VectorOperators.EQ, 0f)) // keeps -0
                .blend(-1f, x.compare(VectorOperators.LT, -17.5f))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
    }

    // tanh(a) = (exp(2a) - 1) / (exp(2a) + 1).
    static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector h = halfExpMinus1(a.add(a));
        return withSign(h.div(h.add(1f)).blend(1f, a.compare(VectorOperators.GT, 10f)), x);
    }

    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = expNegative(x.abs().neg());
        return FloatVector.broadcast(SPECIES, 1f).blend(e, x.compare(VectorOperators.LT, 0f)).div(e.add(1f));
    }

    // log(u) + correction for u > 0, normal; `e0` is added to the exponent.
    private static FloatVector log(FloatVector u, FloatVector e0, FloatVector correction) {
        IntVector bits = u.reinterpretAsInts();
        IntVector k = bits.sub(0x3f3504f3).lanewise(VectorOperators.ASHR, 23); // u = 2ᵏ m, √½ ≤ m < √2
        FloatVector m = bits.sub(k.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
        FloatVector e = ((FloatVector) k.convert(VectorOperators.I2F, 0)).add(e0);
        FloatVector f = m.sub(1f);
        FloatVector z = f.mul(f);
        // (log(1 + f) - f + f²/2) / f³, -0.293 < f < 0.415; error 7e-10 / f²
        FloatVector p =
                FloatVector.broadcast(SPECIES, 6.91606551e-2f)
                        .fma(f, FloatVector.broadcast(SPECIES, -0.117914595f))
                        .fma(f, FloatVector.broadcast(SPECIES, 0.118735649f))
                        .fma(f, FloatVector.broadcast(SPECIES, -0.123841323f))
                        .fma(f, FloatVector.broadcast(SPECIES, 0.142185554f))
                        .fma(f, FloatVector.broadcast(SPECIES, -0.166692585f))
                        .fma(f, FloatVector.broadcast(SPECIES, 0.20002231f))
                        .fma(f, FloatVector.broadcast(SPECIES, -0.249999866f))
                        .fma(f, FloatVector.broadcast(SPECIES, 0.333333105f));
        FloatVector small = p.fma(z.mul(f), e.fma(FloatVector.broadcast(SPECIES, LN2_LOW), correction));
        return e.fma(
                FloatVector.broadcast(SPECIES, LN2_HIGH), z.fma(FloatVector.broadcast(SPECIES, -0.5f), small).add(f));
    }

    static FloatVector log(FloatVector x) {
        VectorMask<Float> tiny = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        FloatVector u = x.blend(x.mul(0x1p23f), tiny);
        FloatVector y =
                log(u, FloatVector.broadcast(SPECIES, 0f).blend(-23f, tiny), FloatVector.broadcast(SPECIES, 0f));
        return x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY)) // else infinity or NaN: itself
                .blend(Float.NaN, x.compare(VectorOperators.LT, 0f))
                .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    }

    // u = 1 + x is rounded; (x - (u - 1)) / u makes up for it.
    static FloatVector log1p(FloatVector x) {
        FloatVector u = x.add(1f);
        FloatVector y = log(u, FloatVector.broadcast(SPECIES, 0f), x.sub(u.sub(1f)).div(u));
        return x.blend(y, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY))
                .blend(x, x.compare(VectorOperators.EQ, 0f)) // keeps -0
                .blend(Float.NaN, x.compare(VectorOperators.LT, -1f))
                .blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, -1f));
    }

    // log(1 + e) for 0 ≤ e ≤ 1.
    private static FloatVector log1pOfFraction(FloatVector e) {
        FloatVector u = e.add(1f);
        return log(u, FloatVector.broadcast(SPECIES, 0f), e.sub(u.sub(1f)).div(u));
    }

    static FloatVector softplus(FloatVector x) {
        return softplusOf(x, expNegative(x.abs().neg()));
    }

    /// `log(1 + exp(x))`, where `e` is `exp(-|x|)`.
    static FloatVector softplusOf(FloatVector x, FloatVector e) {
        return x.blend(0f, x.compare(VectorOperators.LT, 0f)).add(log1pOfFraction(e));
    }

    /// A polynomial near 0, `1 - exp(log(erfc(x)))` farther out.
    static FloatVector erf(FloatVector x) {
        return erfOf(x, erfOrLogErfc(x));
    }

    /// `erf(|x|)` where that is known, `log(erfc(|x|))`, which is negative, where it is not.
    static FloatVector erfOrLogErfc(FloatVector x) {
        FloatVector a = x.abs();
        return erfNear0(a).blend(logErfc(a), a.compare(VectorOperators.GT, 0.92f));
    }

    /// @param known what [#erfOrLogErfc] made of x
    static FloatVector erfOf(FloatVector x, FloatVector known) {
        FloatVector far = FloatVector.broadcast(SPECIES, 1f).sub(expNegative(known));
        return withSign(known.blend(far, known.compare(VectorOperators.LT, 0f)), x);
    }

    // The error function for 0 ≤ a < 0.93: a + a p(a²), p = erf(a) / a - 1; error 2e-8.
    private static FloatVector erfNear0(FloatVector a) {
        FloatVector z = a.mul(a);
        FloatVector p =
                FloatVector.broadcast(SPECIES, -5.95374149e-4f)
                        .fma(z, FloatVector.broadcast(SPECIES, 4.98594064e-3f))
                        .fma(z, FloatVector.broadcast(SPECIES, -2.676172e-2f))
                        .fma(z, FloatVector.broadcast(SPECIES, 0.112816826f))
                        .fma(z, FloatVector.broadcast(SPECIES, -0.376124799f))
                        .fma(z, FloatVector.broadcast(SPECIES, 0.128379151f));
        return p.fma(a, a);
    }

    // log(erfc(a)) for a > 0.92, as a polynomial of a up to 4; beyond, erf is 1 as a float.
    private static FloatVector logErfc(FloatVector a) {
        FloatVector t = a.blend(4f, a.compare(VectorOperators.GT, 4f));
        FloatVector q =
                FloatVector.broadcast(SPECIES, -1.12314192e-5f)
                        .fma(t, FloatVector.broadcast(SPECIES, 3.22804961e-4f))
                        .fma(t, FloatVector.broadcast(SPECIES, -3.64246336e-3f))
                        .fma(t, FloatVector.broadcast(SPECIES, 2.37620715e-2f))
                        .fma(t, FloatVector.broadcast(SPECIES, -0.10623689f))
                        .fma(t, FloatVector.broadcast(SPECIES, -0.635151327f))
                        .fma(t, FloatVector.broadcast(SPECIES, -1.12864852f));
        return q.mul(t);
    }

    /// Sine (`quarter` 0) or cosine (`quarter` 1) of angles up to [#LARGEST_ANGLE].
    static FloatVector sine(FloatVector x, int quarter) {
        FloatVector t = x.fma(FloatVector.broadcast(SPECIES, 0.636619772f), FloatVector.broadcast(SPECIES, TO_INTEGER));
        FloatVector n = t.sub(TO_INTEGER);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -HALF_PI_1), x);
        r = n.fma(FloatVector.broadcast(SPECIES, -HALF_PI_2), r);
        r = n.fma(FloatVector.broadcast(SPECIES, -HALF_PI_3), r);
        FloatVector z = r.mul(r);
        // (sin(r) - r) / r³ and (cos(r) - 1 + r²/2) / r⁴, |r| < 0.787; errors 4e-9 and 1e-10
        FloatVector s =
                FloatVector.broadcast(SPECIES, -1.95156579e-4f)
                        .fma(z, FloatVector.broadcast(SPECIES, 8.33216682e-3f))
                        .fma(z, FloatVector.broadcast(SPECIES, -0.166666552f));
        FloatVector sin = s.fma(z.mul(r), r);
        FloatVector c =
                FloatVector.broadcast(SPECIES, 2.44312578e-5f)
                        .fma(z, FloatVector.broadcast(SPECIES, -1.38873002e-3f))
                        .fma(z, FloatVector.broadcast(SPECIES, 4.16666456e-2f));
        FloatVector cos = c.fma(z, FloatVector.broadcast(SPECIES, -0.5f)).fma(z, FloatVector.broadcast(SPECIES, 1f));
        IntVector q = t.reinterpretAsInts().add(quarter);
        VectorMask<Float> odd = q.and(1).compare(VectorOperators.NE, 0).cast(SPECIES);
        IntVector sign = q.and(2).lanewise(VectorOperators.LSHL, 30);
        return sin.blend(cos, odd).reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
    }
}
