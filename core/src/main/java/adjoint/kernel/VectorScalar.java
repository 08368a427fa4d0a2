package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// Loops of a block and one number. Names that end in `From` have the number first.
final class VectorScalar {
    private static final int LANES = VectorMath.LANES;

    private VectorScalar() {}

    /// The loop of a binary opcode, null if it has none.
    static BlockLoop.WithNumber loop(Opcode opcode, boolean first) {
        return switch (opcode) {
            case ADD -> VectorScalar::add;
            case SUB -> first ? VectorScalar::subFrom : VectorScalar::sub;
            case MUL -> VectorScalar::mul;
            case DIV -> first ? VectorScalar::divFrom : VectorScalar::div;
            case MIN -> VectorScalar::min;
            case MAX -> VectorScalar::max;
            case EQ -> VectorScalar::eq;
            case NE -> VectorScalar::ne;
            case LT -> first ? VectorScalar::gt : VectorScalar::lt;
            case LE -> first ? VectorScalar::ge : VectorScalar::le;
            default -> null;
        };
    }

    private static void add(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            x.add(y).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void sub(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            x.sub(y).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void subFrom(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            y.sub(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void mul(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            x.mul(y).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void div(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            x.div(y).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void divFrom(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            y.div(x).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void min(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            x.min(y).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void max(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            x.max(y).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void eq(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.truth(x.compare(VectorOperators.EQ, y)).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void ne(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.truth(x.compare(VectorOperators.NE, y)).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void lt(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.truth(x.compare(VectorOperators.LT, y)).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void le(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.truth(x.compare(VectorOperators.LE, y)).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void gt(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.truth(x.compare(VectorOperators.GT, y)).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }

    private static void ge(MemorySegment a, long ao, float b, MemorySegment target, long to, int n) {
        a = VectorMath.slice(a, ao, n);
        target = VectorMath.slice(target, to, n);
        FloatVector y = FloatVector.broadcast(VectorMath.SPECIES, b);
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, 4L * i);
            VectorMath.truth(x.compare(VectorOperators.GE, y)).intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
    }
}
