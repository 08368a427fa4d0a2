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

    /// Elements that are worth a task of their own: some 10 µs.
    private static final long TASK = 1 << 15;

    private final Workspaces workspaces;
    private final View source;
    private final View target;
    private final int rows;
    private final int columns;
    private final long sourceColumn;
    private final int batches;
    private final int bands; // of the target's columns, whole vectors wide but for the last: what is read lies together

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
        rows = p.dims()[rank - 2];
        columns = p.dims()[rank - 1];
        sourceColumn = source.strides()[rank - 1] * F;
        batches = (int) (p.points() / ((long) rows * columns));
        long wanted = Math.ceilDiv((long) rows * columns, TASK);
        bands = Math.clamp(wanted, 1, columns / LANES);
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        MemorySegment from = memory.slot(source.slot());
        MemorySegment to = memory.slot(target.slot());
        team.run(
                batches * bands,
                task -> {
                    MemorySegment ws = workspaces.take(VectorTranspose.WORK_BYTES);
                    copy(from, to, task / bands, task % bands, ws);
                    workspaces.give(ws);
                });
    }

    private void copy(MemorySegment from, MemorySegment to, int batch, int band, MemorySegment ws) {
        int vectors = columns / LANES;
        int first = (int) ((long) vectors * band / bands) * LANES;
        int last = band == bands - 1 ? columns : (int) ((long) vectors * (band + 1) / bands) * LANES;
        int width = (last - first) / LANES * LANES;
        int height = rows / LANES * LANES;
        long s = source.offset() + batchOffset(batch) * F + first * sourceColumn;
        long row = (long) columns * F;
        long t = target.offset() + (long) batch * rows * row + (long) first * F;
        VectorTranspose.run(from, s, sourceColumn, width, height, to, t, row, ws, 0);
        for (int i = 0; i < rows; i++) {
            for (int j = i < height ? width : 0; j < last - first; j++) {
                to.set(FLOAT, t + i * row + (long) j * F, from.get(FLOAT, s + (long) i * F + j * sourceColumn));
            }
        }
    }

    private long batchOffset(int batch) {
        int[] dims = Arrays.copyOf(target.dims(), target.dims().length - 2);
        long offset = 0;
        int rest = batch;
        for (int i = dims.length - 1; i >= 0; i--) {
            offset += rest % dims[i] * source.strides()[i];
            rest /= dims[i];
        }
        return offset;
    }
}
