package adjoint.tensor;

import adjoint.kernel.DType;

import java.util.List;

/// A constant everywhere. Part of a plan's structure, unlike a scalar tensor, whose value may change from run to run.
///
/// @param value as the type holds it: rounded to float32, cut off to an integer, 1 for true
public record Fill(Shape shape, DType type, double value) implements Op {
    /// Brings the value into the type.
    public Fill {
        value =
                switch (type) {
                    case FLOAT32 -> (float) value;
                    case FLOAT64 -> value;
                    case INT32 -> (int) value;
                    case INT64 -> (long) value;
                    case BOOL -> value != 0 ? 1 : 0;
                };
    }

    @Override
    public String label() {
        return "fill " + value;
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        return new Spec(shape, type);
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        throw new AssertionError("fill has no input");
    }
}
