package adjoint.kernel;

import static adjoint.kernel.VectorAttentionTiles.F;
import static adjoint.kernel.VectorAttentionTiles.KEYS;
import static adjoint.kernel.VectorAttentionTiles.QUERIES;
import static adjoint.kernel.VectorAttentionTiles.ROW;
import static adjoint.kernel.VectorAttentionTiles.TILE;
import static adjoint.kernel.VectorAttentionTiles.padded;

import adjoint.kernel.VectorAttentionTiles.Order;

import java.lang.foreign.MemorySegment;

/// The backward pass of attention for floats on the Vector API (Dao et al. 2022, algorithm 4).
///
/// A task is a head of keys with the queries that it serves, or, where heads are few, a part of its keys: then each part has
/// its own sums for the queries, which are added in order at the end. What a task is goes by shape alone.
final class VectorAttentionGradient implements Kernel {
    /// As many tasks there shall be, where keys are enough.
    private static final int TASKS = 16;

    /// The fewest tiles of keys that are worth a task of their own.
    private static final int PART = 4;

    private final AttentionBackward step;
    private final AttentionScores scores;
    private final VectorAttentionMask mask;
    private final Workspaces workspaces;
    private final long workspaceBytes;
    private final boolean scored;
    private final int width;
    private final int wide;
    private final int valueWidth;
    private final int valueWide;
    private final int tiles;
    private final int parts;

    // The workspace: queries and cotangents in rows and in columns, keys, values, weights, cotangents of scores, ...
    private final long queryRows;
    private final long queryColumns;
    private final long cotangentRows;
    private final long cotangentColumns;
    private final long keyRows;
    private final long valueRows;
    private final long weights;
    private final long slopes;
    private final long masks;
    private final long outputRows;
    private final long dq;
    private final long logSum;
    private final long delta;

    /// Sums for all keys of a part.
    private final long dk;

    private final long dv;

    VectorAttentionGradient(AttentionBackward step, Workspaces workspaces) {
        this.workspaces = workspaces;
        this.step = step;
        this.scores = step.scores();
        this.mask = new VectorAttentionMask(scores);
        scored = step.dq() != null || step.dk() != null;
        width = scores.width();
        wide = padded(width);
        valueWidth = step.v().dims()[3];
        valueWide = padded(valueWidth);
        tiles = Math.ceilDiv(scores.keys(), KEYS);
        int heads = Math.multiplyExact(scores.batch(), scores.keyHeads());
        parts = Math.clamp(Math.ceilDiv(TASKS, Math.max(1, heads)), 1, Math.max(1, tiles / PART));

        long rows = (long) QUERIES * wide * F;
        long valueRowsBytes = (long) QUERIES * valueWide * F;
        long most = (long) Math.ceilDiv(tiles, parts) * KEYS * F;
        queryRows = 0;
        queryColumns = queryRows + rows;
        cotangentRows = queryColumns + (long) wide * ROW;
        cotangentColumns = cotangentRows + valueRowsBytes;
        keyRows = cotangentColumns + (long) valueWide * ROW;
        valueRows = keyRows + rows;
        weights = valueRows + valueRowsBytes;
        slopes = weights + TILE;
        masks = slopes + TILE;
        outputRows = masks + (mask.isNeeded() ? TILE : 0);
        dq = outputRows + valueRowsBytes;
        logSum = dq + rows;
        delta = logSum + ROW;
        dk = delta + ROW;
        dv = dk + most * wide;
        workspaceBytes = dv + most * valueWide;
    }

    @Override
    public long scratchBytes() {
        return parts > 1 && step.dq() != null ? parts * step.dq().size() * F : 0;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        int heads = scores.batch() * scores.keyHeads();
        team.run(
                heads * parts,
                task -> {
                    var ws = workspaces.take(workspaceBytes);
                    int head = task / parts;
                    new Task(memory, ws, scratch, head / scores.keyHeads(), head % scores.keyHeads(), task % parts)
                            .run();
                    workspaces.give(ws);
                });
        if (scratchBytes() > 0) {
            team.run(scores.batch() * scores.queries(), task -> addParts(memory, scratch, task));
        }
    }

