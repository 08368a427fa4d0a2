package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.ROWS;
import static adjoint.kernel.VectorProductTiles.SPECIES;
import static adjoint.kernel.VectorProductTiles.VECTORS;
import static adjoint.kernel.VectorProductTiles.load;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/// Matrix products of floats on the Vector API.
///
/// The columns of a target are cut into panels of one to three vectors, a panel is computed tile by tile
/// ([VectorProductTiles]), and the sum runs over blocks of [#DEPTH] terms so that a panel of `right` stays in the first
/// cache. The left matrix is read in place. The right one is, too, if its rows are contiguous and little is read twice;
/// otherwise its panels are first copied one after the other, padded with zeros to whole vectors.
///
/// Products are cut into tasks by batch, columns and rows as the shape alone demands. Whatever the cut, each element is
/// the sum of the same terms in the same order, so the bits are the same for any team.
final class VectorProduct implements Kernel {
    private static final int F = Float.BYTES;

    /// The most terms of a sum that are added in registers before the target is touched.
    private static final int DEPTH = 256;

    /// The most panels that are packed at once: they shall fit the second cache.
    private static final int CHUNK = 8;

    /// Rows whose part of `left` shall stay in the second cache while panels pass by.
    private static final int ROW_BLOCK = 8 * ROWS;

    /// Floating-point operations that are worth a task of their own: some 10 µs.
    private static final long TASK_FLOPS = 1_000_000;

    private static final int MOST_TASKS = 64;

    /// Up to this many bytes, a block of `right` is read in place rather than packed.
    private static final int IN_PLACE = 32 * 1024;

    private static final long PANELS_BYTES = (long) CHUNK * DEPTH * VECTORS * LANES * F;
    private static final long ROWS_BYTES = (long) ROW_BLOCK * DEPTH * F;
    private static final long TILE_BYTES = (long) ROWS * VECTORS * LANES * F;
    private static final long SQUARE = PANELS_BYTES + ROWS_BYTES + TILE_BYTES;
    private static final long SQUARES_BYTES = Math.max(VectorTranspose.WORK_BYTES, VectorProductLines.WORK_BYTES);

    private final Workspaces workspaces;
    private final View left;
    private final View right;
    private final View target;
    private final int m;
    private final int n;
    private final int k;
    private final int[] batchDims;
    private final int batches;
    private final long leftRow;
    private final long leftStep;
    private final long rightStep;
    private final long rightColumn;

    /// Whether strides are so large that offsets within a block would not fit an int; such operands are copied first.
    private final boolean packLeft;

    private final boolean packRight;
    private final Line line;
    private final int vectors;
    private final int panels;
    private final int batchTasks;
    private final int columnTasks;
    private final int rowTasks;

    /// Which operand, if any, is a single row or column, and how the product is then summed.
    private enum Line {
        NONE,
        LEFT_SUMS,
        LEFT_DOTS,
        RIGHT_SUMS,
        RIGHT_DOTS
    }

    VectorProduct(Step.Product product, Workspaces workspaces) {
        this.workspaces = workspaces;
        left = product.left();
        right = product.right();
        target = product.target();
        var shape = ProductShape.of(product);
        m = shape.m();
        n = shape.n();
        k = shape.k();
        batchDims = shape.batchDims();
        batches = shape.batches();
        leftRow = shape.leftRow();
        leftStep = shape.leftStep();
        rightStep = shape.rightStep();
        rightColumn = shape.rightColumn();

        line = line();
        vectors = Math.ceilDiv(n, LANES);
        panels = Math.ceilDiv(vectors, VECTORS);
        packLeft = !fits(leftStep);
        packRight =
                rightColumn != 1
                        || !fits(rightStep)
                        || m > 2 * ROWS && Math.min(k, DEPTH) * Math.abs(rightStep) * F > IN_PLACE;

        long flops = 2L * m * n * k;
        long tasks = Math.clamp((long) (flops * (double) batches / TASK_FLOPS), 1, MOST_TASKS);
        batchTasks = (int) Math.min(tasks, batches);
        long each = Math.ceilDiv(tasks, Math.max(1, batchTasks));
        // Tasks of other columns share no packed panel, tasks of other rows pack the same ones: so columns first.
        columnTasks = Math.clamp(each, 1, Math.max(1, panels));
        rowTasks = Math.clamp(Math.ceilDiv(each, columnTasks), 1, Math.max(1, m / ((packRight ? 16 : 4) * ROWS)));
    }

