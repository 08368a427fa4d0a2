package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// Steps that walk along one axis: the operand is seen as `[outer, n, inner]`, a line is the `n` elements of one
/// `outer` and one `inner`.
final class AxisKernels {
    private AxisKernels() {}

    /// Runs the lines of `[outer, n, inner]` in a fixed number of tasks.
    private static void lines(Team team, long outer, int n, long inner, LineTask line) {
        long lines = outer * inner;
        int tasks = IndexKernels.tasks(lines, 8L * n);
        team.run(
                tasks,
                task -> line.run(IndexKernels.share(lines, task, tasks), IndexKernels.share(lines, task + 1, tasks)));
    }

    @FunctionalInterface
    private interface LineTask {
        void run(long first, long end);
    }

    /// Element numbers in order: integers as they are, floats with NaN above all and the zeros alike.
    private static long key(MemorySegment memory, DType type, long offset) {
        if (!type.isFloating()) {
            return Elements.getLong(memory, type, offset);
        }
        double x = Elements.get(memory, type, offset);
        long bits = Double.doubleToLongBits(x + 0.0); // + 0.0 turns -0 into +0; NaN comes out as one pattern
        return bits >= 0 ? bits : bits ^ Long.MAX_VALUE;
    }

    /// [Step.ArgReduce].
    record ArgReduceKernel(View source, View target, boolean max, long outer, int n, long inner) implements Kernel {
        ArgReduceKernel(Step.ArgReduce s) {
            int[] d = s.source().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.source(), s.target(), s.max(), outer, d[s.axis()], inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment from = memory.slot(source.slot());
            MemorySegment to = memory.slot(target.slot());
            DType type = source.type();
            long step = inner * type.bytes();
            lines(
                    team,
                    outer,
                    n,
                    inner,
                    (first, end) -> {
                        for (long line = first; line < end; line++) {
                            long start = source.offset() + (line / inner * n * inner + line % inner) * type.bytes();
                            long best = type == DType.FLOAT32 ? floats(from, start, step) : others(from, start, step);
                            Elements.setLong(to, target.type(), target.offset() + line * target.type().bytes(), best);
                        }
                    });
        }

        private long floats(MemorySegment from, long start, long step) {
            int best = 0;
            float value = max ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                float x = from.get(Elements.FLOAT, start + i * step);
                if (x != x) {
                    return i;
                }
                if (max ? x > value : x < value) {
                    value = x;
                    best = i;
                }
            }
            return best;
        }

        private long others(MemorySegment from, long start, long step) {
            int best = 0;
            for (int i = 0; i < n; i++) {
                if (source.type().isFloating() && Double.isNaN(Elements.get(from, source.type(), start + i * step))) {
                    return i;
                }
                long x = key(from, source.type(), start + i * step);
                long value = key(from, source.type(), start + best * step);
                if (max ? x > value : x < value) {
                    best = i;
                }
            }
            return best;
        }
    }

    /// [Step.CumulativeSum]; floats are summed in double precision.
    record CumulativeSumKernel(View source, View target, boolean reverse, long outer, int n, long inner)
            implements Kernel {
        CumulativeSumKernel(Step.CumulativeSum s) {
            int[] d = s.source().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.source(), s.target(), s.reverse(), outer, d[s.axis()], inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment from = memory.slot(source.slot());
            MemorySegment to = memory.slot(target.slot());
            DType in = source.type();
            DType out = target.type();
            lines(
                    team,
                    outer,
                    n,
                    inner,
                    (first, end) -> {
                        for (long line = first; line < end; line++) {
                            long start = line / inner * n * inner + line % inner;
                            double sum = 0;
                            long whole = 0;
                            for (int i = 0; i < n; i++) {
                                long at = start + (reverse ? n - 1 - i : i) * inner;
                                if (in.isFloating()) {
                                    sum += Elements.get(from, in, source.offset() + at * in.bytes());
                                    Elements.set(to, out, target.offset() + at * out.bytes(), sum);
                                } else {
                                    whole += Elements.getLong(from, in, source.offset() + at * in.bytes());
                                    Elements.setLong(to, out, target.offset() + at * out.bytes(), whole);
                                }
                            }
                        }
                    });
        }
    }

    /// [Step.ArgSort]: a merge sort of positions by keys.
    record ArgSortKernel(View source, View target, boolean descending, long outer, int n, long inner)
            implements Kernel {
        ArgSortKernel(Step.ArgSort s) {
            int[] d = s.source().dims();
            long outer = Elements.product(d, 0, s.axis());
            long inner = Elements.product(d, s.axis() + 1, d.length);
            this(s.source(), s.target(), s.descending(), outer, d[s.axis()], inner);
        }

        @Override
        public void run(Memory memory, long scratch, Team team) {
            MemorySegment from = memory.slot(source.slot());
            MemorySegment to = memory.slot(target.slot());
            DType in = source.type();
            DType out = target.type();
            lines(
                    team,
                    outer,
                    n,
                    inner,
                    (first, end) -> {
                        var keys = new long[n];
                        var order = new int[n];
                        var spare = new int[n];
                        for (long line = first; line < end; line++) {
                            long start = line / inner * n * inner + line % inner;
                            for (int i = 0; i < n; i++) {
                                long key = key(from, in, source.offset() + (start + i * inner) * in.bytes());
                                keys[i] = descending ? ~key : key; // ~ reverses the order and cannot overflow
                                order[i] = i;
                            }
                            int[] sorted = sort(keys, order, spare);
                            for (int i = 0; i < n; i++) {
                                Elements.setLong(
                                        to, out, target.offset() + (start + i * inner) * out.bytes(), sorted[i]);
                            }
                        }
                    });
        }

        private static int[] sort(long[] keys, int[] order, int[] spare) {
            int n = order.length;
            int[] from = order;
            int[] to = spare;
            for (long width = 1; width < n; width *= 2) {
                for (long low = 0; low < n; low += 2 * width) {
                    merge(
                            keys,
                            from,
                            to,
                            (int) low,
                            (int) Math.min(n, low + width),
                            (int) Math.min(n, low + 2 * width));
                }
                int[] swap = from;
                from = to;
                to = swap;
            }
            return from;
        }

        private static void merge(long[] keys, int[] from, int[] to, int low, int middle, int high) {
            int left = low;
            int right = middle;
            for (int i = low; i < high; i++) {
                boolean takeLeft = right >= high || left < middle && keys[from[left]] <= keys[from[right]];
                to[i] = takeLeft ? from[left++] : from[right++];
            }
        }
    }
}
