package adjoint.tensor;

import java.util.Arrays;

/// Where the windows of a convolution or pooling stand, worked out for an input: one number for each spatial axis.
///
/// @param before what stands before the input
/// @param out how many windows there are
record Sliding(Ints size, Ints stride, Ints before, Ints dilation, Ints out) {

    /// @param what stands first in messages: `conv with a kernel [3, 3, 1, 8]`
    /// @param in the input's spatial extents
    /// @throws ShapeException if there is no window at all
    static Sliding over(String what, int[] in, Ints size, Ints stride, Padding padding, Ints dilation) {
        int axes = in.length;
        int[] s = each(what, "stride", stride, axes);
        int[] d = each(what, "dilation", dilation, axes);
        int[] k = each(what, "window", size, axes);
        int[] before = each(what, "padding", padding.before(), axes);
        int[] after = each(what, "padding", padding.after(), axes);
        int[] out = new int[axes];
        for (int i = 0; i < axes; i++) {
            long span = span(k[i], d[i]);
            if (padding.same()) {
                out[i] = Math.ceilDiv(in[i], s[i]);
                long around = Math.max(0, (out[i] - 1L) * s[i] + span - in[i]);
                before[i] = requireInt(what, i, around) / 2;
                after[i] = (int) around - before[i];
            }
            requireInt(what, i, (long) in[i] + before[i] + after[i]);
            long room = (long) in[i] + before[i] + after[i] - span;
            if (in[i] < 1 || room < 0) {
                throw new ShapeException(
                        what
                                + " spans "
                                + span
                                + " elements of spatial axis "
                                + i
                                + ", more than the "
                                + in[i]
                                + " of the input "
                                + Arrays.toString(in)
                                + " with padding "
                                + padding
                                + ": use a larger input, more padding, or a smaller window or dilation");
            }
            out[i] = (int) (room / s[i] + 1);
        }
        return new Sliding(Ints.of(k), Ints.of(s), Ints.of(before), Ints.of(d), Ints.of(out));
    }

    /// Refuses an axis that an int cannot count.
    static int requireInt(String what, int axis, long extent) {
        if (extent > Integer.MAX_VALUE) {
            throw new ShapeException(
                    what
                            + " would need "
                            + extent
                            + " elements on spatial axis "
                            + axis
                            + ", padding included, more than "
                            + Integer.MAX_VALUE
                            + ": use less padding or a smaller input");
        }
        return (int) extent;
    }

    /// From the first to the last element that a window reads.
    static long span(int size, int dilation) {
        return (size - 1L) * dilation + 1;
    }

    /// One number for each axis; a single one holds for all.
    static int[] each(String what, String name, Ints numbers, int axes) {
        if (numbers.length() != 1 && numbers.length() != axes) {
            throw new ShapeException(
                    what
                            + " over "
                            + axes
                            + " spatial axes needs a "
                            + name
                            + " of one number or of "
                            + axes
                            + ", got "
                            + numbers);
        }
        int[] each = numbers.toArray();
        if (each.length != axes) {
            each = new int[axes];
            Arrays.fill(each, numbers.at(0));
        }
        return each;
    }

    static Ints positive(String what, Ints numbers) {
        for (int n : numbers.toArray()) {
            if (n < 1) {
                throw new ShapeException(what + " needs numbers of 1 or more, got " + numbers);
            }
        }
        return numbers;
    }

    /// The extents between the batch and the channels.
    static int[] spatial(String what, Shape x) {
        if (x.rank() < 3) {
            throw new ShapeException(what + " needs an input [batch, spatial.., channels], got " + x);
        }
        return Arrays.copyOfRange(x.dims(), 1, x.rank() - 1);
    }

    /// True if each window reads at least one element of the input.
    boolean touches(int... in) {
        for (int i = 0; i < in.length; i++) {
            for (int o = 0; o < out.at(i); o++) {
                boolean inside = false;
                for (int r = 0; r < size.at(i) && !inside; r++) {
                    long x = (long) o * stride.at(i) + (long) r * dilation.at(i) - before.at(i);
                    inside = x >= 0 && x < in[i];
                }
                if (!inside) {
                    return false;
                }
            }
        }
        return true;
    }
}
