package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// Loops of the elementwise functions that need no approximation: one method each, so that each is compiled by itself.
final class VectorArithmetic {
    private static final int LANES = VectorMath.LANES;

    private VectorArithmetic() {}

    private static FloatVector load(MemorySegment memory, long offset) {
        return VectorMath.load(memory, offset);
    }

    private static void store(FloatVector v, MemorySegment memory, long offset) {
        v.intoMemorySegment(memory, offset, VectorMath.ORDER);
    }

    /// Sets any number of elements.
    static void fill(float value, MemorySegment target, long to, int n) {
        if (n < LANES) {
            BlockTransfer.fill(value, target, to, n);
            return;
        }
        FloatVector x = FloatVector.broadcast(VectorMath.SPECIES, value);
        for (int i = 0; i < n - LANES; i += LANES) {
            store(x, target, to + 4L * i);
        }
        store(x, target, to + 4L * (n - LANES)); // overlaps the one before
    }

    static void neg(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(x.neg(), target, 4L * i);
        }
    }

    static void abs(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(x.abs(), target, 4L * i);
        }
    }

    static void sqrt(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(x.sqrt(), target, 4L * i);
        }
    }

    static void relu(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(VectorMath.relu(x), target, 4L * i);
        }
    }

    static void reciprocal(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(VectorMath.reciprocal(x), target, 4L * i);
        }
    }

    static void rsqrt(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(VectorMath.rsqrt(x), target, 4L * i);
        }
    }

    static void sign(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector one = VectorMath.withSign(FloatVector.broadcast(VectorMath.SPECIES, 1f), x);
            store(x.blend(one, x.abs().compare(VectorOperators.GT, 0f)), target, 4L * i);
        }
    }

    static void round(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            store(VectorMath.round(x), target, 4L * i);
        }
    }

    static void floor(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector r = VectorMath.round(x);
            FloatVector down = r.blend(r.sub(1f), r.compare(VectorOperators.GT, x));
            store(VectorMath.withSign(down.abs(), x), target, 4L * i);
        }
    }

    static void ceil(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector r = VectorMath.round(x);
            FloatVector up = r.blend(r.add(1f), r.compare(VectorOperators.LT, x));
            store(VectorMath.withSign(up.abs(), x), target, 4L * i);
        }
    }

    static void trunc(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector m = x.abs();
            FloatVector r = VectorMath.round(m);
            FloatVector down = r.blend(r.sub(1f), r.compare(VectorOperators.GT, m));
            store(VectorMath.withSign(down, x), target, 4L * i);
        }
    }

    static void add(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(x.add(y), target, 4L * i);
        }
    }

    static void sub(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(x.sub(y), target, 4L * i);
        }
    }

    static void mul(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(x.mul(y), target, 4L * i);
        }
    }

    static void div(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(x.div(y), target, 4L * i);
        }
    }

    static void min(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(x.min(y), target, 4L * i);
        }
    }

    static void max(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(x.max(y), target, 4L * i);
        }
    }

    static void eq(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(VectorMath.eq(x, y), target, 4L * i);
        }
    }

    static void ne(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(VectorMath.ne(x, y), target, 4L * i);
        }
    }

    static void lt(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(VectorMath.lt(x, y), target, 4L * i);
        }
    }

    static void le(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            store(VectorMath.le(x, y), target, 4L * i);
        }
    }

    static void select(
            MemorySegment a,
            long ao,
            MemorySegment b,
            long bo,
            MemorySegment c,
            long co,
            MemorySegment target,
            long to,
            int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        c = VectorMath.slice(c, co, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = load(a, 4L * i);
            FloatVector y = load(b, 4L * i);
            FloatVector z = load(c, 4L * i);
            store(VectorMath.select(x, y, z), target, 4L * i);
        }
    }
}
