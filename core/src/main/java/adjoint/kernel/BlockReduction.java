package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// Brings the tiles of one reduction together, in a fixed order.
///
/// A tile is reduced in float over several accumulators; tiles with few rows are added up in float first; what comes
/// out goes into double accumulators. So no float ever takes in more than some dozens of others, and a sum of
/// millions is right to float precision.
final class BlockReduction {
    private static final int ROWS_IN_FLOAT = 64;

    final int register;
    final BlockProgram.Kind kind;
    private final View target;
    private final BlockSpace space;
    private final BlockLoops loops;
    private final BlockLoop both;
    private final int tilesInFloat;

    BlockReduction(BlockProgram.Reduction reduction, int register, BlockSpace space, BlockLoops loops) {
        this.register = register;
        this.kind = reduction.kind();
        this.target = reduction.target();
        this.space = space;
        this.loops = loops;
        this.both = loops.loop(kind);
        this.tilesInFloat = Math.max(1, ROWS_IN_FLOAT / space.rows(space.chunk));
    }

    /// Takes in tile `step` of this task's share of the reduced tiles.
    ///
    /// @param floats a block of scratch for the results so far; another one follows for the tile, then two for doubles
    void take(MemorySegment tile, long at, int extent, int step, boolean isLast, MemorySegment scratch, long floats) {
        int planes = space.planes(extent);
        int rows = space.rows(extent);
        int columns = space.columns(extent);
        long to = step % tilesInFloat == 0 ? floats : tileResults(floats);
        for (int p = 0; p < planes; p++) {
            long from = at + 4L * p * rows * columns;
            if (columns == 1) {
                scratch.set(Elements.FLOAT, to + 4L * p, loops.reduce(kind, tile, from, rows));
            } else {
                loops.reduceRows(kind, tile, from, rows, columns, scratch, to + 4L * p * columns);
            }
        }
        taken(extent, step, isLast, scratch, floats, to);
    }

    /// Where the results of the next tiles are put.
    static long tileResults(long floats) {
        return floats + BlockKernel.BLOCK_BYTES;
    }

    /// Goes on from a tile's results at `from`.
    void taken(int extent, int step, boolean isLast, MemorySegment scratch, long floats, long from) {
        int results = space.planes(extent) * space.columns(extent);
        int phase = step % tilesInFloat;
        if (phase > 0) {
            int lanes = loops.lanes();
            int padded = (results + lanes - 1) / lanes * lanes;
            both.run(scratch, floats, scratch, from, scratch, from, scratch, floats, padded);
        } else if (from != floats) {
            MemorySegment.copy(scratch, from, scratch, floats, 4L * results);
        }
        if (phase == tilesInFloat - 1 || isLast) {
            flush(scratch, floats, results, step < tilesInFloat);
        }
    }

    private void flush(MemorySegment scratch, long floats, int results, boolean isFirst) {
        long doubles = doubles(floats);
        if (isFirst || kind == BlockProgram.Kind.SUM) {
            loops.collect(scratch, floats, scratch, doubles, results, !isFirst);
            return;
        }
        for (int i = 0; i < results; i++) {
            double x = scratch.get(Elements.FLOAT, floats + 4L * i);
            double y = scratch.get(Elements.DOUBLE, doubles + 8L * i);
            scratch.set(Elements.DOUBLE, doubles + 8L * i, kind.apply(y, x));
        }
    }

    private static long doubles(long floats) {
        return floats + 2 * BlockKernel.BLOCK_BYTES;
    }

    /// Writes the results of a kept tile to the target.
    void finish(MemorySegment scratch, long floats, int extent, long position, Memory memory) {
        int results = space.planes(extent) * space.columns(extent);
        MemorySegment to = memory.slot(target.slot());
        long at = target.offset() + position * target.type().bytes();
        for (int i = 0; i < results; i++) {
            double x = scratch.get(Elements.DOUBLE, doubles(floats) + 8L * i);
            if (target.type() == DType.FLOAT32) {
                to.set(Elements.FLOAT, at + 4L * i, (float) x);
            } else {
                Elements.set(to, target.type(), at + (long) i * target.type().bytes(), (float) x);
            }
        }
    }

    /// Puts the results of one part of the reduced tiles aside, for [#join].
    void putAside(MemorySegment scratch, long floats, int extent, MemorySegment partials, long at) {
        int results = space.planes(extent) * space.columns(extent);
        MemorySegment.copy(scratch, doubles(floats), partials, at, 8L * results);
    }

    /// Brings the parts together, in order.
    void join(MemorySegment partials, long at, int parts, Memory memory) {
        MemorySegment to = memory.slot(target.slot());
        for (long i = 0; i < space.keptPoints; i++) {
            double x = partials.get(Elements.DOUBLE, at + 8 * i);
            for (int part = 1; part < parts; part++) {
                x = kind.apply(x, partials.get(Elements.DOUBLE, at + 8 * (part * space.keptPoints + i)));
            }
            Elements.set(to, target.type(), target.offset() + i * target.type().bytes(), (float) x);
        }
    }
}
