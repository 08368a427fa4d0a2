package adjoint.tensor;

import adjoint.kernel.Step.Convolution.Operand;

import java.util.Arrays;
import java.util.List;

/// The three tensors that a convolution ties together, one of them made from the other two:
///
/// `y[n, o…, g K + k] = Σ_{r…, c} x[n, o stride + r dilation - before…, g C + c] · w[r…, c, g K + k]`
///
/// with x `[N, in…, G C]`, w `[kernel…, C, G K]`, y `[N, out…, G K]` for `G` groups; x is 0 outside. `Σ y · (that sum)` is linear
/// in each of x, w and y: its derivative with respect to one of them is the same op with another target, which closes
/// derivatives of all orders.
///
/// Inputs: w and y make x; x and y make w; x and w make y.
///
/// @param target what is made
/// @param extent of its spatial axes
public record Convolution(Operand target, Ints extent, Ints stride, Ints before, Ints dilation, int groups)
        implements Op {
    private static final List<Operand> ORDER = List.of(Operand.values()); // X, W, Y: as inputs stand

    @Override
    public String label() {
        return switch (target) {
            case Y -> "conv";
            case X -> "conv-transpose";
            case W -> "conv-kernel-adjoint";
        };
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec a = inputs.get(0).spec();
        Spec b = inputs.get(1).spec();
        int rank = extent.length() + 2;
        if (a.type() != b.type() || !a.type().isFloating()) {
            throw new ShapeException(label() + " needs two tensors of one floating type, got " + a + " and " + b);
        }
        if (a.shape().rank() != rank || b.shape().rank() != rank) {
            throw new ShapeException(
                    label()
                            + " over "
                            + extent.length()
                            + " spatial axes needs two tensors of "
                            + rank
                            + " axes, got "
                            + a.shape()
                            + " and "
                            + b.shape());
        }
        return new Spec(
                switch (target) {
                    case Y -> output(a.shape(), b.shape());
                    case X -> input(a.shape(), b.shape());
                    case W -> kernel(a.shape(), b.shape());
                },
                a.type());
    }

    private Shape output(Shape x, Shape w) {
        divides("output channels (the kernel's last axis)", w.dim(-1), "a kernel " + w);
        if (x.dim(-1) != (long) groups * w.dim(-2)) {
            throw new ShapeException(
                    "conv with a kernel "
                            + w
                            + inGroups()
                            + " needs an input of "
                            + (long) groups * w.dim(-2)
                            + " channels (the last axis), got "
                            + x
                            + ": a kernel is [kernel.., input channels / groups, output channels]");
        }
        return made(x.dim(0), w.dim(-1));
    }

    private Shape input(Shape w, Shape y) {
        divides("input channels (the kernel's last axis)", w.dim(-1), "a kernel " + w);
        if (y.dim(-1) != w.dim(-1)) {
            throw new ShapeException(
                    "conv-transpose with a kernel "
                            + w
                            + inGroups()
                            + " needs an input of "
                            + w.dim(-1)
                            + " channels (the last axis), got "
                            + y
                            + ": a kernel is [kernel.., output channels / groups, input channels]");
        }
        return made(y.dim(0), Math.multiplyExact(groups, w.dim(-2)));
    }

    private Shape kernel(Shape x, Shape y) {
        divides("input channels", x.dim(-1), "an input " + x);
        divides("output channels", y.dim(-1), "an output " + y);
        if (x.dim(0) != y.dim(0)) {
            throw new ShapeException(label() + " needs batches of one size, got " + x + " and " + y);
        }
        int[] d = Arrays.copyOf(extent.toArray(), extent.length() + 2);
        d[extent.length()] = x.dim(-1) / groups;
        d[extent.length() + 1] = y.dim(-1);
        return Shape.of(d);
    }

    private Shape made(int batch, int channels) {
        int[] d = new int[extent.length() + 2];
        d[0] = batch;
        for (int i = 0; i < extent.length(); i++) {
            d[i + 1] = extent.at(i);
        }
        d[d.length - 1] = channels;
        return Shape.of(d);
    }

    private void divides(String what, int channels, String where) {
        if (channels % groups != 0) {
            throw new ShapeException(
                    label()
                            + inGroups()
                            + " needs "
                            + what
                            + " in a multiple of "
                            + groups
                            + ", got "
                            + channels
                            + " in "
                            + where);
        }
    }

    private String inGroups() {
        return groups == 1 ? "" : " in " + groups + " groups";
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        List<Operand> sources = ORDER.stream().filter(o -> o != target).toList();
        Operand wanted = sources.get(input);
        Tensor other = output.input(1 - input);
        // The cotangent takes the place of what was made.
        boolean cotangentFirst = ORDER.indexOf(target) < ORDER.indexOf(sources.get(1 - input));
        var op =
                new Convolution(wanted, spatial(wanted, output.input(input).shape()), stride, before, dilation, groups);
        return cotangentFirst ? Tensor.apply(op, g, other) : Tensor.apply(op, other, g);
    }

    private static Ints spatial(Operand operand, Shape shape) {
        int first = operand == Operand.W ? 0 : 1;
        return Ints.of(Arrays.copyOfRange(shape.dims(), first, first + shape.rank() - 2));
    }
}
