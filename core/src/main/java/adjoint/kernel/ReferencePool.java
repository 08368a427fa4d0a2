package adjoint.kernel;

import static adjoint.kernel.ReferenceConvolution.ravel;
import static adjoint.kernel.ReferenceConvolution.unravel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// [Step.Pool] in plain loops, for any number of spatial axes, in double precision. One image is one task.
final class ReferencePool implements Kernel {
    private final Step.Pool step;
    private final View xLike;
    private final View yLike;
    private final int axes;
    private final int[] in;
    private final int[] out;
    private final int batch;
    private final int channels;

    ReferencePool(Step.Pool step) {
        this.step = step;
        View first = step.sources().getFirst();
        this.xLike = step.form() == Step.Pool.Form.SPREAD ? step.target() : first;
        this.yLike =
                switch (step.form()) {
                    case MAX, TAKE, SUM -> step.target();
                    case SCATTER -> step.sources().getLast();
                    case SPREAD -> first;
                };
        this.axes = step.size().length;
        this.in = Arrays.copyOfRange(xLike.dims(), 1, axes + 1);
        this.out = Arrays.copyOfRange(yLike.dims(), 1, axes + 1);
        this.batch = xLike.dims()[0];
        this.channels = xLike.dims()[axes + 1];
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        team.run(
                batch,
                n -> {
                    for (int c = 0; c < channels; c++) {
                        switch (step.form()) {
                            case MAX, TAKE, SUM -> gather(memory, n, c);
                            case SCATTER, SPREAD -> scatter(memory, n, c);
                        }
                    }
                });
    }

    private void gather(Memory memory, int n, int c) {
        View x = step.sources().getFirst();
        View last = step.sources().getLast();
        long points = Elements.product(out, 0, axes);
        for (long o = 0; o < points; o++) {
            int[] at = unravel(out, o);
            double value =
                    step.form() == Step.Pool.Form.SUM
                            ? sum(memory, x, n, c, at)
                            : get(memory, last, n, largest(memory, x, n, c, at), c);
            set(memory, n, o, c, value);
        }
    }

    private void scatter(Memory memory, int n, int c) {
        View x = step.sources().getFirst();
        View y = step.sources().getLast();
        var sums = new double[Math.toIntExact(Elements.product(in, 0, axes))];
        long points = Elements.product(out, 0, axes);
        long window = Elements.product(step.size(), 0, axes);
        for (long o = 0; o < points; o++) {
            int[] at = unravel(out, o);
            double value = get(memory, y, n, o, c);
            if (step.form() == Step.Pool.Form.SCATTER) {
                sums[(int) largest(memory, x, n, c, at)] += value;
                continue;
            }
            for (long r = 0; r < window; r++) {
                long i = meet(at, unravel(step.size(), r));
                if (i >= 0) {
                    sums[(int) i] += value;
                }
            }
        }
        for (int i = 0; i < sums.length; i++) {
            set(memory, n, i, c, sums[i]);
        }
    }

    private double sum(Memory memory, View x, int n, int c, int... at) {
        double sum = 0;
        long window = Elements.product(step.size(), 0, axes);
        for (long r = 0; r < window; r++) {
            long i = meet(at, unravel(step.size(), r));
            sum += i < 0 ? 0 : get(memory, x, n, i, c);
        }
        return sum;
    }

    // The spatial position of the first largest element of a window, or of its first NaN.
    private long largest(Memory memory, View x, int n, int c, int... at) {
        long best = -1;
        double top = 0;
        long window = Elements.product(step.size(), 0, axes);
        for (long r = 0; r < window; r++) {
            long i = meet(at, unravel(step.size(), r));
            if (i >= 0) {
                double value = get(memory, x, n, i, c);
                if (best < 0 || value > top || Double.isNaN(value) && !Double.isNaN(top)) {
                    best = i;
                    top = value;
                }
            }
        }
        return best;
    }

    // The spatial position of an element of a window, or -1 outside.
    private long meet(int[] o, int[] r) {
        int[] x = new int[axes];
        for (int i = 0; i < axes; i++) {
            x[i] = o[i] * step.stride()[i] + r[i] * step.dilation()[i] - step.before()[i];
            if (x[i] < 0 || x[i] >= in[i]) {
                return -1;
            }
        }
        return ravel(in, x);
    }

    private double get(Memory memory, View view, int n, long position, int c) {
        MemorySegment from = memory.slot(view.slot());
        return Elements.get(from, view.type(), offset(view, n, position, c));
    }

    private void set(Memory memory, int n, long position, int c, double value) {
        View view = step.target();
        Elements.set(memory.slot(view.slot()), view.type(), offset(view, n, position, c), value);
    }

    private long offset(View view, int n, long position, int c) {
        long points = Elements.product(view.dims(), 1, axes + 1);
        return view.offset() + ((n * points + position) * channels + c) * view.type().bytes();
    }
}
