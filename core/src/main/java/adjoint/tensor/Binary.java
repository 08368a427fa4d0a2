package adjoint.tensor;

import adjoint.kernel.DType;
import adjoint.kernel.Opcode;

import java.util.List;
import java.util.Locale;

/// Elementwise functions of two tensors that broadcast: a row each, with the derivatives for the left and the right input.
public enum Binary implements Op {
    ADD(Opcode.ADD, (a, b, y, g) -> g, (a, b, y, g) -> g),
    SUB(Opcode.SUB, (a, b, y, g) -> g, (a, b, y, g) -> g.neg()),
    MUL(Opcode.MUL, (a, b, y, g) -> g.mul(b), (a, b, y, g) -> g.mul(a)),
    DIV(Opcode.DIV, (a, b, y, g) -> g.div(b), (a, b, y, g) -> g.mul(y).div(b).neg()),
    /// `a^b`. The derivative for `b` takes `log a` as 0 where `a ≤ 0`, so that constant exponents of negative bases work.
    POW(
            Opcode.POW,
            (a, b, y, g) -> g.mul(b.mul(baseOfPower(a, b).pow(b.sub(1)))),
            (a, b, y, g) -> g.mul(y.mul(Tensor.where(a.gt(0), a, a.onesLike()).log()))),
    /// Equal inputs share the cotangent by halves.
    MIN(Opcode.MIN, (a, b, y, g) -> g.mul(share(a, b)), (a, b, y, g) -> g.mul(share(b, a))),
    /// Equal inputs share the cotangent by halves.
    MAX(Opcode.MAX, (a, b, y, g) -> g.mul(share(b, a)), (a, b, y, g) -> g.mul(share(a, b))),
    /// Of truth values.
    AND(Opcode.MIN, null, null),
    /// Of truth values.
    OR(Opcode.MAX, null, null),
    /// Of truth values.
    XOR(Opcode.NE, null, null);

    private final Opcode opcode;
    private final Derivative left;
    private final Derivative right;

    @FunctionalInterface
    private interface Derivative {
        Tensor apply(Tensor a, Tensor b, Tensor y, Tensor g);
    }

    Binary(Opcode opcode, Derivative left, Derivative right) {
        this.opcode = opcode;
        this.left = left;
        this.right = right;
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
        Spec spec = broadcast(label(), inputs.get(0), inputs.get(1));
        boolean logical = left == null;
        if (logical != (spec.type() == DType.BOOL)) {
            throw new ShapeException(
                    label()
                            + " needs "
                            + (logical ? "bool elements (from a comparison)" : "numbers, not bool")
                            + ", got "
                            + spec);
        }
        if ((this == DIV || this == POW) && !spec.type().isFloating()) {
            throw new ShapeException(
                    label() + " needs floating elements, got " + spec + ": use to(DType.FLOAT32) first");
        }
        return spec;
    }

    static Spec broadcast(String label, Tensor a, Tensor b) {
        if (a.type() != b.type()) {
            throw new ShapeException(
                    label
                            + " needs two tensors of one type, got "
                            + a.spec()
                            + " and "
                            + b.spec()
                            + ": convert one with to(DType)");
        }
        Shape shape = Shape.broadcast(a.shape(), b.shape());
        if (shape == null) {
            throw new ShapeException(
                    label
                            + " cannot broadcast "
                            + a.shape()
                            + " with "
                            + b.shape()
                            + ": aligned at the last axis, extents must be equal or 1");
        }
        return new Spec(shape, a.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor cotangent) {
        Derivative derivative = input == 0 ? left : right;
        return derivative.apply(output.input(0), output.input(1), output, cotangent);
    }

    // 0 · 0^-1 is 0 in the derivative of 0⁰, since x⁰ is 1 everywhere.
    private static Tensor baseOfPower(Tensor a, Tensor b) {
        return Tensor.where(b.eq(0), Tensor.where(a.eq(0), a.onesLike(), a), a);
    }

    // 1 where low < high, 1/2 where equal, 0 elsewhere.
    private static Tensor share(Tensor low, Tensor high) {
        return low.lt(high).to(low.type()).add(low.le(high).to(low.type())).mul(0.5);
    }
}
