package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.SPECIES;

import adjoint.kernel.Step.Pool.Form;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// Pooling of floats over one or two spatial axes on the Vector API; vectors run over channels.
final class VectorPool implements Kernel {
    private static final int F = Float.BYTES;

    /// The fewest tasks that a few images are cut into.
    private static final int FEWEST_TASKS = 32;

    private final Step.Pool step;
    private final View x; // or what is shaped like it
    private final View y;
    private final int height;
    private final int width;
    private final int outHeight;
    private final int outWidth;
    private final int channels;
    private final ConvolutionAxis rows;
    private final ConvolutionAxis columns;
    private final boolean disjoint;
    private final boolean covered;

    /// Whether this kernel does it: floats, at most two spatial axes, and images that an int can count.
    static boolean takes(Step.Pool step) {
        View like = step.sources().getFirst();
        long most = Math.max(like.size(), step.target().size());
        return like.type() == DType.FLOAT32
                && step.size().length <= 2
                && like.dims()[0] > 0
                && most / like.dims()[0] * F < Integer.MAX_VALUE
                && most / Math.max(1, like.dims()[like.dims().length - 1]) < Integer.MAX_VALUE;
    }

    VectorPool(Step.Pool step) {
        this.step = step;
        this.x = step.form() == Form.SPREAD ? step.target() : step.sources().getFirst();
        this.y =
                switch (step.form()) {
                    case MAX, TAKE, SUM -> step.target();
                    case SCATTER, SPREAD -> step.sources().getLast();
                };
        int axes = step.size().length;
        int last = axes - 1;
        this.height = axes == 1 ? 1 : x.dims()[1];
        this.width = x.dims()[axes];
        this.outHeight = axes == 1 ? 1 : y.dims()[1];
        this.outWidth = y.dims()[axes];
        this.channels = x.dims()[axes + 1];
        this.rows =
                axes == 1
                        ? ConvolutionAxis.forward(1, 1, 1, 0, 1)[0]
                        : ConvolutionAxis.forward(
                                outHeight, step.size()[0], step.stride()[0], step.before()[0], step.dilation()[0])[0];
        this.columns =
                ConvolutionAxis.forward(
                        outWidth, step.size()[last], step.stride()[last], step.before()[last], step.dilation()[last])[
                        0];
        this.disjoint = disjoint(step, 0) && disjoint(step, last);
        this.covered =
                covered(step, 0, x.dims()[1], y.dims()[1]) && covered(step, last, x.dims()[axes], y.dims()[axes]);
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        int images = x.dims()[0];
        switch (step.form()) {
            case MAX, TAKE, SUM -> {
                int bands = Math.clamp(Math.ceilDiv(FEWEST_TASKS, images), 1, Math.max(1, outHeight));
                team.run(
                        images * bands,
                        task -> {
                            int band = task % bands;
                            rows(memory, task / bands, outHeight * band / bands, outHeight * (band + 1) / bands);
                        });
            }
            case SCATTER, SPREAD ->
                    team.run(
                            images,
                            image -> {
                                long bytes = (long) height * width * channels * F;
                                View target = step.target();
                                if (!(covered && disjoint && step.form() == Form.SCATTER)) {
                                    memory.slot(target.slot())
                                            .asSlice(target.offset() + image * bytes, bytes)
                                            .fill((byte) 0);
                                }
                                rows(memory, image, 0, outHeight);
                            });
        }
    }

    private void rows(Memory memory, int image, int fromRow, int toRow) {
        int[] from = new int[taps()];
        for (int row = fromRow; row < toRow; row++) {
            row(memory, image, row, from);
        }
    }

    /// Whether no element of the input lies in two windows (or `covered`: every one in some window), along one axis.
    private static boolean disjoint(Step.Pool step, int axis) {
        return step.stride()[axis] > (step.size()[axis] - 1) * step.dilation()[axis];
    }

    private static boolean covered(Step.Pool step, int axis, int in, int out) {
        int size = step.size()[axis];
        int stride = step.stride()[axis];
        return step.dilation()[axis] == 1
                && step.before()[axis] >= 0
                && size >= stride
                && (out - 1) * (long) stride - step.before()[axis] + size >= in;
    }

    private int taps() {
        return rows.taps().length * columns.taps().length;
    }

    private void row(Memory memory, int image, int row, int[] from) {
        View first = step.sources().getFirst();
        View last = step.sources().getLast();
        View target = step.target();
        MemorySegment a = memory.slot(first.slot());
        MemorySegment b = memory.slot(last.slot());
        MemorySegment t = memory.slot(target.slot());
        long large = (long) image * height * width * channels * F;
        for (int column = 0; column < outWidth; column++) {
            int n = window(row, column, from);
            long small = (((long) image * outHeight + row) * outWidth + column) * channels * F;
            switch (step.form()) {
                case MAX -> max(n, from, channels, a, first.offset() + large, t, target.offset() + small);
                case TAKE ->
                        take(
                                n,
                                from,
                                channels,
                                a,
                                first.offset() + large,
                                b,
                                last.offset() + large,
                                t,
                                target.offset() + small);
                case SCATTER ->
                        scatter(
                                n,
                                from,
                                channels,
                                disjoint,
                                a,
                                first.offset() + large,
                                b,
                                last.offset() + small,
                                t,
                                target.offset() + large);
                case SUM -> sum(n, from, channels, a, first.offset() + large, t, target.offset() + small);
                case SPREAD -> spread(n, from, channels, b, last.offset() + small, t, target.offset() + large);
            }
        }
    }

