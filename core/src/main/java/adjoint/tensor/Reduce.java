package adjoint.tensor;

import adjoint.kernel.BlockProgram;
import adjoint.kernel.DType;

import java.util.List;
import java.util.Locale;

/// Sum, maximum or minimum over axes, which disappear.
///
/// @param axes sorted, not empty
public record Reduce(BlockProgram.Kind kind, Ints axes) implements Op {
    @Override
    public String label() {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (kind == BlockProgram.Kind.SUM && x.type() == DType.BOOL) {
            throw new ShapeException(
                    "sum needs numbers, got " + x + ": use to(DType.FLOAT32) or to(DType.INT64) first");
        }
        Shape shape = x.shape().without(axes.toArray());
        if (kind != BlockProgram.Kind.SUM && x.shape().size() == 0 && shape.size() > 0) {
            throw new ShapeException(label() + " over no elements has no value: got " + x + ", axes " + axes);
        }
        return new Spec(shape, x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        Tensor x = output.input(0);
        if (kind == BlockProgram.Kind.SUM) {
            return spread(g, x.shape());
        }
        // Equal extremes share the cotangent.
        Tensor mask = x.eq(spread(output, x.shape())).to(x.type());
        Tensor count = mask.sum(axes.toArray());
        return mask.mul(spread(g.div(count), x.shape()));
    }

    // Puts the reduced axes back and repeats along them.
    private Tensor spread(Tensor t, Shape shape) {
        int[] d = shape.dims();
        for (int axis : axes.toArray()) {
            d[axis] = 1;
        }
        return t.reshape(d).expand(shape.dims());
    }
}
