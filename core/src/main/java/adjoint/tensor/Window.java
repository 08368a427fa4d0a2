package adjoint.tensor;

import adjoint.kernel.Step.Pool.Form;

/// The windows that pooling reduces: `Window.of(3, 3).stride(2).padding(Padding.SAME)`.
///
/// @param size for each spatial axis; a single number holds for all
/// @param stride from one window to the next, likewise; unless asked for, as large as the window
/// @param padding by how much windows may reach beyond the input
/// @param dilation from one element of a window to the next
public record Window(Ints size, Ints stride, Padding padding, Ints dilation) {
    /// @throws ShapeException if a number is not positive
    public Window {
        Sliding.positive("a window", size);
        Sliding.positive("a stride", stride);
        Sliding.positive("a dilation", dilation);
    }

    /// Windows side by side.
    public static Window of(int... size) {
        return new Window(Ints.of(size), Ints.of(size), Padding.VALID, Ints.of(1));
    }

    /// This with steps of such a size.
    public Window stride(int... each) {
        return new Window(size, Ints.of(each), padding, dilation);
    }

    /// This with such padding.
    public Window padding(Padding around) {
        return new Window(size, stride, around, dilation);
    }

    /// This with windows that reach so far beyond both ends of each spatial axis.
    public Window padding(int... each) {
        return padding(Padding.of(each));
    }

    /// This with windows whose elements are so far apart.
    public Window dilation(int... each) {
        return new Window(size, stride, padding, Ints.of(each));
    }

    /// As `3x3, stride 2, padding SAME`: what is not the usual is named.
    @Override
    public String toString() {
        return numbers(size)
                + (stride.equals(size) ? "" : ", stride " + numbers(stride))
                + (padding.equals(Padding.VALID) ? "" : ", padding " + padding)
                + (dilation.equals(Ints.of(1)) ? "" : ", dilation " + numbers(dilation));
    }

    private static String numbers(Ints each) {
        return each.toString().replaceAll("[\\[\\]]", "").replace(", ", "x");
    }

    Tensor max(Tensor x) {
        return pool(Form.MAX, x, over("max-pool", x));
    }

    Tensor average(Tensor x, boolean countPadding) {
        Sliding at = over("average-pool", x);
        Tensor sum = pool(Form.SUM, x, at);
        long all = Shape.of(at.size().toArray()).size();
        if (countPadding || !reachesBeyond(at, x)) {
            return sum.mul(Tensor.constant(x.type(), 1.0 / all));
        }
        // How many elements each window holds is the same for all of the batch and all channels.
        int[] one = x.shape().with(0, 1).with(-1, 1).dims();
        return sum.div(pool(Form.SUM, Tensor.full(x.type(), 1, one), at));
    }

    private static Tensor pool(Form form, Tensor x, Sliding at) {
        return Tensor.apply(new Pool(form, at.out(), at.size(), at.stride(), at.before(), at.dilation()), x);
    }

    private Sliding over(String name, Tensor x) {
        int[] in = Sliding.spatial(name, x.shape());
        String what = name + " with a window " + size;
        Sliding at = Sliding.over(what, in, size, stride, padding, dilation);
        if (!at.touches(in)) {
            throw new ShapeException(
                    what
                            + " has windows that lie outside of the input "
                            + x.shape()
                            + " with padding "
                            + padding
                            + ": use less padding or a smaller dilation");
        }
        return at;
    }

    private static boolean reachesBeyond(Sliding at, Tensor x) {
        for (int i = 0; i < at.out().length(); i++) {
            long last = (at.out().at(i) - 1L) * at.stride().at(i) - at.before().at(i);
            if (at.before().at(i) > 0 || last + Sliding.span(at.size().at(i), at.dilation().at(i)) > x.dim(i + 1)) {
                return true;
            }
        }
        return false;
    }
}
