package adjoint.onednn;

import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.Memory;
import adjoint.kernel.ProductShape;
import adjoint.kernel.Step;
import adjoint.kernel.Team;
import adjoint.kernel.View;

import java.lang.ref.Reference;
import java.util.Arrays;

/// [Step.Product] on oneDNN's `dnnl_sgemm`.
///
/// That function, and not its matrix product primitive: measured on products from 32³ to 1024³ it is as fast or faster, and costs
/// nothing to prepare (a primitive 1 to 20 ms).
///
/// A product is cut into tasks by batch, rows and columns as the shape alone demands; each task is one call or several, on one
/// thread. So the bits are the same for any team.
final class NativeProduct implements Kernel {
    private static final int F = Float.BYTES;

    /// Multiply-adds below which the call costs more than it gains. Time of the vector kernel divided by that of oneDNN, one
    /// thread, AVX-512: 16³ 0.40, 32³ 0.77, 64 x 8 x 64 2.2, 64³ 1.13, 128 x 10 x 128 2.8; single rows and columns about 1: rows
    /// are worth it, since nothing has to be compiled for them when a text begins.
    static final long FEWEST = 32 * 1024;

    /// The vector kernel computes whole vectors, and loads and stores its tiles: fewer columns and shorter sums take it as long as
    /// these. Its time divided by that of oneDNN: 128 x 2 with sums of 84 terms 1.9, 128 x 84 with sums of 2 3.2.
    private static final int VECTOR = 16;

    private static final int SHORT_SUM = 4;

    /// With more terms to a sum, oneDNN packs a transposed right matrix so slowly that the vector kernel is faster. Its time divided by
    /// that of oneDNN, 768 x 128 with sums of 256, 384 and 512 terms, one thread, AVX-512: 1.01, 0.82, 0.54; 128 x 1024 with 1024: 0.5.
    private static final int LONG_SUM = 256;

    /// Rows of the left matrix from which such a right matrix is copied into rows first. Time with the copy divided by that of the vector
    /// kernel without, one thread, AVX-512 (Intel): 768 x 128 with 512 terms 0.59, with 384 0.49, 256 x 128 with 512 0.75; where
    /// the copy does not fit the second cache, 768 x 1024 with 1024 0.81, 256 x 1024 0.95, 128 x 1024 0.98.
    private static final int MANY_ROWS = 256;

    /// The most elements of such a copy: 32,000 x 768 with 256 rows gained nothing.
    private static final long LARGEST_COPY = 1 << 20;

    /// Floating-point operations that are worth a task of their own, for the first two tasks, for a few, and for more of them: each packs
    /// its operands anew. 128 x 1024 x 1024 in 32 tasks takes 0.95 ms with two threads, in 8 tasks 0.82.
    private static final long HALF_FLOPS = 750_000;

    private static final long TASK_FLOPS = 4_000_000;

    private static final int FEW_TASKS = 8;
    private static final long LARGE_TASK_FLOPS = 32_000_000;
    private static final int MOST_TASKS = 64;

    /// The fewest rows and columns of a task: both operands are packed anew in each.
    private static final int FEWEST_ROWS = 32;

    private static final int FEWEST_COLUMNS = 64;

    /// A matrix as BLAS has it: contiguous rows, or contiguous columns (transposed), at a distance.
    private record Form(boolean transposed, long distance) {
        /// The form of a matrix, or null if neither its rows nor its columns are contiguous.
        static Form of(long rows, long columns, long rowStride, long columnStride) {
            if (columns == 1 || columnStride == 1) {
                long distance = rows == 1 ? columns : rowStride;
                if (distance >= columns) {
                    return new Form(false, distance);
                }
            }
            if (rows == 1 || rowStride == 1) {
                long distance = columns == 1 ? rows : columnStride;
                if (distance >= rows) {
                    return new Form(true, distance);
                }
            }
            return null;
        }

        /// Bytes from the first element to the one at a row and column.
        long offset(long row, long column) {
            return (transposed ? row + column * distance : row * distance + column) * F;
        }
    }

    private final Dnnl dnnl;
    private final View left;
    private final View right;
    private final View target;
    private final Span leftSpan;
    private final Span rightSpan;
    private final Span targetSpan;
    private final Form leftForm;
    private final Form rightForm;
    private final int m;
    private final int n;
    private final int k;
    private final int[] batchDims;
    private final int batches;
    private final int batchTasks;
    private final int rowTasks;
    private final int columnTasks;

    /// The product ready to run, or null if it is for others: too small, or not possible at all.
    ///
    /// @param vectors whether those others have vectors
    static Kernel prepare(Dnnl dnnl, Step.Product step, boolean vectors) {
        NativeProduct product = of(dnnl, step);
        return product != null && product.gains(vectors) ? product : null;
    }

    /// The product whatever its size, or null if it is impossible: of another type, empty, or without contiguous rows or columns.
    ///
    /// @throws IllegalArgumentException if the shapes do not fit each other
    static NativeProduct of(Dnnl dnnl, Step.Product step) {
        if (step.left().type() != DType.FLOAT32
                || step.right().type() != DType.FLOAT32
                || step.target().type() != DType.FLOAT32) {
            return null;
        }
        check(step.left().dims(), step.right().dims(), step.target().dims());
        var product = new NativeProduct(dnnl, step);
        boolean possible =
                product.leftForm != null
                        && product.rightForm != null
                        && step.target().isDense()
                        && product.m > 0
                        && product.n > 0
                        && product.k > 0;
        return possible ? product : null;
    }

