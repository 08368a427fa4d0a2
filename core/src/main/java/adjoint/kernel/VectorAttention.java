package adjoint.kernel;

import static adjoint.kernel.VectorAttentionTiles.F;
import static adjoint.kernel.VectorAttentionTiles.KEYS;
import static adjoint.kernel.VectorAttentionTiles.QUERIES;
import static adjoint.kernel.VectorAttentionTiles.ROW;
import static adjoint.kernel.VectorAttentionTiles.TILE;
import static adjoint.kernel.VectorAttentionTiles.padded;

import adjoint.kernel.VectorAttentionTiles.Order;

import java.lang.foreign.MemorySegment;

/// The forward pass of attention for floats on the Vector API: the softmax goes on from tile to tile of keys (Milakov and
/// Gimelshein 2018), while a tile of queries and its outputs stay in the cache (Dao et al. 2022).
///
/// A tile of queries is a unit of work, whatever the team: tasks are runs of such units.
final class VectorAttention implements Kernel {
    /// Floating-point operations that are worth a task of their own.
    private static final long TASK_FLOPS = 500_000;

    private final AttentionForward step;
    private final AttentionScores scores;
    private final VectorAttentionMask mask;
    private final Workspaces workspaces;
    private final long workspaceBytes;
    private final int width;
    private final int wide;
    private final int valueWidth;
    private final int valueWide;
    private final int tiles;
    private final int units;
    private final int tasks;

    // The workspace: queries in rows and in columns, keys, values, scores, outputs, what masks need, the softmax's
    // state.
    private final long columns;
    private final long keyRows;
    private final long valueRows;
    private final long tile;
    private final long outputs;
    private final long masks;
    private final long state;

    VectorAttention(AttentionForward step, Workspaces workspaces) {
        this.workspaces = workspaces;
        this.step = step;
        this.scores = step.scores();
        this.mask = new VectorAttentionMask(scores);
        width = scores.width();
        wide = padded(width);
        valueWidth = step.v().dims()[3];
        valueWide = padded(valueWidth);
        tiles = Math.ceilDiv(scores.queries(), QUERIES);
        units = Math.multiplyExact(Math.multiplyExact(scores.batch(), scores.heads()), tiles);
        tasks = Math.clamp(step.flops() / TASK_FLOPS, 1, Math.max(1, units));
        columns = (long) QUERIES * wide * F;
        keyRows = columns + (long) wide * ROW;
        valueRows = keyRows + (long) KEYS * wide * F;
        tile = valueRows + (long) KEYS * valueWide * F;
        outputs = tile + TILE;
        masks = outputs + (long) QUERIES * valueWide * F;
        state = masks + (mask.isNeeded() ? TILE : 0);
        workspaceBytes = state + 4 * ROW;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        team.run(
                tasks,
                task -> {
                    var ws = workspaces.take(workspaceBytes);
                    int to = (int) ((long) units * (task + 1) / tasks);
                    for (int unit = (int) ((long) units * task / tasks); unit < to; unit++) {
                        int head = unit / tiles;
                        queries(memory, ws, head / scores.heads(), head % scores.heads(), unit % tiles * QUERIES);
                    }
                    workspaces.give(ws);
                });
    }

    private void queries(Memory memory, MemorySegment ws, int b, int h, int t) {
        int rows = Math.min(QUERIES, scores.queries() - t);
        int used = padded(rows);
        Rows.of(scores.q(), b, t, h).pack(memory, ws, rows, width, 0, wide, (float) scores.scale());
        VectorTranspose.run(ws, 0, (long) wide * F, used, wide, ws, columns, ROW, ws, tile);
        ws.asSlice(state, ROW).fill((byte) 0);
        for (int i = 0; i < QUERIES; i++) {
            ws.set(Elements.FLOAT, state + i * F, Float.NEGATIVE_INFINITY);
        }
        ws.asSlice(state + ROW, ROW).fill((byte) 0);
        // The first tile of keys sets the outputs, the others add to them.
        boolean first = true;
        int seen = (int) Math.min(scores.keys(), (long) t + rows + scores.ahead());
        for (int s = 0; s < seen; s += KEYS) {
            keys(memory, ws, b, h, t, s, rows, used, first);
            first = false;
        }
        if (step.output() != null) {
            output(memory, ws, rows, first, Rows.of(step.output(), b, t, h));
        }
        if (step.logSum() != null) {
            VectorAttentionTiles.logSums(ws, state, state + 3 * ROW);
            Rows.ofNumbers(step.logSum(), b, h, t).store(memory, ws, state + 3 * ROW, ROW / F, 1, rows, 1);
        }
    }

    private void keys(Memory memory, MemorySegment ws, int b, int h, int t, int s, int rows, int used, boolean first) {
        int count = Math.min(KEYS, scores.keys() - s);
        int g = h / scores.group();
        int cut = mask.cut(t, s);
        Rows.of(scores.k(), b, s, g).pack(memory, ws, count, width, keyRows, wide, 1);
        VectorAttentionTiles.product(
                Order.KEYS_BY_QUERIES,
                cut,
                ws,
                count,
                used,
                width,
                keyRows,
                (long) wide * F,
                1,
                columns,
                QUERIES,
                tile,
                ROW,
                false);
        mask.hide(memory, ws, tile, masks, b, h, t, s, rows, count);
        for (int i = 0; i < used; i += VectorMath.LANES) {
            VectorAttentionTiles.soften(ws, tile, count, cut, state, i);
        }
        if (step.output() == null) {
            return;
        }
        if (scores.key() != null) {
            mask.factors(memory, ws, masks, b, h, t, s, rows, count);
            VectorAttentionTiles.multiply(ws, tile, masks, count);
        }
        if (!first) {
            VectorAttentionTiles.scaleRows(ws, outputs, rows, valueWide, state + 2 * ROW);
        }
        Rows.of(step.v(), b, s, g).pack(memory, ws, count, valueWidth, valueRows, valueWide, 1);
        VectorAttentionTiles.product(
                Order.QUERIES_OVER_KEYS,
                cut,
                ws,
                rows,
                valueWide,
                count,
                tile,
                F,
                QUERIES,
                valueRows,
                valueWide,
                outputs,
                (long) valueWide * F,
                !first);
    }

    private void output(Memory memory, MemorySegment ws, int rows, boolean nothing, Rows target) {
        if (nothing) {
            ws.asSlice(outputs, (long) QUERIES * valueWide * F).fill((byte) 0);
        }
        for (int i = 0; i < rows; i++) {
            float sum = ws.get(Elements.FLOAT, state + ROW + i * F);
            ws.set(Elements.FLOAT, state + 2 * ROW + i * F, sum == 0 ? 0 : 1 / sum);
        }
        VectorAttentionTiles.scaleRows(ws, outputs, rows, valueWide, state + 2 * ROW);
        target.store(memory, ws, outputs, valueWide, rows, valueWidth, 1);
    }
}