    private Line line() {
        if (m == 1 && rightColumn == 1 && spans(leftStep) && spans(rightStep)) {
            return Line.LEFT_SUMS;
        } else if (m == 1 && rightStep == 1 && leftStep == 1) {
            return Line.LEFT_DOTS;
        } else if (n == 1 && leftStep == 1 && rightStep == 1) {
            return Line.RIGHT_DOTS;
        } else if (n == 1 && leftRow == 1 && spans(leftStep) && spans(rightStep)) {
            return Line.RIGHT_SUMS;
        }
        return Line.NONE;
    }

    private boolean spans(long stride) {
        return Math.abs(stride) <= Integer.MAX_VALUE / F / Math.max(1, k);
    }

    private static boolean fits(long stride) {
        return Math.abs(stride) <= Integer.MAX_VALUE / (DEPTH * F);
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        if (batches == 0 || m == 0 || n == 0) {
            return;
        }
        if (k == 0) {
            memory.slot(target.slot()).asSlice(target.offset(), target.size() * F).fill((byte) 0);
            return;
        }
        team.run(
                batchTasks * columnTasks * rowTasks,
                task -> {
                    MemorySegment workspace = workspaces.take(SQUARE + SQUARES_BYTES);
                    new Task(memory, workspace).run(task);
                    workspaces.give(workspace);
                });
    }

    /// The first vector of a panel. All panels have three vectors but the last ones: rather 2 + 2 than 3 + 1.
    private int firstVector(int panel) {
        if (panel >= panels) {
            return vectors;
        }
        boolean borrow = panel > 0 && panel == panels - 1 && vectors % VECTORS == 1;
        return panel * VECTORS - (borrow ? 1 : 0);
    }

    private long batchOffset(View view, int batch) {
        return view.offset() + view.offset(batchDims, batch) * F;
    }

    /// One task at work: some columns and rows of some products of the batch.
    private final class Task {
        private final MemorySegment leftMemory;
        private final MemorySegment rightMemory;
        private final MemorySegment targetMemory;
        private final MemorySegment workspace;

        Task(Memory memory, MemorySegment workspace) {
            this.leftMemory = memory.slot(left.slot());
            this.rightMemory = memory.slot(right.slot());
            this.targetMemory = memory.slot(target.slot());
            this.workspace = workspace;
        }

        void run(int task) {
            int row = task % rowTasks;
            int column = task / rowTasks % columnTasks;
            int batch = task / rowTasks / columnTasks;
            int tiles = Math.ceilDiv(m, ROWS);
            int fromRow = part(tiles, row, rowTasks) * ROWS;
            int toRow = Math.min(m, part(tiles, row + 1, rowTasks) * ROWS);
            int fromPanel = part(panels, column, columnTasks);
            int toPanel = part(panels, column + 1, columnTasks);
            int toBatch = part(batches, batch + 1, batchTasks);
            for (int i = part(batches, batch, batchTasks); i < toBatch; i++) {
                long a = batchOffset(left, i);
                long b = batchOffset(right, i);
                long c = batchOffset(target, i);
                if (line != Line.NONE) {
                    int fromColumn = firstVector(fromPanel) * LANES;
                    line(a, b, c, fromRow, toRow, fromColumn, Math.min(n, firstVector(toPanel) * LANES));
                    continue;
                }
                for (int panel = fromPanel; panel < toPanel; panel += CHUNK) {
                    multiply(a, b, c, fromRow, toRow, panel, Math.min(toPanel, panel + CHUNK));
                }
            }
        }

