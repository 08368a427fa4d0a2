package adjoint.plan;

import adjoint.kernel.View;
import adjoint.tensor.Expand;
import adjoint.tensor.Flip;
import adjoint.tensor.Permute;
import adjoint.tensor.Reshape;
import adjoint.tensor.Shape;
import adjoint.tensor.Slice;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A node as a strided window on the memory of another: how permutations, slices, flips, expansions and most reshapes cost
/// nothing.
///
/// @param base the node that is stored, dense; the node itself, but for views and for parts of a concatenation that are computed in place
/// @param start elements from the base's first to the window's first
record Layout(Node base, long start, int[] dims, long[] strides) {

    /// The layout of a node whose inputs have theirs, or null if it cannot be expressed by strides (some reshapes of
    /// permuted memory).
    static Layout of(Node node) {
        if (!isView(node)) {
            return new Layout(node, 0, node.shape().dims(), View.denseStrides(node.shape().dims()));
        }
        Layout in = node.input(0).layout;
        int[] dims = node.shape().dims();
        return switch (node.op) {
            case Reshape _ -> in.reshaped(dims);
            case Expand e -> new Layout(in.base, in.start, dims, in.stretched(e.shape()));
            case Permute p -> {
                long[] strides = new long[dims.length];
                for (int i = 0; i < dims.length; i++) {
                    strides[i] = in.strides[p.order().at(i)];
                }
                yield new Layout(in.base, in.start, dims, strides);
            }
            case Slice s -> {
                long start = in.start;
                long[] strides = in.strides.clone();
                for (int i = 0; i < dims.length; i++) {
                    start += dims[i] == 0 ? 0 : s.start().at(i) * in.strides[i];
                    strides[i] *= s.step().at(i);
                }
                yield new Layout(in.base, start, dims, strides);
            }
            case Flip f -> {
                long start = in.start;
                long[] strides = in.strides.clone();
                for (int axis : f.axes().toArray()) {
                    start += dims[axis] == 0 ? 0 : (dims[axis] - 1) * strides[axis];
                    strides[axis] = -strides[axis];
                }
                yield new Layout(in.base, start, dims, strides);
            }
            default -> throw new AssertionError(node.op);
        };
    }

    /// Where the parts of a concatenation belong in its memory, one layout for each input.
    static List<Layout> parts(Node concat, int axis) {
        List<Layout> parts = new ArrayList<>();
        long[] strides = View.denseStrides(concat.shape().dims());
        long start = 0;
        for (Node input : concat.inputs) {
            parts.add(new Layout(concat, start, input.shape().dims(), strides));
            start += input.shape().dim(axis) * strides[axis];
        }
        return parts;
    }

    static boolean isView(Node node) {
        return switch (node.op) {
            case null -> false;
            case Reshape _, Expand _, Permute _, Slice _, Flip _ -> true;
            default -> false;
        };
    }

    /// True if the elements follow each other without gaps.
    boolean isDense() {
        return new View(0, 0, base.type(), dims, strides).isDense();
    }

    /// True if the elements along the last axis follow each other without gaps.
    boolean hasWholeRows() {
        int last = dims.length - 1;
        return last < 0 || dims[last] == 1 || strides[last] == 1;
    }

    /// The window as an operand, once its base is placed, broadcast to a larger shape.
    View view(Shape shape) {
        return new View(
                base.slot, base.offset + start * base.type().bytes(), base.type(), shape.dims(), stretched(shape));
    }

    /// Strides for a larger shape, aligned at the last axis; 0 where an extent of 1 stretches.
    long[] stretched(Shape shape) {
        long[] wide = new long[shape.rank()];
        int extra = wide.length - dims.length;
        for (int i = 0; i < dims.length; i++) {
            wide[i + extra] = dims[i] == 1 ? 0 : strides[i];
        }
        return wide;
    }

    // Groups of old axes that run on without a gap are cut anew (NumPy's rule); otherwise null.
    Layout reshaped(int... to) {
        if (Arrays.stream(to).anyMatch(d -> d == 0)) {
            return new Layout(base, start, to, View.denseStrides(to));
        }
        int n = 0; // the old axes without those of extent 1
        int[] old = new int[dims.length];
        long[] step = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != 1) {
                old[n] = dims[i];
                step[n++] = strides[i];
            }
        }
        long[] made = new long[to.length];
        int o = 0;
        int t = 0;
        while (t < to.length) {
            if (to[t] == 1) {
                made[t++] = 0;
                continue;
            }
            int from = o;
            int first = t;
            long have = old[o++];
            long want = to[t++];
            while (have != want) {
                if (have < want) {
                    if (step[o - 1] != old[o] * step[o]) {
                        return null;
                    }
                    have *= old[o++];
                } else {
                    want *= to[t++];
                }
            }
            for (int i = from; i < o - 1; i++) {
                if (step[i] != old[i + 1] * step[i + 1]) {
                    return null;
                }
            }
            long stride = step[o - 1];
            for (int i = t - 1; i >= first; i--) {
                made[i] = stride;
                stride *= to[i];
            }
        }
        return new Layout(base, start, to, made);
    }
}
