package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// A matrix product as it is defined: three loops, sums in double precision.
final class ReferenceProduct implements Kernel {
    private final Step.Product step;
    private final int rows;
    private final int inner;
    private final int columns;

    ReferenceProduct(Step.Product step) {
        this.step = step;
        int[] d = step.target().dims();
        this.rows = d[d.length - 2];
        this.columns = d[d.length - 1];
        this.inner = step.left().dims()[d.length - 1];
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        int[] d = step.target().dims();
        long tasks = Elements.product(d, 0, d.length - 1);
        team.run(Math.toIntExact(tasks), task -> row(memory, task));
    }

    // One row of the target: batch task / rows, row task % rows.
    private void row(Memory memory, int task) {
        View l = step.left();
        View r = step.right();
        View t = step.target();
        int rank = t.dims().length;
        int i = task % rows;
        int batch = task / rows;
        long left = i * l.strides()[rank - 2];
        long right = 0;
        for (int axis = rank - 3; axis >= 0; axis--) {
            int at = batch % t.dims()[axis];
            batch /= t.dims()[axis];
            left += at * l.strides()[axis];
            right += at * r.strides()[axis];
        }
        MemorySegment lm = memory.slot(l.slot());
        MemorySegment rm = memory.slot(r.slot());
        MemorySegment tm = memory.slot(t.slot());
        for (int j = 0; j < columns; j++) {
            double sum = 0;
            for (int k = 0; k < inner; k++) {
                long a = left + k * l.strides()[rank - 1];
                long b = right + k * r.strides()[rank - 2] + j * r.strides()[rank - 1];
                sum +=
                        Elements.get(lm, l.type(), l.offset() + a * l.type().bytes())
                                * Elements.get(rm, r.type(), r.offset() + b * r.type().bytes());
            }
            Elements.set(tm, t.type(), t.offset() + ((long) task * columns + j) * t.type().bytes(), sum);
        }
    }
}
