package adjoint.tensor;

import adjoint.kernel.DType;
import adjoint.kernel.Opcode;

import java.util.List;
import java.util.Locale;

/// Comparisons, elementwise and broadcasting; they give truth values, through which no derivative passes.
public enum Compare implements Op {
    EQ(Opcode.EQ),
    NE(Opcode.NE),
    LT(Opcode.LT),
    LE(Opcode.LE);

    private final Opcode opcode;

    Compare(Opcode opcode) {
        this.opcode = opcode;
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
        return new Spec(Binary.broadcast(label(), inputs.get(0), inputs.get(1)).shape(), DType.BOOL);
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor cotangent) {
        return null;
    }

    @Override
    public boolean passesGradient(int input) {
        return false;
    }
}