    // The sums of all parts for one position of the queries, which is a row of the target.
    private void addParts(Memory memory, long scratch, int task) {
        long bytes = (long) scores.heads() * width * F;
        var arena = memory.slot(0);
        var goal = memory.slot(step.dq().slot());
        for (int h = 0; h < scores.heads(); h++) {
            Rows row = Rows.of(step.dq(), task / scores.queries(), task % scores.queries(), h);
            for (int i = 0; i < width; i++) {
                long at = task * bytes + ((long) h * width + i) * F;
                float sum = 0;
                for (int part = 0; part < parts; part++) {
                    sum += arena.get(Elements.FLOAT, partOffset(scratch, part) + at);
                }
                goal.set(Elements.FLOAT, row.offset() + (long) i * F, sum);
            }
        }
    }

    private long partOffset(long scratch, int part) {
        return scratch + part * step.dq().size() * F;
    }

    /// One task at work.
    private final class Task {
        private final Memory memory;
        private final MemorySegment ws;
        private final long scratch;
        private final int b;
        private final int g;
        private final int part;
        private final int fromKey;
        private final int toKey;

        Task(Memory memory, MemorySegment ws, long scratch, int b, int g, int part) {
            this.memory = memory;
            this.ws = ws;
            this.scratch = scratch;
            this.b = b;
            this.g = g;
            this.part = part;
            fromKey = (int) ((long) tiles * part / parts) * KEYS;
            toKey = (int) Math.min(scores.keys(), (long) tiles * (part + 1) / parts * KEYS);
        }

        void run() {
            ws.asSlice(dk, workspaceBytes - dk).fill((byte) 0);
            for (int h = g * scores.group(); h < (g + 1) * scores.group(); h++) {
                for (int t = 0; t < scores.queries(); t += QUERIES) {
                    queries(h, t);
                }
            }
            int count = toKey - fromKey;
            if (step.dk() != null) {
                Rows.of(step.dk(), b, fromKey, g).store(memory, ws, dk, wide, count, width, 1);
            }
            if (step.dv() != null) {
                Rows.of(step.dv(), b, fromKey, g).store(memory, ws, dv, valueWide, count, valueWidth, 1);
            }
        }

        private void queries(int h, int t) {
            int rows = Math.min(QUERIES, scores.queries() - t);
            int end = (int) Math.min(toKey, (long) t + rows + scores.ahead());
            if (fromKey < end) {
                prepare(h, t, rows);
            }
            boolean first = true;
            for (int s = fromKey; s < end; s += KEYS) {
                keys(h, t, s, rows, first);
                first = false;
            }
            if (step.dq() != null) {
                if (first) {
                    ws.asSlice(dq, (long) QUERIES * wide * F).fill((byte) 0);
                }
                target(h, t).store(memory, ws, dq, wide, rows, width, (float) scores.scale());
            }
        }

        private Rows target(int h, int t) {
            View view = step.dq();
            return Rows.of(
                    parts == 1 ? view : View.dense(0, partOffset(scratch, part), view.type(), view.dims()), b, t, h);
        }

