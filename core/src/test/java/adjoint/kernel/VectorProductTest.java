package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

class VectorProductTest {
    private static final int[] TEAMS = {1, 2, 3, 7};
    private static final float GUARD = 12345;

    /// How the elements of an operand lie in memory: strides and the elements that they span.
    private record Layout(long[] strides, long first, long span) {}

    private enum Form {
        PLAIN,
        TRANSPOSED,
        GAPS,
        GAPS_TRANSPOSED,
        ODD,
        BACKWARDS,
        REPEATED;

        /// @param shared whether the batch axes repeat one matrix
        Layout layout(int[] batch, int rows, int columns, boolean shared) {
            var strides = new long[batch.length + 2];
            long row = 0;
            long column = 0;
            long size = 0;
            switch (this) {
                case PLAIN -> {
                    row = columns;
                    column = 1;
                    size = (long) rows * columns;
                }
                case TRANSPOSED -> {
                    row = 1;
                    column = rows;
                    size = (long) rows * columns;
                }
                case GAPS -> {
                    row = columns + 5;
                    column = 1;
                    size = rows * row;
                }
                case GAPS_TRANSPOSED -> {
                    row = 1;
                    column = rows + 3;
                    size = columns * column;
                }
                case ODD -> {
                    row = 3L * columns + 1;
                    column = 3;
                    size = rows * row;
                }
                case BACKWARDS -> {
                    row = -columns;
                    column = -1;
                    size = (long) rows * columns;
                }
                case REPEATED -> {
                    row = 0;
                    column = 1;
                    size = columns;
                }
            }
            strides[batch.length] = row;
            strides[batch.length + 1] = column;
            for (int i = batch.length - 1; i >= 0; i--) {
                strides[i] = shared ? 0 : size;
                size *= shared ? 1 : batch[i];
            }
            return new Layout(strides, this == BACKWARDS ? Math.max(0, (long) rows * columns - 1) : 0, size);
        }
    }

    @Test
    void smallSizesInAllForms() {
        int[] sizes = {0, 1, 2, 3, 5, 8, 17, 33};
        int seed = 0;
        for (int m : sizes) {
            for (int n : sizes) {
                for (int k : sizes) {
                    for (Form left : Form.values()) {
                        for (Form right : Form.values()) {
                            check(new int[0], m, n, k, left, right, false, false, seed++);
                        }
                    }
                }
            }
        }
    }

    @Test
    void awkwardSizes() {
        int[] sizes = {1, 2, 3, 6, 7, 13, 16, 31, 64, 100, 257};
        int seed = 0;
        for (int m : sizes) {
            for (int n : sizes) {
                for (int k : sizes) {
                    Form left = Form.values()[seed % 2];
                    Form right = Form.values()[seed / 2 % 2];
                    check(new int[0], m, n, k, left, right, false, false, seed++);
                }
            }
        }
    }

    @Test
    void largeSizesAreCutIntoTasksAndBlocks() {
        int[][] sizes = {
            {257, 257, 257}, {300, 130, 700}, {129, 500, 260}, {1000, 20, 513},
            {20, 1000, 300}, {1, 900, 1300}, {900, 1, 1300}, {33, 49, 2000}
        };
        int seed = 0;
        for (int[] s : sizes) {
            for (Form left : Form.values()) {
                for (Form right : new Form[] {Form.PLAIN, Form.TRANSPOSED, Form.ODD}) {
                    check(new int[0], s[0], s[1], s[2], left, right, false, false, seed++);
                }
            }
        }
    }

