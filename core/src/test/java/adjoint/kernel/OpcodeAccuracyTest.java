package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/// Every opcode as a float vector loop, against its definition in double precision.
class OpcodeAccuracyTest {
    private static final int N = 1 << 20;
    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        2f,
        -2f,
        0.5f,
        -0.5f,
        1.5f,
        2.5f,
        -2.5f,
        3f,
        88.7f,
        88.73f,
        89f,
        -87.4f,
        -103.9f,
        -104.1f,
        9f,
        10f,
        -17.4f,
        -17.6f,
        0.92f,
        0.9201f,
        4f,
        30000f,
        30001f,
        1e10f,
        0x1p23f,
        0x1.000002p23f,
        0x1p31f,
        4194303.5f,
        (float) Math.PI,
        (float) (Math.PI / 2),
        1e-38f,
        1e-40f,
        -1e-40f,
        Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
    };

    /// Units in the last place by which a result may differ from the definition rounded to float.
    private static int tolerance(Opcode opcode) {
        return switch (opcode) {
            // one rounding, or a choice
            case NEG, ABS, SIGN, FLOOR, CEIL, ROUND, TRUNC, RECIPROCAL, SQRT, RELU -> 0;
            case ADD, SUB, MUL, DIV, MIN, MAX, EQ, NE, LT, LE, SELECT, CONSTANT -> 0;
            // the definition itself, in double precision
            case TAN, ASIN, ACOS, ATAN, SINH, COSH, TO_INT32, TO_INT64 -> 0;
            // two roundings, or a polynomial of about one unit's error and its scaling
            case RSQRT, EXP, LOG, SIN, COS, ERF, POW -> 2;
            // those with a division or a sum on top
            case EXPM1, LOG1P, TANH, SIGMOID, SOFTPLUS -> 3;
            case ROW_SUM, ROW_MAX, ROW_MIN -> throw new IllegalArgumentException(opcode + " is of rows");
        };
    }

    @ParameterizedTest
    @EnumSource(value = Opcode.class, names = "ROW_.*", mode = EnumSource.Mode.MATCH_NONE)
    void isAccurate(Opcode opcode) {
        var vector = new VectorKernels();
        try (var arena = Arena.ofShared()) {
            var x = arena.allocate(4L * N, 64);
            var y = arena.allocate(4L * N, 64);
            var z = arena.allocate(4L * N, 64);
            fill(x, y);
            run(vector, opcode, new Memory(arena.allocate(64), x, y, x, z), View.dense(2, 0, DType.FLOAT32, N));
            compare(opcode, x, y, true, z);
        }
    }

    /// The second argument as one number for all, which has loops of its own.
    @ParameterizedTest
    @EnumSource(
            value = Opcode.class,
            names = {"ADD", "SUB", "MUL", "DIV", "POW", "MIN", "MAX", "EQ", "NE", "LT", "LE"})
    void isAccurateWithANumber(Opcode opcode) {
        var vector = new VectorKernels();
        try (var arena = Arena.ofShared()) {
            var x = arena.allocate(4L * N, 64);
            var y = arena.allocate(4L * N, 64);
            var z = arena.allocate(4L * N, 64);
            fill(x, y);
            for (float number : SPECIAL) {
                y.set(Elements.FLOAT, 0, number);
                var repeated = new View(2, 0, DType.FLOAT32, new int[] {N / 16}, new long[1]);
                run(vector, opcode, new Memory(arena.allocate(64), x, y, x, z), repeated);
                compare(opcode, x.asSlice(0, N / 4), y, false, z);
            }
        }
    }

    /// What an element becomes depends on it alone: its neighbours in a vector may be what others have left there.
    @ParameterizedTest
    @EnumSource(Opcode.class)
    void neighboursDoNotMatter(Opcode opcode) {
        if (opcode.arity() == 0 || opcode.row() != null) {
            return;
        }
        var loop = new VectorLoops(new LoopCompiler(false)).loop(opcode);
        int n = 16 * VectorMath.LANES;
        try (var arena = Arena.ofConfined()) {
            MemorySegment[] x = new MemorySegment[3];
            var random = new SplittableRandom(1);
            for (int operand = 0; operand < 3; operand++) {
                x[operand] = arena.allocate(4L * n, 64);
                for (int i = 0; i < n; i++) {
                    x[operand].setAtIndex(Elements.FLOAT, i, random.nextInt(-100, 100) / 17f);
                }
            }
            MemorySegment alone = arena.allocate(4L * n, 64);
            loop.run(x[0], 0, x[1], 0, x[2], 0, alone, 0, n);
            for (int i = 0; i < n; i += 3) {
                for (MemorySegment operand : x) {
                    operand.setAtIndex(Elements.FLOAT, i, SPECIAL[random.nextInt(SPECIAL.length)]);
                }
            }
            MemorySegment among = arena.allocate(4L * n, 64);
            loop.run(x[0], 0, x[1], 0, x[2], 0, among, 0, n);
            for (int i = 0; i < n; i++) {
                if (i % 3 != 0) {
                    assertEquals(
                            alone.getAtIndex(Elements.FLOAT, i), among.getAtIndex(Elements.FLOAT, i), "element " + i);
                }
            }
        }
    }

    private static void run(Kernels kernels, Opcode opcode, Memory memory, View y) {
        int n = y.dims()[0];
        View x = View.dense(1, 0, DType.FLOAT32, n);
        var code = new BlockProgram.Instruction(opcode, 0, 1, 0, 1.25);
        var program =
                new BlockProgram(
                        DType.FLOAT32,
                        new int[] {n},
                        List.of(x, y),
                        List.of(code),
                        List.of(new BlockProgram.Store(2, View.dense(4, 0, DType.FLOAT32, n))),
                        List.of(),
                        new boolean[1]);
        try (var team = new Team(2)) {
            kernels.prepare(program).run(memory, 0, team);
        }
    }

    private static void compare(Opcode opcode, MemorySegment x, MemorySegment y, boolean pairs, MemorySegment z) {
        long worst = 0;
        float at = 0;
        float with = 0;
        for (int i = 0; i < x.byteSize() / 4; i++) {
            float a = x.getAtIndex(Elements.FLOAT, i);
            float b = y.getAtIndex(Elements.FLOAT, pairs ? i : 0);
            float expected = (float) opcode.apply(opcode.arity() == 0 ? 1.25 : a, b, a);
            long distance = ulps(expected, z.getAtIndex(Elements.FLOAT, i));
            if (distance > worst) {
                worst = distance;
                at = a;
                with = b;
            }
        }
        if (Boolean.getBoolean("adjoint.test.print")) {
            System.err.printf("%s %d at %s, %s%n", opcode, worst, at, with);
        }
        assertTrue(worst <= tolerance(opcode), opcode + " is off by " + worst + " ulp at " + at + ", " + with);
        if (tolerance(opcode) == 0) {
            assertEquals(0, worst);
        }
    }

    /// Floats between two numbers; zeros of different sign and numbers against NaN are far apart.
    private static long ulps(float expected, float actual) {
        if (Float.isNaN(expected) || Float.isNaN(actual)) {
            return Float.isNaN(expected) && Float.isNaN(actual) ? 0 : Long.MAX_VALUE;
        }
        if (expected == 0 && actual == 0) {
            return Float.floatToIntBits(expected) == Float.floatToIntBits(actual) ? 0 : Long.MAX_VALUE;
        }
        if (Float.isInfinite(expected) != Float.isInfinite(actual)) {
            return Long.MAX_VALUE;
        }
        return Math.abs(order(expected) - order(actual));
    }

    private static long order(float x) {
        int bits = Float.floatToIntBits(x);
        return bits < 0 ? -(long) (bits & Integer.MAX_VALUE) : bits;
    }

    // Specials in all pairs, any bits, numbers near 0, and the range where functions bend.
    private static void fill(MemorySegment x, MemorySegment y) {
        var random = new SplittableRandom(42);
        int s = SPECIAL.length;
        for (int i = 0; i < N; i++) {
            float a = i < s * s ? SPECIAL[i / s] : sample(random);
            float b = i < s * s ? SPECIAL[i % s] : sample(random);
            x.setAtIndex(Elements.FLOAT, i, a);
            y.setAtIndex(Elements.FLOAT, i, b);
        }
    }

    private static float sample(SplittableRandom random) {
        return switch (random.nextInt(5)) {
            case 0 -> Float.intBitsToFloat(random.nextInt());
            case 1 -> (float) random.nextDouble(-120, 120);
            case 2 -> (float) random.nextDouble(-1, 1);
            case 3 -> (float) (random.nextDouble(-1, 1) * Math.exp(random.nextDouble(-20, 0)));
            default -> (float) random.nextDouble(-9, 9);
        };
    }
}