        private void line(long a, long b, long c, int fromRow, int toRow, int fromColumn, int toColumn) {
            int rows = toRow - fromRow;
            int columns = toColumn - fromColumn;
            long a0 = a + fromRow * leftRow * F;
            long b0 = b + fromColumn * rightColumn * F;
            long c0 = c + (fromRow + (long) fromColumn) * F;
            var l = leftMemory;
            var r = rightMemory;
            var t = targetMemory;
            switch (line) {
                case LEFT_SUMS ->
                        VectorProductLines.sums(
                                columns, k, l, a0, (int) leftStep, r, b0, (int) rightStep, t, c0, workspace, SQUARE);
                case RIGHT_SUMS ->
                        VectorProductLines.sums(
                                rows, k, r, b0, (int) rightStep, l, a0, (int) leftStep, t, c0, workspace, SQUARE);
                case LEFT_DOTS ->
                        VectorProductLines.dots(columns, k, r, b0, rightColumn * F, l, a0, t, c0, workspace, SQUARE);
                case RIGHT_DOTS ->
                        VectorProductLines.dots(rows, k, l, a0, leftRow * F, r, b0, t, c0, workspace, SQUARE);
                case NONE -> throw new IllegalStateException();
            }
        }

        private static int part(int count, int index, int parts) {
            return (int) ((long) count * index / parts);
        }

        private void multiply(long a, long b, long c, int fromRow, int toRow, int fromPanel, int toPanel) {
            int blocks = Math.ceilDiv(k, DEPTH);
            for (int block = 0; block < blocks; block++) {
                int from = part(k, block, blocks);
                int depth = part(k, block + 1, blocks) - from;
                long bBlock = b + from * rightStep * F;
                for (int panel = fromPanel; panel < toPanel; panel++) {
                    pack(bBlock, depth, panel, panelOffset(panel - fromPanel));
                }
                for (int i = fromRow; i < toRow; i += ROW_BLOCK) {
                    int rows = Math.min(ROW_BLOCK, toRow - i);
                    long aBlock = a + (i * leftRow + from * leftStep) * F;
                    long cBlock = c + (long) i * n * F;
                    if (packLeft) {
                        packRows(aBlock, rows, depth);
                    }
                    for (int panel = fromPanel; panel < toPanel; panel++) {
                        panel(aBlock, bBlock, cBlock, rows, depth, panel, panelOffset(panel - fromPanel), block > 0);
                    }
                }
            }
        }

        private static long panelOffset(int index) {
            return (long) index * DEPTH * VECTORS * LANES * F;
        }

        /// Multiplies a block of rows with one panel.
        private void panel(long a, long b, long c, int rows, int depth, int panel, long packed, boolean add) {
            int first = firstVector(panel);
            int width = firstVector(panel + 1) - first;
            int columns = Math.min(width * LANES, n - first * LANES);
            boolean inPlace = !packRight && columns == width * LANES;
            var bMemory = inPlace ? rightMemory : workspace;
            long b0 = inPlace ? b + (long) first * LANES * F : packed;
            int stepB = inPlace ? (int) rightStep : width * LANES;
            var aMemory = packLeft ? workspace : leftMemory;
            long a0 = packLeft ? PANELS_BYTES : a;
            long rowA = packLeft ? (long) depth * F : leftRow * F;
            int stepA = packLeft ? 1 : (int) leftStep;
            long rowC = (long) n * F;
            long c0 = c + (long) first * LANES * F;
            boolean whole = columns == width * LANES;
            for (int i = 0; i < rows; i += ROWS) {
                int last = Math.min(ROWS, rows - i) - 1;
                if (whole) {
                    VectorProductTiles.tile(
                            width,
                            depth,
                            aMemory,
                            a0 + i * rowA,
                            rowA,
                            stepA,
                            bMemory,
                            b0,
                            stepB,
                            targetMemory,
                            c0 + i * rowC,
                            rowC,
                            last,
                            add);
                } else {
                    long tile = PANELS_BYTES + ROWS_BYTES;
                    int rowTile = width * LANES * F;
                    VectorProductTiles.tile(
                            width,
                            depth,
                            aMemory,
                            a0 + i * rowA,
                            rowA,
                            stepA,
                            bMemory,
                            b0,
                            stepB,
                            workspace,
                            tile,
                            rowTile,
                            last,
                            false);
                    for (int r = 0; r <= last; r++) {
                        copyRow(tile + r * rowTile, c0 + (i + r) * rowC, columns, add);
                    }
                }
            }
        }