    /// Whatever vectors a column is in, and how they overlap.
    @Test
    void aRowTimesAMatrixHasTheBitsOfSumsInOrder() {
        int depth = 29;
        var random = new Random(1);
        try (var arena = Arena.ofConfined()) {
            MemorySegment work = arena.allocate(VectorProductLines.WORK_BYTES, 64);
            for (int count = 1; count <= 17 * VectorMath.LANES + 1; count++) {
                int distance = count + 3;
                MemorySegment x = arena.allocate(4L * 2 * depth, 64);
                MemorySegment b = arena.allocate(4L * distance * depth, 64);
                MemorySegment c = arena.allocate(4L * (count + 1), 64);
                for (MemorySegment segment : new MemorySegment[] {x, b}) {
                    for (long i = 0; i < segment.byteSize() / 4; i++) {
                        segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
                    }
                }
                c.setAtIndex(ValueLayout.JAVA_FLOAT, count, GUARD);
                VectorProductLines.sums(count, depth, x, 0, 2, b, 0, distance, c, 0, work, 0);
                for (int j = 0; j < count; j++) {
                    float sum = 0;
                    for (int p = 0; p < depth; p++) {
                        float factor = x.getAtIndex(ValueLayout.JAVA_FLOAT, 2L * p);
                        sum = Math.fma(b.getAtIndex(ValueLayout.JAVA_FLOAT, (long) p * distance + j), factor, sum);
                    }
                    assertEquals(sum, c.getAtIndex(ValueLayout.JAVA_FLOAT, j), count + " columns, column " + j);
                }
                assertEquals(GUARD, c.getAtIndex(ValueLayout.JAVA_FLOAT, count));
            }
        }
    }

    @Test
    void batches() {
        int[][] batches = {{1}, {3}, {2, 3}, {4, 1, 2}, {0}, {2, 0, 3}, {12, 4}};
        int[][] sizes = {{5, 7, 3}, {64, 64, 32}, {1, 33, 17}, {33, 1, 17}, {17, 50, 300}};
        int seed = 0;
        for (int[] batch : batches) {
            for (int[] s : sizes) {
                for (int shared = 0; shared < 4; shared++) {
                    for (Form form : new Form[] {Form.PLAIN, Form.TRANSPOSED, Form.GAPS}) {
                        Form other = seed % 2 == 0 ? Form.PLAIN : Form.TRANSPOSED;
                        check(batch, s[0], s[1], s[2], form, other, (shared & 1) != 0, (shared & 2) != 0, seed++);
                    }
                }
            }
        }
    }

    @Test
    void someBatchAxesRepeated() {
        try (var arena = Arena.ofConfined()) {
            var memory = new Memory(arena.allocate(1 << 16, 64));
            fill(memory.slot(0), new Random(1));
            var a = new View(0, 0, DType.FLOAT32, new int[] {2, 3, 4, 5}, new long[] {0, 20, 5, 1});
            var b = new View(0, 4096, DType.FLOAT32, new int[] {2, 3, 5, 6}, new long[] {30, 0, 6, 1});
            var c = View.dense(0, 8192, DType.FLOAT32, 2, 3, 4, 6);
            try (var team = new Team(1)) {
                new VectorProduct(new Step.Product(a, b, c), new Workspaces()).run(memory, 0, team);
            }
            compare(memory.slot(0), a, memory.slot(0), b, memory.slot(0), c, "repeated axes");
        }
    }

    @Test
    void notANumberAndInfinityPass() {
        try (var arena = Arena.ofConfined();
                var team = new Team(1)) {
            var memory = new Memory(arena.allocate(1 << 16, 64));
            var a = View.dense(0, 0, DType.FLOAT32, 9, 3);
            var b = View.dense(0, 4096, DType.FLOAT32, 3, 20);
            var c = View.dense(0, 8192, DType.FLOAT32, 9, 20);
            memory.slot(0).asSlice(0, 8192).fill((byte) 0);
            set(memory.slot(0), 4 * 3, Float.NaN);
            set(memory.slot(0), 8 * 3, Float.POSITIVE_INFINITY);
            set(memory.slot(0), 1024 + 5, 1);
            new VectorProduct(new Step.Product(a, b, c), new Workspaces()).run(memory, 0, team);
            for (int i = 0; i < 9; i++) {
                for (int j = 0; j < 20; j++) {
                    float expected = i == 4 || i == 8 && j != 5 ? Float.NaN : i == 8 ? Float.POSITIVE_INFINITY : 0;
                    assertEquals(expected, get(memory.slot(0), 2048 + i * 20 + j));
                }
            }
        }
    }

