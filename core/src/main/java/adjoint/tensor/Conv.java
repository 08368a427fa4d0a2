package adjoint.tensor;

import adjoint.kernel.Step.Convolution.Operand;

import java.util.Arrays;

/// How a convolution goes over its input: `new Conv().stride(2).padding(Padding.SAME)`.
///
/// @param stride from one window to the next, for each spatial axis; a single number holds for all
/// @param padding the zeros around the input
/// @param dilation from one element of a window to the next, likewise
/// @param groups into how many parts the channels are cut that do not mix
public record Conv(Ints stride, Padding padding, Ints dilation, int groups) {
    /// @throws ShapeException if a number is not positive
    public Conv {
        Sliding.positive("a stride", stride);
        Sliding.positive("a dilation", dilation);
        if (groups < 1) {
            throw new ShapeException("a convolution needs 1 group or more, got " + groups);
        }
    }

    /// Stride 1, no padding, no dilation, one group.
    public Conv() {
        this(Ints.of(1), Padding.VALID, Ints.of(1), 1);
    }

    /// This with steps of such a size.
    public Conv stride(int... each) {
        return new Conv(Ints.of(each), padding, dilation, groups);
    }

    /// This with such padding.
    public Conv padding(Padding around) {
        return new Conv(stride, around, dilation, groups);
    }

    /// This with so many zeros on both sides of each spatial axis.
    public Conv padding(int... each) {
        return padding(Padding.of(each));
    }

    /// This with windows whose elements are so far apart.
    public Conv dilation(int... each) {
        return new Conv(stride, padding, Ints.of(each), groups);
    }

    /// This with channels cut into groups; as many as there are channels makes it depthwise.
    public Conv groups(int count) {
        return new Conv(stride, padding, dilation, count);
    }

    Tensor of(Tensor x, Tensor kernel) {
        int[] in = Sliding.spatial("conv", x.shape());
        var at = Sliding.over(with("conv", x, kernel), in, window(kernel), stride, padding, dilation);
        return Tensor.apply(
                new Convolution(Operand.Y, at.out(), at.stride(), at.before(), at.dilation(), groups), x, kernel);
    }

    Tensor transposed(Tensor y, Tensor kernel, int... outputPadding) {
        int[] out = Sliding.spatial("conv-transpose", y.shape());
        String what = with("conv-transpose", y, kernel);
        int axes = out.length;
        int[] s = Sliding.each(what, "stride", stride, axes);
        int[] d = Sliding.each(what, "dilation", dilation, axes);
        int[] k = window(kernel).toArray();
        int[] before = Sliding.each(what, "padding", padding.before(), axes);
        int[] after = Sliding.each(what, "padding", padding.after(), axes);
        int[] extra =
                outputPadding.length == 0
                        ? new int[axes]
                        : Sliding.each(what, "output padding", Ints.of(outputPadding), axes);
        int[] in = new int[axes];
        for (int i = 0; i < axes; i++) {
            if (extra[i] < 0 || extra[i] >= Math.max(s[i], d[i]) || padding.same() && extra[i] > 0) {
                throw new ShapeException(
                        what
                                + " needs an output padding of 0 or more, less than the stride or dilation "
                                + Math.max(s[i], d[i])
                                + ", and none with padding SAME, got "
                                + Arrays.toString(outputPadding));
            }
            long full = (out[i] - 1L) * s[i] + Sliding.span(k[i], d[i]);
            if (padding.same()) {
                in[i] = Sliding.requireInt(what, i, (long) out[i] * s[i]);
                before[i] = Sliding.requireInt(what, i, Math.max(0, full - in[i])) / 2;
                continue;
            }
            long left = full - before[i] - after[i] + extra[i];
            if (out[i] < 1 || left < 1) {
                throw new ShapeException(
                        what
                                + " would make an output of "
                                + left
                                + " elements on spatial axis "
                                + i
                                + ": padding "
                                + padding
                                + " cuts off all of them, use less");
            }
            in[i] = Sliding.requireInt(what, i, left);
        }
        var op = new Convolution(Operand.X, Ints.of(in), Ints.of(s), Ints.of(before), Ints.of(d), groups);
        return Tensor.apply(op, kernel, y);
    }

    private static String with(String name, Tensor x, Tensor kernel) {
        int rank = x.shape().rank();
        if (kernel.shape().rank() != rank) {
            throw new ShapeException(
                    name
                            + " of "
                            + x.shape()
                            + ", "
                            + (rank - 2)
                            + " spatial axes, needs a kernel of "
                            + rank
                            + " axes [kernel.., channels / groups, channels], got "
                            + kernel.shape());
        }
        return name + " with a kernel " + kernel.shape();
    }

    private static Ints window(Tensor kernel) {
        int[] size = Arrays.copyOf(kernel.shape().dims(), kernel.shape().rank() - 2);
        return Sliding.positive("the window of a kernel " + kernel.shape(), Ints.of(size));
    }
}
