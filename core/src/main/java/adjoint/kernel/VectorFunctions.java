package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Loops of the functions in [VectorMath], and of those that are computed one by one.
///
/// The larger functions take two loops: a compiler gives up inlining in a method of too many vector operations, and
/// vectors that pass through a call are objects (measured: 10 times slower).
final class VectorFunctions {
    private static final int LANES = VectorMath.LANES;

    // What the first loop leaves to the second; a block holds no more than a tile.
    private static final ThreadLocal<MemorySegment> SPARE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(BlockKernel.BLOCK_BYTES, 64));

    private VectorFunctions() {}

    static void exp(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.exp(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void expm1(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.expm1(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void log(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.log(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void log1p(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.log1p(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void tanh(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.tanh(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void sigmoid(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.sigmoid(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void softplus(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        MemorySegment spare = SPARE.get();
        expOfMinusAbs(a, ao, spare, 0, n);
        addLog1p(a, ao, spare, 0, target, to, n);
    }

    private static void expOfMinusAbs(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.expNegative(x.abs().neg()).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void addLog1p(
            MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            FloatVector e = VectorMath.load(b, 4L * i);
            VectorMath.softplusOf(x, e).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void erf(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        MemorySegment spare = SPARE.get();
        erfOrLogErfc(a, ao, spare, 0, n);
        erfOf(a, ao, spare, 0, target, to, n);
    }

    private static void erfOrLogErfc(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.erfOrLogErfc(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void erfOf(
            MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        b = VectorMath.slice(b, bo, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            FloatVector known = VectorMath.load(b, 4L * i);
            VectorMath.erfOf(x, known).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    static void sin(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            FloatVector y = VectorMath.sine(x, 0).blend(x, x.compare(VectorOperators.EQ, 0f)); // keeps -0
            y.intoMemorySegment(target, 4L * i, VectorMath.ORDER);
            largeAngles(Opcode.SIN, x, target, 4L * i);
        }
    }

    static void cos(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.sine(x, 1).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
            largeAngles(Opcode.COS, x, target, 4L * i);
        }
    }

    // One by one, and only those: what an element becomes must not depend on its neighbours, which may be left over.
    private static void largeAngles(Opcode opcode, FloatVector x, MemorySegment target, long at) {
        var small = x.abs().compare(VectorOperators.LE, VectorMath.LARGEST_ANGLE);
        if (!small.allTrue()) {
            for (int lane = 0; lane < LANES; lane++) {
                if (!small.laneIsSet(lane)) {
                    target.set(Elements.FLOAT, at + 4L * lane, (float) opcode.apply(x.lane(lane), 0, 0));
                }
            }
        }
    }

    /// The opcode's definition, element by element.
    static void each(Opcode opcode, MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i++) {
            double x = a.get(Elements.FLOAT, ao + 4L * i);
            target.set(Elements.FLOAT, to + 4L * i, (float) opcode.apply(x, 0, 0));
        }
    }

    static void pow(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i++) {
            double x = a.get(Elements.FLOAT, ao + 4L * i);
            double y = b.get(Elements.FLOAT, bo + 4L * i);
            target.set(Elements.FLOAT, to + 4L * i, (float) Math.pow(x, y));
        }
    }
}