    private static void check(
            int[] batch, int m, int n, int k, Form left, Form right, boolean sameLeft, boolean sameRight, int seed) {
        var what = String.format("%s: %d x %d x %d, %s, %s", Arrays.toString(batch), m, n, k, left, right);
        Layout leftLayout = left.layout(batch, m, k, sameLeft);
        Layout rightLayout = right.layout(batch, k, n, sameRight);
        // Exactly as large as needed, so that a read beyond the end is an exception; odd offsets.
        int shift = seed % 5;
        try (var arena = Arena.ofShared()) {
            var a = arena.allocate((leftLayout.span() + shift) * 4, 4);
            var b = arena.allocate((rightLayout.span() + shift) * 4, 4);
            var random = new Random(seed);
            fill(a, random);
            fill(b, random);
            var leftView =
                    new View(
                            1,
                            (leftLayout.first() + shift) * 4,
                            DType.FLOAT32,
                            dims(batch, m, k),
                            leftLayout.strides());
            var rightView =
                    new View(
                            2,
                            (rightLayout.first() + shift) * 4,
                            DType.FLOAT32,
                            dims(batch, k, n),
                            rightLayout.strides());
            var targetView = View.dense(3, (shift + 1) * 4L, DType.FLOAT32, dims(batch, m, n));
            var kernel = new VectorProduct(new Step.Product(leftView, rightView, targetView), new Workspaces());
            var scratch = arena.allocate(kernel.scratchBytes() + 64, 64);
            MemorySegment expected = null;
            boolean large = (long) m * n * k > 200_000;
            for (int size : large ? TEAMS : new int[] {1, 1}) {
                var c = arena.allocate((targetView.size() + shift + 2) * 4, 4);
                for (long i = 0; i < c.byteSize() / 4; i++) {
                    set(c, i, GUARD);
                }
                try (var team = new Team(size)) {
                    kernel.run(new Memory(scratch, a, b, c), 64, team);
                }
                if (expected == null) {
                    compare(a, leftView, b, rightView, c, targetView, what);
                    for (long i = 0; i <= shift; i++) {
                        assertEquals(GUARD, get(c, i), what);
                    }
                    assertEquals(GUARD, get(c, c.byteSize() / 4 - 1), what);
                    expected = c;
                } else {
                    assertEquals(-1, expected.mismatch(c), () -> what + ": other bits with a team of " + size);
                }
            }
        }
    }

    private static int[] dims(int[] batch, int rows, int columns) {
        int[] dims = Arrays.copyOf(batch, batch.length + 2);
        dims[batch.length] = rows;
        dims[batch.length + 1] = columns;
        return dims;
    }

    private static void compare(
            MemorySegment a, View left, MemorySegment b, View right, MemorySegment c, View target, String what) {
        int rank = target.dims().length;
        int m = target.dims()[rank - 2];
        int n = target.dims()[rank - 1];
        int k = left.dims()[rank - 1];
        long count = target.size() == 0 ? 0 : target.size() / m / n;
        for (long i = 0; i < count; i++) {
            long rest = i;
            long a0 = left.offset() / 4;
            long b0 = right.offset() / 4;
            for (int axis = rank - 3; axis >= 0; axis--) {
                a0 += rest % target.dims()[axis] * left.strides()[axis];
                b0 += rest % target.dims()[axis] * right.strides()[axis];
                rest /= target.dims()[axis];
            }
            for (int row = 0; row < m; row++) {
                for (int column = 0; column < n; column++) {
                    double sum = 0;
                    double absolute = 0;
                    for (int p = 0; p < k; p++) {
                        double x = get(a, a0 + row * left.strides()[rank - 2] + p * left.strides()[rank - 1]);
                        double term =
                                x * get(b, b0 + p * right.strides()[rank - 2] + column * right.strides()[rank - 1]);
                        sum += term;
                        absolute += Math.abs(term);
                    }
                    float actual = get(c, target.offset() / 4 + (i * m + row) * n + column);
                    // Each of k roundings errs by at most eps / 2 of the terms' absolute sum.
                    double tolerance = absolute * k * 0x1p-24;
                    if (!(Math.abs(actual - sum) <= tolerance)) {
                        assertEquals(sum, actual, tolerance, what + " at " + i + ", " + row + ", " + column);
                    }
                }
            }
        }
    }

    private static void fill(MemorySegment memory, Random random) {
        for (long i = 0; i < memory.byteSize() / 4; i++) {
            set(memory, i, random.nextFloat() * 2 - 1);
        }
    }

    private static float get(MemorySegment memory, long index) {
        return memory.get(ValueLayout.JAVA_FLOAT, index * 4);
    }

    private static void set(MemorySegment memory, long index, float value) {
        memory.set(ValueLayout.JAVA_FLOAT, index * 4, value);
    }
}
