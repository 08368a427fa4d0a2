package adjoint.tensor;

import adjoint.kernel.DType;
import adjoint.kernel.Opcode;

import java.util.List;
import java.util.Locale;

/// Elementwise functions of one tensor: a row each, with the derivative beside it. `x` is the input, `y` the output, `g` the
/// cotangent of the output.
public enum Unary implements Op {
    NEG(Opcode.NEG, (x, y, g) -> g.neg()),
    ABS(Opcode.ABS, (x, y, g) -> g.mul(x.sign())),
    SIGN(Opcode.SIGN, (x, y, g) -> null),
    FLOOR(Opcode.FLOOR, (x, y, g) -> null),
    CEIL(Opcode.CEIL, (x, y, g) -> null),
    ROUND(Opcode.ROUND, (x, y, g) -> null),
    TRUNC(Opcode.TRUNC, (x, y, g) -> null),
    RECIPROCAL(Opcode.RECIPROCAL, (x, y, g) -> g.mul(y.square()).neg()),
    SQRT(Opcode.SQRT, (x, y, g) -> g.div(y.mul(2))),
    RSQRT(Opcode.RSQRT, (x, y, g) -> g.mul(y.div(x)).mul(-0.5)),
    EXP(Opcode.EXP, (x, y, g) -> g.mul(y)),
    EXPM1(Opcode.EXPM1, (x, y, g) -> g.mul(y.add(1))),
    LOG(Opcode.LOG, (x, y, g) -> g.div(x)),
    LOG1P(Opcode.LOG1P, (x, y, g) -> g.div(x.add(1))),
    SIN(Opcode.SIN, (x, y, g) -> g.mul(x.cos())),
    COS(Opcode.COS, (x, y, g) -> g.mul(x.sin()).neg()),
    TAN(Opcode.TAN, (x, y, g) -> g.mul(y.square().add(1))),
    ASIN(Opcode.ASIN, (x, y, g) -> g.mul(oneMinusSquare(x).rsqrt())),
    ACOS(Opcode.ACOS, (x, y, g) -> g.mul(oneMinusSquare(x).rsqrt()).neg()),
    ATAN(Opcode.ATAN, (x, y, g) -> g.div(x.square().add(1))),
    SINH(Opcode.SINH, (x, y, g) -> g.mul(x.cosh())),
    COSH(Opcode.COSH, (x, y, g) -> g.mul(x.sinh())),
    TANH(Opcode.TANH, (x, y, g) -> g.mul(oneMinusSquare(y))),
    SIGMOID(Opcode.SIGMOID, (x, y, g) -> g.mul(y.mul(y.neg().add(1)))),
    SOFTPLUS(Opcode.SOFTPLUS, (x, y, g) -> g.mul(x.sigmoid())),
    ERF(Opcode.ERF, (x, y, g) -> g.mul(x.square().neg().exp()).mul(1.1283791670955126)), // 2/√π
    /// The derivative at the kink is 0, as in the literature's implementations.
    RELU(Opcode.RELU, (x, y, g) -> Tensor.where(y.gt(0), g, g.zerosLike()));

    private final Opcode opcode;
    private final Derivative derivative;

    @FunctionalInterface
    private interface Derivative {
        Tensor apply(Tensor x, Tensor y, Tensor g);
    }

    Unary(Opcode opcode, Derivative derivative) {
        this.opcode = opcode;
        this.derivative = derivative;
    }

    /// What a machine runs for it.
    public Opcode opcode() {
        return opcode;
    }

    @Override
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        boolean exactOnIntegers = this == NEG || this == ABS || this == SIGN || this == RELU;
        if (!x.type().isFloating() && !(x.type().isInteger() && exactOnIntegers)) {
            throw new ShapeException(label() + " needs floating elements, got " + x + ": use to(DType.FLOAT32) first");
        }
        return x;
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor cotangent) {
        return derivative.apply(output.input(0), output, cotangent);
    }

    @Override
    public boolean passesGradient(int input) {
        return switch (this) {
            case SIGN, FLOOR, CEIL, ROUND, TRUNC -> false;
            default -> true;
        };
    }

    private static Tensor oneMinusSquare(Tensor x) {
        return x.square().neg().add(1);
    }

    static boolean isNumeric(DType type) {
        return type != DType.BOOL;
    }
}
