package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// [Step.Convolution] in plain loops, for any number of spatial axes, in double precision.
///
/// All three of its forms go through the same pairs of input and output positions; one target element is one task.
final class ReferenceConvolution implements Kernel {
    private final Step.Convolution step;
    private final View target;
    private final int axes;
    private final int[] in;
    private final int[] out;
    private final int[] kernel;
    private final int batch;
    private final int groups;
    private final int c; // channels of x in a group
    private final int k; // channels of y in a group

    ReferenceConvolution(Step.Convolution step) {
        this.step = step;
        this.target = step.targets().getFirst();
        this.axes = step.stride().length;
        this.in = Arrays.copyOfRange(step.x().dims(), 1, axes + 1);
        this.out = Arrays.copyOfRange(step.y().dims(), 1, axes + 1);
        this.kernel = Arrays.copyOf(step.w().dims(), axes);
        this.batch = step.x().dims()[0];
        this.groups = step.groups();
        this.c = step.w().dims()[axes];
        this.k = step.w().dims()[axes + 1] / groups;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        MemorySegment to = memory.slot(target.slot());
        int inner = target.dims()[target.dims().length - 1];
        team.run(
                inner == 0 ? 0 : Math.toIntExact(target.size() / inner),
                row -> {
                    for (int i = 0; i < inner; i++) {
                        double sum =
                                switch (step.target()) {
                                    case Y -> output(memory, row, i);
                                    case X -> input(memory, row, i);
                                    case W -> weight(memory, row, i);
                                };
                        Elements.set(
                                to,
                                target.type(),
                                target.offset() + ((long) row * inner + i) * target.type().bytes(),
                                sum);
                    }
                });
    }

    private static double get(Memory memory, View view, long index) {
        return Elements.get(memory.slot(view.slot()), view.type(), view.offset() + index * view.type().bytes());
    }

    static long ravel(int[] dims, int... index) {
        long at = 0;
        for (int i = 0; i < dims.length; i++) {
            at = at * dims[i] + index[i];
        }
        return at;
    }

    static int[] unravel(int[] dims, long position) {
        int[] index = new int[dims.length];
        long rest = position;
        for (int i = dims.length - 1; i >= 0; i--) {
            index[i] = (int) (rest % dims[i]);
            rest /= dims[i];
        }
        return index;
    }

    // Where output position o meets input through kernel position r, or null outside.
    private int[] meet(int[] o, int[] r) {
        int[] x = new int[axes];
        for (int i = 0; i < axes; i++) {
            x[i] = o[i] * step.stride()[i] + r[i] * step.dilation()[i] - step.before()[i];
            if (x[i] < 0 || x[i] >= in[i]) {
                return null;
            }
        }
        return x;
    }

    private double output(Memory memory, int row, int channel) {
        long points = Elements.product(out, 0, axes);
        int[] o = unravel(out, row % points);
        long n = row / points;
        int g = channel / k;
        double sum = 0;
        for (long r = 0; r < Elements.product(kernel, 0, axes); r++) {
            int[] x = meet(o, unravel(kernel, r));
            if (x != null) {
                long at = (n * Elements.product(in, 0, axes) + ravel(in, x)) * groups * c + (long) g * c;
                for (int i = 0; i < c; i++) {
                    sum += get(memory, step.x(), at + i) * get(memory, step.w(), (r * c + i) * groups * k + channel);
                }
            }
        }
        return sum;
    }

    private double input(Memory memory, int row, int channel) {
        long points = Elements.product(in, 0, axes);
        int[] x = unravel(in, row % points);
        long n = row / points;
        int g = channel / c;
        double sum = 0;
        for (long r = 0; r < Elements.product(kernel, 0, axes); r++) {
            int[] o = new int[axes];
            int[] rr = unravel(kernel, r);
            boolean inside = true;
            for (int i = 0; i < axes && inside; i++) {
                int away = x[i] + step.before()[i] - rr[i] * step.dilation()[i];
                o[i] = away / step.stride()[i];
                inside = away >= 0 && away % step.stride()[i] == 0 && o[i] < out[i];
            }
            if (inside) {
                long at = (n * Elements.product(out, 0, axes) + ravel(out, o)) * groups * k + (long) g * k;
                long wAt = (r * c + channel % c) * groups * k + (long) g * k;
                for (int i = 0; i < k; i++) {
                    sum += get(memory, step.y(), at + i) * get(memory, step.w(), wAt + i);
                }
            }
        }
        return sum;
    }

    private double weight(Memory memory, int row, int channel) {
        int[] r = unravel(kernel, row / c);
        int g = channel / k;
        long inPoints = Elements.product(in, 0, axes);
        long outPoints = Elements.product(out, 0, axes);
        double sum = 0;
        for (long n = 0; n < batch; n++) {
            for (long o = 0; o < outPoints; o++) {
                int[] x = meet(unravel(out, o), r);
                if (x != null) {
                    long at = (n * inPoints + ravel(in, x)) * groups * c + (long) g * c + row % c;
                    sum +=
                            get(memory, step.x(), at)
                                    * get(memory, step.y(), (n * outPoints + o) * groups * k + channel);
                }
            }
        }
        return sum;
    }
}
