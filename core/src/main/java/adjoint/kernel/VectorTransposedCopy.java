package adjoint.kernel;

import static adjoint.kernel.VectorMath.LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A copy of matrices whose columns are contiguous into rows: read element by element, as any program may, columns that lie
/// a power of two apart push each other out of the cache.
final class VectorTransposedCopy implements Kernel {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final int F = Float.BYTES;

    /// Elements that are worth a task of their own: some 10 µs. A task is some pieces of matrices.
    private static final long TASK = 1 << 15;

    private final Workspaces workspaces;
    private final View source;
    private final View target;
    private final int[] batchDims;
    private final int rows;
    private final int columns;
    private final long sourceColumn;
    private final int
            across; // bands of the target's columns, whole vectors wide but for the last: what is read lies together
    private final int down; // bands of its rows, where columns are few
    private final int pieces;
    private final int tasks;

    /// Whether a step is such a copy.
    static boolean takes(BlockProgram p) {
        if (p.compute() != DType.FLOAT32
                || p.loads().size() != 1
                || !p.code().isEmpty()
                || p.stores().size() != 1
                || !p.reductions().isEmpty()
                || p.dims().length < 2) {
            return false;
        }
        View source = p.loads().getFirst();
        View target = p.stores().getFirst().target();
        int rank = p.dims().length;
        return source.type() == DType.FLOAT32
                && target.type() == DType.FLOAT32
                && target.isDense()
                && p.points() <= Integer.MAX_VALUE
                && p.dims()[rank - 2] >= LANES
                && p.dims()[rank - 1] >= LANES
                && source.strides()[rank - 2] == 1
                && Math.abs(source.strides()[rank - 1]) > 1;
    }

    /// @param p one that it [#takes]
    VectorTransposedCopy(BlockProgram p, Workspaces workspaces) {
        this.workspaces = workspaces;
        source = p.loads().getFirst();
        target = p.stores().getFirst().target();
        int rank = p.dims().length;
        batchDims = Arrays.copyOf(p.dims(), rank - 2);
        rows = p.dims()[rank - 2];
        columns = p.dims()[rank - 1];
        sourceColumn = source.strides()[rank - 1] * F;
        long wanted = Math.ceilDiv((long) rows * columns, TASK);
        across = Math.clamp(wanted, 1, columns / LANES);
        down = Math.clamp(wanted / across, 1, rows / LANES);
        pieces = Math.toIntExact(p.points() / ((long) rows * columns)) * across * down;
        tasks = Math.clamp(Math.ceilDiv(p.points(), TASK), 0, pieces);
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        MemorySegment from = memory.slot(source.slot());
        MemorySegment to = memory.slot(target.slot());
        team.run(
                tasks,
                task -> {
                    MemorySegment ws = workspaces.take(VectorTranspose.WORK_BYTES);
                    for (int piece = part(pieces, task, tasks); piece < part(pieces, task + 1, tasks); piece++) {
                        copy(from, to, piece, ws);
                    }
                    workspaces.give(ws);
                });
    }

    private static int part(int count, int index, int parts) {
        return (int) ((long) count * index / parts);
    }

    // The first of a band's elements: a whole vector, but for the end.
    private static int edge(int extent, int index, int parts) {
        return index == parts ? extent : part(extent / LANES, index, parts) * LANES;
    }

    private void copy(MemorySegment from, MemorySegment to, int piece, MemorySegment ws) {
        int column = edge(columns, piece % across, across);
        int row = edge(rows, piece / across % down, down);
        int batch = piece / across / down;
        int width = edge(columns, piece % across + 1, across) - column;
        int height = edge(rows, piece / across % down + 1, down) - row;
        int wholeWidth = width / LANES * LANES;
        int wholeHeight = height / LANES * LANES;
        long s = source.offset() + (source.offset(batchDims, batch) + row) * F + column * sourceColumn;
        long rowBytes = (long) columns * F;
        long t = target.offset() + ((long) batch * rows + row) * rowBytes + (long) column * F;
        VectorTranspose.run(from, s, sourceColumn, wholeWidth, wholeHeight, to, t, rowBytes, ws, 0);
        for (int i = 0; i < height; i++) {
            for (int j = i < wholeHeight ? wholeWidth : 0; j < width; j++) {
                to.set(FLOAT, t + i * rowBytes + (long) j * F, from.get(FLOAT, s + (long) i * F + j * sourceColumn));
            }
        }
    }
}