    // The offsets within an image of a window's elements that lie inside.
    private int window(int row, int column, int[] from) {
        int n = 0;
        for (int down : rows.shifts()) {
            int i = row * rows.stride() + down;
            for (int along : columns.shifts()) {
                int j = column * columns.stride() + along;
                if (i >= 0 && i < height && j >= 0 && j < width) {
                    from[n++] = (i * width + j) * channels * F;
                }
            }
        }
        return n;
    }

    private static FloatVector load(MemorySegment memory, long offset, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(SPECIES, memory, offset, ORDER, mask);
    }

    // Where v comes instead of the largest so far: if it is larger or the first NaN.
    private static VectorMask<Float> exceeds(FloatVector v, FloatVector top) {
        return v.compare(VectorOperators.LE, top).not().and(top.compare(VectorOperators.EQ, top));
    }

    private static void max(int n, int[] from, int channels, MemorySegment x, long x0, MemorySegment t, long t0) {
        int c = 0;
        for (; c + LANES <= channels; c += LANES) { // masks would cost more than all the rest
            long at = x0 + (long) c * F;
            var top = FloatVector.fromMemorySegment(SPECIES, x, at + from[0], ORDER);
            for (int i = 1; i < n; i++) {
                var v = FloatVector.fromMemorySegment(SPECIES, x, at + from[i], ORDER);
                top = top.blend(v, exceeds(v, top));
            }
            top.intoMemorySegment(t, t0 + (long) c * F, ORDER);
        }
        if (c < channels) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = x0 + (long) c * F;
            var top = load(x, at + from[0], mask);
            for (int i = 1; i < n; i++) {
                var v = load(x, at + from[i], mask);
                top = top.blend(v, exceeds(v, top));
            }
            top.intoMemorySegment(t, t0 + (long) c * F, ORDER, mask);
        }
    }

    private static void take(
            int n,
            int[] from,
            int channels,
            MemorySegment x,
            long x0,
            MemorySegment values,
            long v0,
            MemorySegment t,
            long t0) {
        for (int c = 0; c < channels; c += LANES) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = (long) c * F;
            var top = load(x, x0 + at + from[0], mask);
            var taken = load(values, v0 + at + from[0], mask);
            for (int i = 1; i < n; i++) {
                var v = load(x, x0 + at + from[i], mask);
                var more = exceeds(v, top);
                top = top.blend(v, more);
                taken = taken.blend(load(values, v0 + at + from[i], mask), more);
            }
            taken.intoMemorySegment(t, t0 + at, ORDER, mask);
        }
    }

    private static void scatter(
            int n,
            int[] from,
            int channels,
            boolean disjoint,
            MemorySegment x,
            long x0,
            MemorySegment y,
            long y0,
            MemorySegment t,
            long t0) {
        int c = 0;
        if (disjoint) {
            for (; c + LANES <= channels; c += LANES) {
                scatterVector(n, from, x, x0 + (long) c * F, y, y0 + (long) c * F, t, t0 + (long) c * F);
            }
        }
        for (; c < channels; c += LANES) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = (long) c * F;
            var top = load(x, x0 + at + from[0], mask);
            var where = FloatVector.zero(SPECIES); // the number of the largest element, which a float can hold
            for (int i = 1; i < n; i++) {
                var v = load(x, x0 + at + from[i], mask);
                var more = exceeds(v, top);
                top = top.blend(v, more);
                where = where.blend(FloatVector.broadcast(SPECIES, i), more);
            }
            var g = load(y, y0 + at, mask);
            for (int i = 0; i < n; i++) {
                long to = t0 + at + from[i];
                var here = where.compare(VectorOperators.EQ, i).and(mask);
                var old = disjoint ? FloatVector.zero(SPECIES) : load(t, to, mask);
                old.add(g, here).intoMemorySegment(t, to, ORDER, mask);
            }
        }
    }

    // A whole vector of channels of a window whose elements are in no other.
    private static void scatterVector(
            int n, int[] from, MemorySegment x, long x0, MemorySegment y, long y0, MemorySegment t, long t0) {
        var top = FloatVector.fromMemorySegment(SPECIES, x, x0 + from[0], ORDER);
        var where = FloatVector.zero(SPECIES);
        for (int i = 1; i < n; i++) {
            var v = FloatVector.fromMemorySegment(SPECIES, x, x0 + from[i], ORDER);
            var more = exceeds(v, top);
            top = top.blend(v, more);
            where = where.blend(FloatVector.broadcast(SPECIES, i), more);
        }
        var zero = FloatVector.zero(SPECIES);
        var g = FloatVector.fromMemorySegment(SPECIES, y, y0, ORDER).add(zero); // as added to 0: -0 becomes 0
        for (int i = 0; i < n; i++) {
            zero.blend(g, where.compare(VectorOperators.EQ, i)).intoMemorySegment(t, t0 + from[i], ORDER);
        }
    }

    private static void sum(int n, int[] from, int channels, MemorySegment x, long x0, MemorySegment t, long t0) {
        for (int c = 0; c < channels; c += LANES) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = x0 + (long) c * F;
            var sum = FloatVector.zero(SPECIES);
            for (int i = 0; i < n; i++) {
                sum = sum.add(load(x, at + from[i], mask));
            }
            sum.intoMemorySegment(t, t0 + (long) c * F, ORDER, mask);
        }
    }

    private static void spread(int n, int[] from, int channels, MemorySegment y, long y0, MemorySegment t, long t0) {
        for (int c = 0; c < channels; c += LANES) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = (long) c * F;
            var g = load(y, y0 + at, mask);
            for (int i = 0; i < n; i++) {
                long to = t0 + at + from[i];
                load(t, to, mask).add(g).intoMemorySegment(t, to, ORDER, mask);
            }
        }
    }
}
