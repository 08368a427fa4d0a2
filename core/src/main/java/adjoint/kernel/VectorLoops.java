package adjoint.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/// [BlockLoops] with the Vector API.
final class VectorLoops implements BlockLoops {
    private static final int LANES = VectorMath.LANES;
    private static final VectorSpecies<Double> WIDE = DoubleVector.SPECIES_PREFERRED; // half as many
    private static final VectorShuffle<Float> BY_8 = turn(8);
    private static final VectorShuffle<Float> BY_4 = turn(4);
    private static final VectorShuffle<Float> BY_2 = turn(2);

    private static VectorShuffle<Float> turn(int by) {
        return VectorShuffle.fromOp(VectorMath.SPECIES, i -> (i + by) % LANES);
    }

    private final LoopCompiler compiler;

    VectorLoops(LoopCompiler compiler) {
        this.compiler = compiler;
    }

    @Override
    public boolean fuses(long points) {
        return compiler.isWorth(points);
    }

    @Override
    public int operations(Opcode opcode) {
        return LoopEmitter.operations(opcode);
    }

    @Override
    public Supplier<FusedLoop> fused(FusedLoop.Source source, long work) {
        return compiler.isTime(work) ? compiler.loop(source, this) : null;
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public BlockLoop loop(Opcode opcode) {
        return switch (opcode) {
            case NEG -> (BlockLoop.Unary) VectorArithmetic::neg;
            case ABS -> (BlockLoop.Unary) VectorArithmetic::abs;
            case SIGN -> (BlockLoop.Unary) VectorArithmetic::sign;
            case FLOOR -> (BlockLoop.Unary) VectorArithmetic::floor;
            case CEIL -> (BlockLoop.Unary) VectorArithmetic::ceil;
            case ROUND -> (BlockLoop.Unary) VectorArithmetic::round;
            case TRUNC -> (BlockLoop.Unary) VectorArithmetic::trunc;
            case RECIPROCAL -> (BlockLoop.Unary) VectorArithmetic::reciprocal;
            case SQRT -> (BlockLoop.Unary) VectorArithmetic::sqrt;
            case RSQRT -> (BlockLoop.Unary) VectorArithmetic::rsqrt;
            case RELU -> (BlockLoop.Unary) VectorArithmetic::relu;
            case EXP -> (BlockLoop.Unary) VectorFunctions::exp;
            case EXPM1 -> (BlockLoop.Unary) VectorFunctions::expm1;
            case LOG -> (BlockLoop.Unary) VectorFunctions::log;
            case LOG1P -> (BlockLoop.Unary) VectorFunctions::log1p;
            case SIN -> (BlockLoop.Unary) VectorFunctions::sin;
            case COS -> (BlockLoop.Unary) VectorFunctions::cos;
            case TANH -> (BlockLoop.Unary) VectorFunctions::tanh;
            case SIGMOID -> (BlockLoop.Unary) VectorFunctions::sigmoid;
            case SOFTPLUS -> (BlockLoop.Unary) VectorFunctions::softplus;
            case ERF -> (BlockLoop.Unary) VectorFunctions::erf;
            case TAN, ASIN, ACOS, ATAN, SINH, COSH, TO_INT32, TO_INT64 ->
                    (BlockLoop.Unary) (a, ao, t, to, n) -> VectorFunctions.each(opcode, a, ao, t, to, n);
            case ADD -> (BlockLoop.Binary) VectorArithmetic::add;
            case SUB -> (BlockLoop.Binary) VectorArithmetic::sub;
            case MUL -> (BlockLoop.Binary) VectorArithmetic::mul;
            case DIV -> (BlockLoop.Binary) VectorArithmetic::div;
            case MIN -> (BlockLoop.Binary) VectorArithmetic::min;
            case MAX -> (BlockLoop.Binary) VectorArithmetic::max;
            case EQ -> (BlockLoop.Binary) VectorArithmetic::eq;
            case NE -> (BlockLoop.Binary) VectorArithmetic::ne;
            case LT -> (BlockLoop.Binary) VectorArithmetic::lt;
            case LE -> (BlockLoop.Binary) VectorArithmetic::le;
            case POW -> (BlockLoop.Binary) VectorFunctions::pow;
            case SELECT -> VectorArithmetic::select;
            case CONSTANT, ROW_SUM, ROW_MAX, ROW_MIN -> throw new IllegalArgumentException(opcode + " has no loop");
        };
    }

    @Override
    public Optional<BlockLoop.WithNumber> loopWithNumber(Opcode opcode, boolean first) {
        return Optional.ofNullable(VectorScalar.loop(opcode, first));
    }

    @Override
    public float reduce(BlockProgram.Kind kind, MemorySegment a, long ao, int n) {
        return switch (kind) {
            case SUM -> sum(a, ao, n);
            case MAX -> max(a, ao, n);
            case MIN -> min(a, ao, n);
        };
    }

    @Override
    public void spread(MemorySegment a, long ao, int rows, int columns, MemorySegment t, long to) {
        for (int i = 0; i < rows; i++) {
            VectorArithmetic.fill(a.get(Elements.FLOAT, ao + 4L * i), t, to + 4L * i * columns, columns);
        }
    }

    @Override
    public void reduceRows(
            BlockProgram.Kind kind, MemorySegment a, long ao, int rows, int columns, MemorySegment t, long to) {
        if (rows == 1) {
            MemorySegment.copy(a, ao, t, to, 4L * columns);
        } else if (columns < LANES) {
            fold(kind, a, ao, rows, columns, t, to);
        } else {
            // The last vector overlaps the one before; computing a column twice does no harm.
            for (int j = 0; j < columns; j += LANES) {
                int at = Math.min(j, columns - LANES);
                switch (kind) {
                    case SUM -> sumRows(a, ao + 4L * at, rows, columns, t, to + 4L * at);
                    case MAX -> maxRows(a, ao + 4L * at, rows, columns, t, to + 4L * at);
                    case MIN -> minRows(a, ao + 4L * at, rows, columns, t, to + 4L * at);
                }
            }
        }
    }

    @Override
    public void collect(MemorySegment a, long ao, MemorySegment sums, long so, int n, boolean add) {
        int doubles = WIDE.length();
        for (int i = 0; i < n; i += LANES) {
            FloatVector x = VectorMath.load(a, ao + 4L * i);
            long at = so + 8L * i;
            for (int part = 0; part < 2; part++, at += 8L * doubles) {
                var y = (DoubleVector) x.convertShape(VectorOperators.F2D, WIDE, part);
                (add ? DoubleVector.fromMemorySegment(WIDE, sums, at, VectorMath.ORDER).add(y) : y)
                        .intoMemorySegment(sums, at, VectorMath.ORDER);
            }
        }
    }

    // Narrow matrices: the lower half of the rows onto the upper half, again and again.
    private static void fold(
            BlockProgram.Kind kind, MemorySegment a, long ao, int rows, int columns, MemorySegment t, long to) {
        MemorySegment from = a;
        long at = ao;
        for (int left = rows; left > 1; left /= 2) {
            int half = left / 2 * columns;
            foldOnce(kind, from, at, from, at + 4L * half, t, to, half);
            if (left % 2 != 0) {
                foldOnce(kind, t, to, from, at + 8L * half, t, to, columns);
            }
            from = t;
            at = to;
        }
    }

    private static void foldOnce(
            BlockProgram.Kind kind,
            MemorySegment a,
            long ao,
            MemorySegment b,
            long bo,
            MemorySegment t,
            long to,
            int n) {
        int whole = n - n % LANES;
        switch (kind) {
            case SUM -> VectorArithmetic.add(a, ao, b, bo, t, to, whole);
            case MAX -> VectorArithmetic.max(a, ao, b, bo, t, to, whole);
            case MIN -> VectorArithmetic.min(a, ao, b, bo, t, to, whole);
        }
        for (int i = whole; i < n; i++) {
            float x = a.get(Elements.FLOAT, ao + 4L * i);
            float y = b.get(Elements.FLOAT, bo + 4L * i);
            t.set(Elements.FLOAT, to + 4L * i, ScalarLoops.both(kind, x, y));
        }
    }

    /// The sum of a vector's lanes, halves first. `reduceLanes` leaves the order open: the compiler takes another one than
    /// the interpreter.
    static float total(FloatVector v) {
        if (LANES > 8) {
            v = v.add(v.rearrange(BY_8));
        }
        if (LANES > 4) {
            v = v.add(v.rearrange(BY_4));
        }
        v = v.add(v.rearrange(BY_2));
        return v.lane(0) + v.lane(1);
    }

    private static float sum(MemorySegment a0, long ao, int n) {
        MemorySegment a = VectorMath.slice(a0, ao, n);
        float result = 0f;
        int i = 0;
        if (n >= LANES) {
            FloatVector r0 = FloatVector.broadcast(VectorMath.SPECIES, 0f);
            FloatVector r1 = r0;
            FloatVector r2 = r0;
            FloatVector r3 = r0;
            for (; i < n - (4 * LANES - 1); i += 4 * LANES) {
                r0 = r0.add(VectorMath.load(a, 4L * i));
                r1 = r1.add(VectorMath.load(a, 4L * (i + LANES)));
                r2 = r2.add(VectorMath.load(a, 4L * (i + 2 * LANES)));
                r3 = r3.add(VectorMath.load(a, 4L * (i + 3 * LANES)));
            }
            for (; i < n - (LANES - 1); i += LANES) {
                r0 = r0.add(VectorMath.load(a, 4L * i));
            }
            result = total(r0.add(r1).add(r2.add(r3)));
        }
        for (; i < n; i++) {
            result += a.get(Elements.FLOAT, 4L * i);
        }
        return result;
    }

    private static void sumRows(MemorySegment a0, long ao, int rows, int columns, MemorySegment t, long to) {
        MemorySegment a = VectorMath.slice(a0, ao, (rows - 1) * columns + LANES);
        FloatVector even = VectorMath.load(a, 0);
        FloatVector odd = VectorMath.load(a, 4L * columns);
        int i = 2;
        for (; i < rows - 1; i += 2) {
            even = even.add(VectorMath.load(a, 4L * columns * i));
            odd = odd.add(VectorMath.load(a, 4L * columns * (i + 1)));
        }
        if (i < rows) {
            even = even.add(VectorMath.load(a, 4L * columns * i));
        }
        even.add(odd).intoMemorySegment(t, to, VectorMath.ORDER);
    }

    private static float max(MemorySegment a0, long ao, int n) {
        MemorySegment a = VectorMath.slice(a0, ao, n);
        float result = Float.NEGATIVE_INFINITY;
        int i = 0;
        if (n >= LANES) {
            FloatVector r0 = FloatVector.broadcast(VectorMath.SPECIES, Float.NEGATIVE_INFINITY);
            FloatVector r1 = r0;
            FloatVector r2 = r0;
            FloatVector r3 = r0;
            for (; i < n - (4 * LANES - 1); i += 4 * LANES) {
                r0 = r0.max(VectorMath.load(a, 4L * i));
                r1 = r1.max(VectorMath.load(a, 4L * (i + LANES)));
                r2 = r2.max(VectorMath.load(a, 4L * (i + 2 * LANES)));
                r3 = r3.max(VectorMath.load(a, 4L * (i + 3 * LANES)));
            }
            for (; i < n - (LANES - 1); i += LANES) {
                r0 = r0.max(VectorMath.load(a, 4L * i));
            }
            result = r0.max(r1).max(r2.max(r3)).reduceLanes(VectorOperators.MAX);
        }
        for (; i < n; i++) {
            result = Math.max(result, a.get(Elements.FLOAT, 4L * i));
        }
        return result;
    }

    private static void maxRows(MemorySegment a0, long ao, int rows, int columns, MemorySegment t, long to) {
        MemorySegment a = VectorMath.slice(a0, ao, (rows - 1) * columns + LANES);
        FloatVector even = VectorMath.load(a, 0);
        FloatVector odd = VectorMath.load(a, 4L * columns);
        int i = 2;
        for (; i < rows - 1; i += 2) {
            even = even.max(VectorMath.load(a, 4L * columns * i));
            odd = odd.max(VectorMath.load(a, 4L * columns * (i + 1)));
        }
        if (i < rows) {
            even = even.max(VectorMath.load(a, 4L * columns * i));
        }
        even.max(odd).intoMemorySegment(t, to, VectorMath.ORDER);
    }

    private static float min(MemorySegment a0, long ao, int n) {
        MemorySegment a = VectorMath.slice(a0, ao, n);
        float result = Float.POSITIVE_INFINITY;
        int i = 0;
        if (n >= LANES) {
            FloatVector r0 = FloatVector.broadcast(VectorMath.SPECIES, Float.POSITIVE_INFINITY);
            FloatVector r1 = r0;
            FloatVector r2 = r0;
            FloatVector r3 = r0;
            for (; i < n - (4 * LANES - 1); i += 4 * LANES) {
                r0 = r0.min(VectorMath.load(a, 4L * i));
                r1 = r1.min(VectorMath.load(a, 4L * (i + LANES)));
                r2 = r2.min(VectorMath.load(a, 4L * (i + 2 * LANES)));
                r3 = r3.min(VectorMath.load(a, 4L * (i + 3 * LANES)));
            }
            for (; i < n - (LANES - 1); i += LANES) {
                r0 = r0.min(VectorMath.load(a, 4L * i));
            }
            result = r0.min(r1).min(r2.min(r3)).reduceLanes(VectorOperators.MIN);
        }
        for (; i < n; i++) {
            result = Math.min(result, a.get(Elements.FLOAT, 4L * i));
        }
        return result;
    }

    private static void minRows(MemorySegment a0, long ao, int rows, int columns, MemorySegment t, long to) {
        MemorySegment a = VectorMath.slice(a0, ao, (rows - 1) * columns + LANES);
        FloatVector even = VectorMath.load(a, 0);
        FloatVector odd = VectorMath.load(a, 4L * columns);
        int i = 2;
        for (; i < rows - 1; i += 2) {
            even = even.min(VectorMath.load(a, 4L * columns * i));
            odd = odd.min(VectorMath.load(a, 4L * columns * (i + 1)));
        }
        if (i < rows) {
            even = even.min(VectorMath.load(a, 4L * columns * i));
        }
        even.min(odd).intoMemorySegment(t, to, VectorMath.ORDER);
    }
}
