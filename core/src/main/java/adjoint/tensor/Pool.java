package adjoint.tensor;

import adjoint.kernel.Step.Pool.Form;

import java.util.Arrays;
import java.util.List;

/// Windows that slide over the spatial axes of x `[N, in…, C]` and make y `[N, out…, C]`, each channel for itself. What lies
/// outside of x is not seen.
///
/// Two pairs of adjoints: `SUM` adds a window up, `SPREAD` hands each y to all of its window. `TAKE` reads v, shaped like x, where x
/// has the first largest element of a window, `SCATTER` adds y to there. `MAX` is `TAKE` with v = x. Where x has its largest
/// elements does not change with small changes of x: no derivative goes that way.
///
/// Inputs: x for `MAX` and `SUM`; y for `SPREAD`; x and v for `TAKE`; x and y for `SCATTER`.
///
/// @param extent of the spatial axes of what is made
public record Pool(Form form, Ints extent, Ints size, Ints stride, Ints before, Ints dilation) implements Op {
    @Override
    public String label() {
        return switch (form) {
            case MAX -> "max-pool";
            case TAKE -> "max-pool-take";
            case SCATTER -> "max-pool-adjoint";
            case SUM -> "sum-pool";
            case SPREAD -> "sum-pool-adjoint";
        };
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (!x.type().isFloating() || x.shape().rank() != extent.length() + 2) {
            throw new ShapeException(
                    label() + " needs floats [batch, " + extent.length() + " spatial axes, channels], got " + x);
        }
        int[] d = x.shape().dims();
        for (int i = 0; i < extent.length(); i++) {
            d[i + 1] = extent.at(i);
        }
        if (inputs.size() > 1) {
            Spec other = inputs.get(1).spec();
            boolean fits =
                    form == Form.TAKE
                            ? other.equals(x)
                            : other.type() == x.type()
                                    && other.shape().rank() == d.length
                                    && other.shape().dim(0) == d[0]
                                    && other.shape().dim(-1) == d[d.length - 1];
            if (!fits) {
                throw new ShapeException(label() + " cannot use " + other + " with an input of " + x);
            }
        }
        return new Spec(Shape.of(d), x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        Tensor x = output.input(0);
        return switch (form) {
            case MAX -> Tensor.apply(as(Form.SCATTER, x), x, g);
            case TAKE -> input == 0 ? null : Tensor.apply(as(Form.SCATTER, x), x, g);
            case SCATTER -> input == 0 ? null : Tensor.apply(as(Form.TAKE, output.input(1)), x, g);
            case SUM -> Tensor.apply(as(Form.SPREAD, x), g);
            case SPREAD -> Tensor.apply(as(Form.SUM, x), g);
        };
    }

    private Pool as(Form other, Tensor like) {
        Ints made = Ints.of(Arrays.copyOfRange(like.shape().dims(), 1, like.shape().rank() - 1));
        return new Pool(other, made, size, stride, before, dilation);
    }
}
