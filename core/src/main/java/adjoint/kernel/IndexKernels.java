package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// Steps that read or write where an index says. An operand is seen as `[outer, extent, inner]` around the axis; rows
/// are its runs of `inner` elements.
final class IndexKernels {
    // Work per task; fixed, so that tasks depend on shapes alone.
    private static final long TASK_BYTES = 1 << 16;
    private static final int MOST_TASKS = 16;

    private IndexKernels() {}

    /// How many tasks share `rows` rows of so many bytes.
    static int tasks(long rows, long rowBytes) {
        return (int) Math.max(1, Math.min(Math.min(rows, MOST_TASKS), rows * rowBytes / TASK_BYTES));
    }

    /// Where the share of `task` of `tasks` begins.
    static long share(long total, int task, int tasks) {
        return total / tasks * task + Math.min(task, total % tasks);
    }

    // All indices are checked before any memory is touched.
    static void check(MemorySegment memory, View index, long count, int extent) {
        if (index.type() == DType.INT32) {
            for (long i = 0; i < count; i++) {
                int at = memory.get(Elements.INT, index.offset() + i * Integer.BYTES);
                if (at < 0 || at >= extent) {
                    throw outside(at, i, extent);
                }
            }
        } else {
            for (long i = 0; i < count; i++) {
                long at = memory.get(Elements.LONG, index.offset() + i * Long.BYTES);
                if (at < 0 || at >= extent) {
                    throw outside(at, i, extent);
                }
            }
        }
    }

    private static IndexOutOfBoundsException outside(long index, long position, int extent) {
        return new IndexOutOfBoundsException(
                "index %d at position %d is outside 0..%d".formatted(index, position, extent - 1));
    }

    private static long indexAt(MemorySegment memory, View index, long i) {
        return index.type() == DType.INT32
                ? memory.get(Elements.INT, index.offset() + i * Integer.BYTES)
                : memory.get(Elements.LONG, index.offset() + i * Long.BYTES);
    }

    /// `target += source` for a run of elements.
    private static void add(MemorySegment source, long from, MemorySegment target, long to, DType type, long count) {
        if (type == DType.FLOAT32) {
            int n = Math.toIntExact(count);
            for (int i = 0; i < n; i++) {
                float sum = target.get(Elements.FLOAT, to + 4L * i) + source.get(Elements.FLOAT, from + 4L * i);
                target.set(Elements.FLOAT, to + 4L * i, sum);
            }
            return;
        }
        for (long i = 0; i < count * type.bytes(); i += type.bytes()) {
            if (type.isFloating()) {
                double sum = Elements.get(target, type, to + i) + Elements.get(source, type, from + i);
                Elements.set(target, type, to + i, sum);
            } else {
                long sum = Elements.getLong(target, type, to + i) + Elements.getLong(source, type, from + i);
                Elements.setLong(target, type, to + i, sum);
            }
        }
    }

    /// [Step.Gather]: copies rows.
    record GatherKernel(View table, View index, View target, int extent, long outer, long count, long inner)
            implements Kernel {
        GatherKernel(Step.Gather s) {
            int[] d = s.table().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.table(), s.index(), s.target(), d[s.axis()], outer, s.index().size(), inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            check(indices, index, count, extent);
            MemorySegment from = memory.slot(table.slot());
            MemorySegment to = memory.slot(target.slot());
            long row = inner * table.type().bytes();
            long rows = outer * count;
            int tasks = tasks(rows, row);
            team.run(
                    tasks,
                    task -> {
                        long end = share(rows, task + 1, tasks);
                        for (long r = share(rows, task, tasks); r < end; r++) {
                            long at = r / count * extent + indexAt(indices, index, r % count);
                            MemorySegment.copy(from, table.offset() + at * row, to, target.offset() + r * row, row);
                        }
                    });
        }
    }

