package adjoint.tensor;

import adjoint.kernel.BlockProgram;

/// Mean and variance over axes, which stay with extent 1.
///
/// Short rows are read twice, while they are in the cache: the mean first, then the squares of what deviates from it. All
/// else is read once: with s an element of each sum, `variance = mean((x - s)²) - mean(x - s)²`, which is as accurate where s is
/// as near to the mean as most elements are; if it is an outlier, D deviations away, roundings are D² times as large.
///
/// @param mean of the tensor's shape with extents of 1
/// @param variance likewise; divided by n
/// @param axes over which they are taken, sorted
public record Moments(Tensor mean, Tensor variance, Ints axes) {
    /// Those of a tensor.
    public static Moments of(Tensor x, int... overAxes) {
        Ints axes = Ints.of(x.shape().axes(overAxes));
        if (isShortRow(x.shape(), axes)) {
            Tensor mean = meanOf(x, axes);
            return new Moments(mean, meanOf(x.sub(mean).square(), axes), axes);
        }
        Tensor first = x;
        for (int axis : axes.toArray()) {
            first = first.slice(axis, 0, Math.min(1, x.dim(axis)));
        }
        first = first.stopGradient(); // any number would do
        Tensor away = x.sub(first);
        Tensor shift = meanOf(away, axes);
        Tensor variance = meanOf(away.square(), axes).sub(shift.square());
        return new Moments(first.add(shift), variance.maximum(Tensor.constant(x.type(), 0)), axes);
    }

    private static boolean isShortRow(Shape shape, Ints axes) {
        long length = 1;
        for (int i = 0; i < axes.length(); i++) {
            if (axes.at(i) != shape.rank() - axes.length() + i) {
                return false;
            }
            length *= shape.dim(axes.at(i));
        }
        return length <= BlockProgram.LONGEST_ROW;
    }

    /// The mean of another tensor of the same shape over the same axes.
    Tensor meanOf(Tensor t) {
        return meanOf(t, axes);
    }

    private static Tensor meanOf(Tensor t, Ints axes) {
        int[] kept = t.shape().dims();
        for (int axis : axes.toArray()) {
            kept[axis] = 1;
        }
        return t.mean(axes.toArray()).reshape(kept);
    }
}