    /// [adjoint.kernel.Kernels#wantsRows].
    static boolean wantsRows(Dnnl dnnl, Step.Product step) {
        NativeProduct product = of(dnnl, step);
        long[] strides = step.right().strides();
        return product != null
                && product.packsSlowly()
                && Arrays.stream(strides, 0, strides.length - 2).allMatch(stride -> stride == 0)
                && product.n > 1
                && (long) product.k * product.n <= LARGEST_COPY
                && (long) product.m * product.batches >= MANY_ROWS;
    }

    private static void check(int[] left, int[] right, int[] target) {
        int rank = target.length;
        boolean fits = rank >= 2 && left.length == rank && right.length == rank;
        for (int i = 0; fits && i < rank - 2; i++) {
            fits = left[i] == target[i] && right[i] == target[i];
        }
        if (!fits
                || left[rank - 2] != target[rank - 2]
                || right[rank - 1] != target[rank - 1]
                || left[rank - 1] != right[rank - 2]) {
            throw new IllegalArgumentException(
                    "a product of %s and %s does not give %s"
                            .formatted(Arrays.toString(left), Arrays.toString(right), Arrays.toString(target)));
        }
    }

    private boolean gains(boolean vectors) {
        return n > 1 && (long) m * Math.max(n, VECTOR) * Math.max(k, SHORT_SUM) >= FEWEST && !(vectors && packsSlowly());
    }

    private boolean packsSlowly() {
        return rightForm.transposed && k > LONG_SUM;
    }

    private NativeProduct(Dnnl dnnl, Step.Product step) {
        this.dnnl = dnnl;
        left = step.left();
        right = step.right();
        target = step.target();
        leftSpan = new Span(left);
        rightSpan = new Span(right);
        targetSpan = new Span(target);
        var shape = ProductShape.of(step);
        m = shape.m();
        n = shape.n();
        k = shape.k();
        batchDims = shape.batchDims();
        batches = shape.batches();
        leftForm = Form.of(m, k, shape.leftRow(), shape.leftStep());
        rightForm = Form.of(k, n, shape.rightStep(), shape.rightColumn());

        double flops = 2.0 * m * n * k;
        double all = flops * batches;
        int few = (int) Math.clamp(all / TASK_FLOPS, Math.clamp((long) all / HALF_FLOPS, 1, 2), FEW_TASKS);
        int tasks = (int) Math.clamp(all / LARGE_TASK_FLOPS, few, MOST_TASKS);
        batchTasks = Math.min(tasks, batches);
        int each = Math.ceilDiv(tasks, Math.max(1, batchTasks));
        int acrossRows = 1;
        int acrossColumns = 1;
        while (acrossRows * acrossColumns < each) { // the longer side first: what a task packs is then least
            int height = m / (2 * acrossRows);
            int width = n / (2 * acrossColumns);
            if (height >= FEWEST_ROWS && (height >= width || width < FEWEST_COLUMNS)) {
                acrossRows *= 2;
            } else if (width >= FEWEST_COLUMNS) {
                acrossColumns *= 2;
            } else {
                break;
            }
        }
        rowTasks = acrossRows;
        columnTasks = acrossColumns;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        if (batches == 0) {
            return;
        }
        long a = leftSpan.address(memory, false);
        long b = rightSpan.address(memory, false);
        long c = targetSpan.address(memory, true);
        try {
            team.run(batchTasks * rowTasks * columnTasks, task -> run(task, a, b, c));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    private void run(int task, long a, long b, long c) {
        int column = task % columnTasks;
        int row = task / columnTasks % rowTasks; // a thread's tasks follow each other: it stays with its rows
        int batch = task / columnTasks / rowTasks;
        long fromRow = part(m, row, rowTasks);
        long rows = part(m, row + 1, rowTasks) - fromRow;
        long fromColumn = part(n, column, columnTasks);
        long columns = part(n, column + 1, columnTasks) - fromColumn;
        long toBatch = part(batches, batch + 1, batchTasks);
        int threads = dnnl.workAlone();
        int status = 0;
        try {
            for (long i = part(batches, batch, batchTasks); i < toBatch && status == 0; i++) {
                status =
                        dnnl.multiply(
                                leftForm.transposed,
                                rightForm.transposed,
                                rows,
                                columns,
                                k,
                                a + left.offset(batchDims, i) * F + leftForm.offset(fromRow, 0),
                                leftForm.distance,
                                b + right.offset(batchDims, i) * F + rightForm.offset(0, fromColumn),
                                rightForm.distance,
                                c + (i * m * n + fromRow * n + fromColumn) * F,
                                n);
            }
        } finally {
            dnnl.workWith(threads);
        }
        if (status != 0) {
            throw new OneDnnException(
                    "the product of %s and %s failed in oneDNN with status %d"
                            .formatted(Arrays.toString(left.dims()), Arrays.toString(right.dims()), status));
        }
    }

    private static long part(int count, int index, int parts) {
        return (long) count * index / parts;
    }
}