        // What is the same for all keys.
        private void prepare(int h, int t, int rows) {
            int used = padded(rows);
            Rows.of(scores.q(), b, t, h).pack(memory, ws, rows, width, queryRows, wide, (float) scores.scale());
            VectorTranspose.run(ws, queryRows, (long) wide * F, used, wide, ws, queryColumns, ROW, ws, weights);
            Rows.of(step.cotangent(), b, t, h).pack(memory, ws, rows, valueWidth, cotangentRows, valueWide, 1);
            VectorTranspose.run(
                    ws, cotangentRows, (long) valueWide * F, used, valueWide, ws, cotangentColumns, ROW, ws, weights);
            Rows.of(step.output(), b, t, h).pack(memory, ws, rows, valueWidth, outputRows, valueWide, 1);
            VectorAttentionTiles.dots(ws, cotangentRows, outputRows, rows, valueWide, delta, weights);
            Rows.ofNumbers(step.logSum(), b, h, t).pack(memory, ws, 1, rows, logSum, QUERIES, 1);
            for (int i = 0; i < rows; i++) { // a query that sees nothing: exp(-∞ - ∞) = 0
                if (ws.get(Elements.FLOAT, logSum + i * F) == Float.NEGATIVE_INFINITY) {
                    ws.set(Elements.FLOAT, logSum + i * F, Float.POSITIVE_INFINITY);
                }
            }
        }

        private void keys(int h, int t, int s, int rows, boolean first) {
            int count = Math.min(KEYS, toKey - s);
            int used = padded(rows);
            int cut = mask.cut(t, s);
            long keyRow = (long) wide * F;
            long valueRow = (long) valueWide * F;
            Rows.of(scores.k(), b, s, g).pack(memory, ws, count, width, keyRows, wide, 1);
            VectorAttentionTiles.product(
                    Order.KEYS_BY_QUERIES,
                    cut,
                    ws,
                    count,
                    used,
                    width,
                    keyRows,
                    keyRow,
                    1,
                    queryColumns,
                    QUERIES,
                    weights,
                    ROW,
                    false);
            mask.hide(memory, ws, weights, masks, b, h, t, s, rows, count);
            for (int i = 0; i < used; i += VectorMath.LANES) {
                VectorAttentionTiles.weights(ws, weights, count, cut, logSum, i);
            }
            if (scores.key() != null) {
                mask.factors(memory, ws, masks, b, h, t, s, rows, count);
            }
            if (scored) {
                Rows.of(step.v(), b, s, g).pack(memory, ws, count, valueWidth, valueRows, valueWide, 1);
                VectorAttentionTiles.product(
                        Order.KEYS_BY_QUERIES,
                        cut,
                        ws,
                        count,
                        used,
                        valueWidth,
                        valueRows,
                        valueRow,
                        1,
                        cotangentColumns,
                        QUERIES,
                        slopes,
                        ROW,
                        false);
                if (scores.key() != null) {
                    VectorAttentionTiles.multiply(ws, slopes, masks, count);
                }
                for (int i = 0; i < used; i += VectorMath.LANES) {
                    VectorAttentionTiles.unsoften(ws, slopes, weights, count, cut, delta, i);
                }
            }
            if (step.dv() != null) {
                if (scores.key() != null) {
                    VectorAttentionTiles.multiply(ws, weights, masks, count);
                }
                long goal = dv + (s - fromKey) * valueRow;
                VectorAttentionTiles.product(
                        Order.KEYS_OVER_QUERIES,
                        cut,
                        ws,
                        count,
                        valueWide,
                        rows,
                        weights,
                        ROW,
                        1,
                        cotangentRows,
                        valueWide,
                        goal,
                        valueRow,
                        true);
            }
            if (step.dk() != null) {
                long goal = dk + (s - fromKey) * keyRow;
                VectorAttentionTiles.product(
                        Order.KEYS_OVER_QUERIES,
                        cut,
                        ws,
                        count,
                        wide,
                        rows,
                        slopes,
                        ROW,
                        1,
                        queryRows,
                        wide,
                        goal,
                        keyRow,
                        true);
            }
            if (step.dq() != null) {
                VectorAttentionTiles.product(
                        Order.QUERIES_OVER_KEYS,
                        cut,
                        ws,
                        rows,
                        wide,
                        count,
                        slopes,
                        F,
                        QUERIES,
                        keyRows,
                        wide,
                        dq,
                        keyRow,
                        !first);
            }
        }
    }
}
