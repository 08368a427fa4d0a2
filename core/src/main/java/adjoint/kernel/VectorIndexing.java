package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// Steps on floats that write or read where an index says, for the shapes that training spends time on: the gradient of a
/// table whose rows were looked up, and one element for each row (a label's score) with its gradient.
///
/// Each task owns rows of the target, and takes what belongs to them in the order of the indices.
final class VectorIndexing {
    private static final int F = Float.BYTES;
    private static final int LANES = VectorMath.LANES;
    private static final int LINE = 64; // bytes of memory that a single element costs

    private VectorIndexing() {}

    /// Whether an index picks single elements of the last axis, one for each row.
    static boolean picksOne(View index, int axis) {
        int[] d = index.dims();
        return axis == d.length - 1 && d[axis] == 1;
    }

    private static int at(MemorySegment memory, View index, int i) {
        return index.type() == DType.INT32
                ? memory.get(Elements.INT, index.offset() + (long) i * Integer.BYTES)
                : (int) memory.get(Elements.LONG, index.offset() + (long) i * Long.BYTES);
    }

    /// `target += source` for a row.
    private static void add(MemorySegment source, long from, MemorySegment target, long to, int n) {
        source = VectorMath.slice(source, from, n);
        target = VectorMath.slice(target, to, n);
        int whole = n - n % LANES;
        for (int i = 0; i < whole; i += LANES) {
            VectorMath.load(target, 4L * i)
                    .add(VectorMath.load(source, 4L * i))
                    .intoMemorySegment(target, 4L * i, VectorMath.ORDER);
        }
        for (int i = whole; i < n; i++) {
            float sum = target.get(Elements.FLOAT, 4L * i) + source.get(Elements.FLOAT, 4L * i);
            target.set(Elements.FLOAT, 4L * i, sum);
        }
    }

    /// [Step.ScatterAdd].
    record ScatterAdd(View index, View updates, View target, int extent, int outer, int count, int inner)
            implements Kernel {
        ScatterAdd(Step.ScatterAdd s) {
            int[] d = s.target().dims();
            int outer = Math.toIntExact(Elements.product(d, 0, s.axis()));
            int inner = Math.toIntExact(Elements.product(d, s.axis() + 1, d.length));
            this(s.index(), s.updates(), s.target(), d[s.axis()], outer, Math.toIntExact(s.index().size()), inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            IndexKernels.check(indices, index, count, extent);
            MemorySegment from = memory.slot(updates.slot());
            MemorySegment to = memory.slot(target.slot());
            long row = (long) inner * F;
            int tasks = IndexKernels.tasks(extent, outer * Math.max(count / Math.max(extent, 1), 1) * row);
            team.run(
                    tasks,
                    task -> {
                        int first = (int) IndexKernels.share(extent, task, tasks);
                        int end = (int) IndexKernels.share(extent, task + 1, tasks);
                        for (int o = 0; o < outer; o++) {
                            long base = target.offset() + (long) o * extent * row;
                            to.asSlice(base + first * row, (end - first) * row).fill((byte) 0);
                            long source = updates.offset() + (long) o * count * row;
                            for (int i = 0; i < count; i++) {
                                int at = at(indices, index, i);
                                if (at >= first && at < end) {
                                    add(from, source + i * row, to, base + at * row, inner);
                                }
                            }
                        }
                    });
        }
    }

    /// [Step.TakeAlongAxis] of one element for each row.
    record TakeOne(View source, View index, View target, int extent, int rows) implements Kernel {
        TakeOne(Step.TakeAlongAxis s) {
            int rows = Math.toIntExact(s.index().size());
            this(s.source(), s.index(), s.target(), s.source().dims()[s.axis()], rows);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            IndexKernels.check(indices, index, rows, extent);
            MemorySegment from = memory.slot(source.slot());
            MemorySegment to = memory.slot(target.slot());
            int tasks = IndexKernels.tasks(rows, LINE);
            team.run(
                    tasks,
                    task -> {
                        int end = (int) IndexKernels.share(rows, task + 1, tasks);
                        for (int r = (int) IndexKernels.share(rows, task, tasks); r < end; r++) {
                            long at = (long) r * extent + at(indices, index, r);
                            to.set(
                                    Elements.FLOAT,
                                    target.offset() + (long) r * F,
                                    from.get(Elements.FLOAT, source.offset() + at * F));
                        }
                    });
        }
    }

    /// [Step.ScatterAddAlongAxis] of one element for each row.
    record PutOne(View index, View updates, View target, int extent, int rows) implements Kernel {
        PutOne(Step.ScatterAddAlongAxis s) {
            int rows = Math.toIntExact(s.index().size());
            this(s.index(), s.updates(), s.target(), s.target().dims()[s.axis()], rows);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            IndexKernels.check(indices, index, rows, extent);
            MemorySegment from = memory.slot(updates.slot());
            MemorySegment to = memory.slot(target.slot());
            long row = (long) extent * F;
            int tasks = IndexKernels.tasks(rows, Math.max(row, LINE));
            team.run(
                    tasks,
                    task -> {
                        int first = (int) IndexKernels.share(rows, task, tasks);
                        int end = (int) IndexKernels.share(rows, task + 1, tasks);
                        to.asSlice(target.offset() + first * row, (end - first) * row).fill((byte) 0);
                        for (int r = first; r < end; r++) {
                            long at = target.offset() + r * row + (long) at(indices, index, r) * F;
                            float zero = to.get(Elements.FLOAT, at);
                            to.set(
                                    Elements.FLOAT,
                                    at,
                                    zero + from.get(Elements.FLOAT, updates.offset() + (long) r * F));
                        }
                    });
        }
    }
}
