package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// Loops of the functions in [VectorMath], and of those that are computed one by one.
final class VectorFunctions {
    private static final int LANES = VectorMath.LANES;

    private VectorFunctions() {}

    static void exp(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.exp(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void expm1(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.expm1(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void log(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.log(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void log1p(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.log1p(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void tanh(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.tanh(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void sigmoid(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.sigmoid(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void softplus(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.softplus(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void erf(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            VectorMath.erf(x).intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
        }
    }

    static void sin(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            if (x.abs().compare(VectorOperators.LE, VectorMath.LARGEST_ANGLE).allTrue()) {
                FloatVector y = VectorMath.sine(x, 0).blend(x, x.compare(VectorOperators.EQ, 0f)); // keeps -0
                y.intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
            } else {
                each(Opcode.SIN, a, ao + 4L * i, target, to + 4L * i, LANES);
            }
        }
    }

    static void cos(MemorySegment a, long ao, MemorySegment target, long to, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            if (x.abs().compare(VectorOperators.LE, VectorMath.LARGEST_ANGLE).allTrue()) {
                FloatVector y = VectorMath.sine(x, 1);
                y.intoMemorySegment(target, to + 4L * i, VectorMath.ORDER);
            } else {
                each(Opcode.COS, a, ao + 4L * i, target, to + 4L * i, LANES);
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
