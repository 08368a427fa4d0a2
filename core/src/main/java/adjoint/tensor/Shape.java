package adjoint.tensor;

import java.util.Arrays;

/// The extents of a tensor's axes, outermost first. A scalar has no axes: `[]`.
public final class Shape {
    /// The shape of a scalar.
    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dims;
    private final int hash;
    private final long size;

    private Shape(int[] dims) {
        this.dims = dims;
        this.hash = Arrays.hashCode(dims);
        long product = 1;
        for (int d : dims) {
            product = Math.multiplyExact(product, d);
        }
        this.size = product;
    }

    /// @param dims the extents, none negative
    /// @throws ShapeException if an extent is negative or there are more than 2⁶³ elements
    public static Shape of(int... dims) {
        for (int d : dims) {
            if (d < 0) {
                throw new ShapeException("a shape needs extents of 0 or more, got " + Arrays.toString(dims));
            }
        }
        try {
            return dims.length == 0 ? SCALAR : new Shape(dims.clone());
        } catch (ArithmeticException e) {
            throw new ShapeException(
                    "a shape of " + Arrays.toString(dims) + " has more elements than a long can count");
        }
    }

    /// The number of axes.
    public int rank() {
        return dims.length;
    }

    /// The extent of an axis; negative numbers count from the end.
    ///
    /// @throws ShapeException if there is no such axis
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /// The number of elements.
    public long size() {
        return size;
    }

    /// A copy of the extents.
    public int[] dims() {
        return dims.clone();
    }

    /// An axis number made non-negative.
    ///
    /// @throws ShapeException if there is no such axis
    public int axis(int axis) {
        int a = axis < 0 ? axis + dims.length : axis;
        if (a < 0 || a >= dims.length) {
            throw new ShapeException(
                    "axis "
                            + axis
                            + " does not exist in "
                            + this
                            + (dims.length == 0 ? ", a scalar" : ": use " + -dims.length + " to " + (dims.length - 1)));
        }
        return a;
    }

    /// Axis numbers made non-negative and sorted; none given means all axes.
    ///
    /// @throws ShapeException if an axis does not exist or comes twice
    public int[] axes(int... axes) {
        int[] sorted = new int[axes.length == 0 ? dims.length : axes.length]; // no streams: this is part of every step
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = axes.length == 0 ? i : axis(axes[i]);
        }
        Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw new ShapeException(
                        "axis " + sorted[i] + " of " + this + " is named twice in " + Arrays.toString(axes));
            }
        }
        return sorted;
    }

    /// This shape with one extent replaced.
    public Shape with(int axis, int extent) {
        int[] d = dims();
        d[axis(axis)] = extent;
        return of(d);
    }

    /// This shape without some axes.
    public Shape without(int... axes) {
        int[] gone = axes.length == 0 ? axes : axes(axes);
        int[] kept = new int[dims.length - gone.length];
        for (int i = 0, k = 0, g = 0; i < dims.length; i++) {
            if (g < gone.length && gone[g] == i) {
                g++;
            } else {
                kept[k++] = dims[i];
            }
        }
        return of(kept);
    }

    /// This shape with an axis of the extent inserted before position `axis`.
    public Shape insert(int axis, int extent) {
        int[] d = new int[dims.length + 1];
        System.arraycopy(dims, 0, d, 0, axis);
        d[axis] = extent;
        System.arraycopy(dims, axis, d, axis + 1, dims.length - axis);
        return of(d);
    }

    /// NumPy's broadcasting: aligned at the last axis, an extent of 1 stretches.
    ///
    /// @return the common shape, or null where there is none
    static Shape broadcast(Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] d = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
            int y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
            if (x != y && x != 1 && y != 1) {
                return null;
            }
            d[rank - i] = x == 1 ? y : x;
        }
        return of(d);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape s && hash == s.hash && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