    /// [Step.ScatterAdd]: each task owns some rows of the target and takes their updates in the order of the indices.
    record ScatterAddKernel(View index, View updates, View target, int extent, long outer, long count, long inner)
            implements Kernel {
        ScatterAddKernel(Step.ScatterAdd s) {
            int[] d = s.target().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.index(), s.updates(), s.target(), d[s.axis()], outer, s.index().size(), inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            check(indices, index, count, extent);
            MemorySegment from = memory.slot(updates.slot());
            MemorySegment to = memory.slot(target.slot());
            DType type = target.type();
            long row = inner * type.bytes();
            int tasks = tasks(extent, outer * Math.max(count / Math.max(extent, 1), 1) * row);
            team.run(
                    tasks,
                    task -> {
                        long first = share(extent, task, tasks);
                        long end = share(extent, task + 1, tasks);
                        for (long o = 0; o < outer; o++) {
                            long base = target.offset() + o * extent * row;
                            to.asSlice(base + first * row, (end - first) * row).fill((byte) 0);
                            for (long i = 0; i < count; i++) {
                                long at = indexAt(indices, index, i);
                                if (at >= first && at < end) {
                                    add(
                                            from,
                                            updates.offset() + (o * count + i) * row,
                                            to,
                                            base + at * row,
                                            type,
                                            inner);
                                }
                            }
                        }
                    });
        }
    }

    /// [Step.TakeAlongAxis].
    record TakeKernel(View source, View index, View target, int extent, int count, long outer, long inner)
            implements Kernel {
        TakeKernel(Step.TakeAlongAxis s) {
            int[] d = s.target().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.source(), s.index(), s.target(), s.source().dims()[s.axis()], d[s.axis()], outer, inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            check(indices, index, outer * count * inner, extent);
            MemorySegment from = memory.slot(source.slot());
            MemorySegment to = memory.slot(target.slot());
            int bytes = source.type().bytes();
            int tasks = tasks(outer, count * inner * bytes);
            team.run(
                    tasks,
                    task -> {
                        long end = share(outer, task + 1, tasks);
                        for (long o = share(outer, task, tasks); o < end; o++) {
                            for (long i = 0; i < count * inner; i++) {
                                long position = o * count * inner + i;
                                long at = (o * extent + indexAt(indices, index, position)) * inner + i % inner;
                                long source0 = source.offset() + at * bytes;
                                MemorySegment.copy(from, source0, to, target.offset() + position * bytes, bytes);
                            }
                        }
                    });
        }
    }

    /// [Step.ScatterAddAlongAxis].
    record ScatterAlongKernel(View index, View updates, View target, int extent, int count, long outer, long inner)
            implements Kernel {
        ScatterAlongKernel(Step.ScatterAddAlongAxis s) {
            int[] d = s.index().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.index(), s.updates(), s.target(), s.target().dims()[s.axis()], d[s.axis()], outer, inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment indices = memory.slot(index.slot());
            check(indices, index, outer * count * inner, extent);
            MemorySegment from = memory.slot(updates.slot());
            MemorySegment to = memory.slot(target.slot());
            DType type = target.type();
            int bytes = type.bytes();
            int tasks = tasks(outer, Math.max(count, extent) * inner * bytes);
            team.run(
                    tasks,
                    task -> {
                        long first = share(outer, task, tasks);
                        long end = share(outer, task + 1, tasks);
                        long block = extent * inner * bytes;
                        to.asSlice(target.offset() + first * block, (end - first) * block).fill((byte) 0);
                        for (long o = first; o < end; o++) {
                            for (long i = 0; i < count * inner; i++) {
                                long position = o * count * inner + i;
                                long at = (o * extent + indexAt(indices, index, position)) * inner + i % inner;
                                add(
                                        from,
                                        updates.offset() + position * bytes,
                                        to,
                                        target.offset() + at * bytes,
                                        type,
                                        1);
                            }
                        }
                    });
        }
    }
}