        /// Brings the valid elements of a row from the tile to the target.
        private void copyRow(long from, long to, int columns, boolean add) {
            int j = 0;
            for (; j + LANES <= columns; j += LANES) {
                var sum = load(workspace, from + (long) j * F);
                (add ? load(targetMemory, to + (long) j * F).add(sum) : sum)
                        .intoMemorySegment(targetMemory, to + (long) j * F, ORDER);
            }
            for (; j < columns; j++) {
                float sum = workspace.get(FLOAT, from + (long) j * F);
                long at = to + (long) j * F;
                targetMemory.set(FLOAT, at, add ? targetMemory.get(FLOAT, at) + sum : sum);
            }
        }

        /// Copies one panel of a block of `right` into the workspace, unless it is read in place.
        private void pack(long b, int depth, int panel, long packed) {
            int first = firstVector(panel);
            int width = (firstVector(panel + 1) - first) * LANES;
            int columns = Math.min(width, n - first * LANES);
            if (!packRight && columns == width) {
                return;
            }
            long from = b + first * LANES * rightColumn * F;
            if (rightColumn == 1) {
                packRowMajor(from, depth, width, columns, packed);
            } else {
                int squareColumns = rightStep == 1 ? columns - columns % LANES : 0;
                int squareRows = depth - depth % LANES;
                long row = rightColumn * F;
                VectorTranspose.run(
                        rightMemory,
                        from,
                        row,
                        squareColumns,
                        squareRows,
                        workspace,
                        packed,
                        (long) width * F,
                        workspace,
                        SQUARE);
                packAny(from, squareRows, depth, 0, squareColumns, width, columns, packed);
                packAny(from, 0, depth, squareColumns, width, width, columns, packed);
            }
        }

        private void packRowMajor(long from, int depth, int width, int columns, long packed) {
            int whole = columns - columns % LANES;
            for (int p = 0; p < depth; p++) {
                long source = from + p * rightStep * F;
                long goal = packed + (long) p * width * F;
                for (int j = 0; j < whole; j += LANES) {
                    load(rightMemory, source + (long) j * F).intoMemorySegment(workspace, goal + (long) j * F, ORDER);
                }
                if (whole < width) {
                    packTail(source + (long) whole * F, columns - whole, goal + (long) whole * F);
                }
            }
        }

        private void packTail(long source, int columns, long goal) {
            var mask = SPECIES.indexInRange(0, columns);
            FloatVector.fromMemorySegment(SPECIES, rightMemory, source, ORDER, mask)
                    .intoMemorySegment(workspace, goal, ORDER);
        }

        private void packAny(
                long from, int fromRow, int toRow, int fromColumn, int toColumn, int width, int columns, long packed) {
            for (int j = fromColumn; j < toColumn; j++) {
                long source = from + j * rightColumn * F;
                for (int p = fromRow; p < toRow; p++) {
                    float value = j < columns ? rightMemory.get(FLOAT, source + p * rightStep * F) : 0;
                    workspace.set(FLOAT, packed + ((long) p * width + j) * F, value);
                }
            }
        }

        private void packRows(long from, int rows, int depth) {
            for (int r = 0; r < rows; r++) {
                for (int p = 0; p < depth; p++) {
                    float value = leftMemory.get(FLOAT, from + (r * leftRow + p * leftStep) * F);
                    workspace.set(FLOAT, PANELS_BYTES + ((long) r * depth + p) * F, value);
                }
            }
        }
    }
}
