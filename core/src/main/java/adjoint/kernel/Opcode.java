package adjoint.kernel;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// The elementwise functions a machine must know, and what brings a row together: the instruction set of [BlockProgram].
///
/// Each carries its definition in double precision, which is what [ReferenceKernels] computes and every faster kernel is
/// tested against. Truth values are the numbers 0 and 1.
public enum Opcode {
    NEG(x -> -x),
    ABS(Math::abs),
    SIGN(Math::signum),
    FLOOR(Math::floor),
    CEIL(Math::ceil),
    /// To the nearest integer, halves to even.
    ROUND(Math::rint),
    /// Towards zero.
    TRUNC(x -> x < 0 ? Math.ceil(x) : Math.floor(x)),
    /// To the whole numbers of 32 bits, as Java casts: of floats NaN becomes 0 and what is too large the nearest one; of
    /// integers the upper bits go.
    TO_INT32(x -> (int) x),
    /// To the whole numbers of 64 bits, as Java casts.
    TO_INT64(x -> (long) x),
    RECIPROCAL(x -> 1 / x),
    SQRT(Math::sqrt),
    RSQRT(x -> 1 / Math.sqrt(x)),
    EXP(Math::exp),
    EXPM1(Math::expm1),
    LOG(Math::log),
    LOG1P(Math::log1p),
    SIN(Math::sin),
    COS(Math::cos),
    TAN(Math::tan),
    ASIN(Math::asin),
    ACOS(Math::acos),
    ATAN(Math::atan),
    SINH(Math::sinh),
    COSH(Math::cosh),
    TANH(Math::tanh),
    SIGMOID(x -> 1 / (1 + Math.exp(-x))),
    /// `log(1 + exp(x))`.
    SOFTPLUS(x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
    ERF(SpecialFunctions::erf),
    /// `max(x, 0)`; NaN stays NaN.
    RELU(x -> x <= 0 ? 0 : x),

    ADD((x, y) -> x + y),
    SUB((x, y) -> x - y),
    MUL((x, y) -> x * y),
    DIV((x, y) -> x / y),
    POW(Math::pow),
    /// The smaller; NaN if either is NaN.
    MIN(Math::min),
    /// The larger; NaN if either is NaN.
    MAX(Math::max),
    EQ((x, y) -> x == y ? 1 : 0),
    NE((x, y) -> x != y ? 1 : 0),
    LT((x, y) -> x < y ? 1 : 0),
    LE((x, y) -> x <= y ? 1 : 0),

    /// The sum of the row that the point is in: see [BlockProgram#rowAxes()].
    ROW_SUM(1, null, null),
    /// The largest of the row; NaN if there is one in it.
    ROW_MAX(1, null, null),
    /// The smallest of the row; NaN if there is one in it.
    ROW_MIN(1, null, null),

    /// `a != 0 ? b : c`.
    SELECT(3, null, null),
    /// The instruction's constant.
    CONSTANT(0, null, null);

    private final int arity;
    private final DoubleUnaryOperator unary;
    private final DoubleBinaryOperator binary;

    Opcode(DoubleUnaryOperator unary) {
        this(1, unary, null);
    }

    Opcode(DoubleBinaryOperator binary) {
        this(2, null, binary);
    }

    Opcode(int arity, DoubleUnaryOperator unary, DoubleBinaryOperator binary) {
        this.arity = arity;
        this.unary = unary;
        this.binary = binary;
    }

    /// How many registers the function reads.
    public int arity() {
        return arity;
    }

    /// How a row is brought together, for the opcodes that ask for it; null for all that look at one point.
    public BlockProgram.Kind row() {
        return switch (this) {
            case ROW_SUM -> BlockProgram.Kind.SUM;
            case ROW_MAX -> BlockProgram.Kind.MAX;
            case ROW_MIN -> BlockProgram.Kind.MIN;
            default -> null;
        };
    }

    /// The opcode that brings a row together.
    public static Opcode row(BlockProgram.Kind kind) {
        return switch (kind) {
            case SUM -> ROW_SUM;
            case MAX -> ROW_MAX;
            case MIN -> ROW_MIN;
        };
    }

    /// The definition, in double precision; unused arguments are ignored. [#CONSTANT] gives `a`.
    ///
    /// @throws UnsupportedOperationException for the opcodes of rows
    public double apply(double a, double b, double c) {
        if (row() != null) {
            throw new UnsupportedOperationException(this + " needs a row, not a point");
        }
        return switch (arity) {
            case 0 -> a;
            case 1 -> unary.applyAsDouble(a);
            case 2 -> binary.applyAsDouble(a, b);
            default -> a != 0 ? b : c;
        };
    }

    /// The definition over integers, for programs that compute in `INT64`.
    ///
    /// @throws UnsupportedOperationException for functions that integers do not have
    public long apply(long a, long b, long c) {
        return switch (this) {
            case CONSTANT, TRUNC, FLOOR, CEIL, ROUND, TO_INT64 -> a;
            case TO_INT32 -> (int) a;
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SIGN -> Long.signum(a);
            case RELU -> Math.max(a, 0);
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case EQ -> a == b ? 1 : 0;
            case NE -> a != b ? 1 : 0;
            case LT -> a < b ? 1 : 0;
            case LE -> a <= b ? 1 : 0;
            case SELECT -> a != 0 ? b : c;
            default -> throw new UnsupportedOperationException(this + " is not defined for integers");
        };
    }
}
