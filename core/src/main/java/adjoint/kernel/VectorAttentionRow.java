package adjoint.kernel;

import static adjoint.kernel.VectorMath.LANES;
import static adjoint.kernel.VectorMath.ORDER;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/// Attention of one query in each sequence, as in writing a text token by token: keys and values are read where they lie, each once.
/// Tiles would compute a vector of queries of which one is wanted.
final class VectorAttentionRow implements Kernel {
    private static final int F = Float.BYTES;

    /// Floating-point operations that are worth a task of their own.
    private static final long TASK_FLOPS = 500_000;

    private final AttentionForward step;
    private final AttentionScores scores;
    private final Workspaces workspaces;
    private final int seen;
    private final int units;
    private final int tasks;
    private final long work; // behind the scores, which take whole vectors

    VectorAttentionRow(AttentionForward step, Workspaces workspaces) {
        this.step = step;
        this.scores = step.scores();
        this.workspaces = workspaces;
        seen = Math.clamp(1L + scores.ahead(), 0, scores.keys());
        units = Math.multiplyExact(scores.batch(), scores.heads());
        tasks = Math.clamp(step.flops() / TASK_FLOPS, 1, Math.max(1, units));
        work = (long) VectorAttentionTiles.padded(seen) * F;
    }

    /// Whether this is for a step: one query, no dropout, only the output wanted, and rows of contiguous elements.
    static boolean takes(AttentionForward step) {
        AttentionScores scores = step.scores();
        return scores.queries() == 1
                && scores.key() == null
                && step.output() != null
                && step.logSum() == null
                && isContiguous(scores.q())
                && isContiguous(scores.k())
                && isContiguous(step.v())
                && Math.abs(step.v().strides()[1]) * scores.keys() <= Integer.MAX_VALUE;
    }

    private static boolean isContiguous(View view) {
        return view.dims()[3] <= 1 || view.strides()[3] == 1;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        team.run(
                tasks,
                task -> {
                    var ws = workspaces.take(work + VectorProductLines.WORK_BYTES);
                    int to = (int) ((long) units * (task + 1) / tasks);
                    for (int unit = (int) ((long) units * task / tasks); unit < to; unit++) {
                        query(memory, ws, unit / scores.heads(), unit % scores.heads());
                    }
                    workspaces.give(ws);
                });
    }

    private void query(Memory memory, MemorySegment ws, int b, int h) {
        int g = h / scores.group();
        Rows q = Rows.of(scores.q(), b, 0, h);
        Rows k = Rows.of(scores.k(), b, 0, g);
        Rows v = Rows.of(step.v(), b, 0, g);
        Rows output = Rows.of(step.output(), b, 0, h);
        VectorProductLines.dots(
                seen,
                scores.width(),
                memory.slot(k.slot()),
                k.offset(),
                k.row(),
                memory.slot(q.slot()),
                q.offset(),
                ws,
                0,
                ws,
                work);
        float top = largest(memory, ws, b, h);
        float sum = exponentials(ws.asSlice(0, work), top == Float.NEGATIVE_INFINITY ? 0 : top, ws, work);
        normalize(ws.asSlice(0, work), sum == 0 ? 0 : 1 / sum);
        VectorProductLines.sums(
                step.v().dims()[3],
                seen,
                ws,
                0,
                1,
                memory.slot(v.slot()),
                v.offset(),
                (int) (v.row() / F),
                memory.slot(output.slot()),
                output.offset(),
                ws,
                work);
    }

    /// Scales the scores and applies the mask.
    ///
    /// @return the largest
    private float largest(Memory memory, MemorySegment ws, int b, int h) {
        View mask = scores.mask();
        MemorySegment source = null;
        long from = 0;
        long step = 0;
        if (mask != null) {
            source = memory.slot(mask.slot());
            from = mask.offset() + (b * mask.strides()[0] + h * mask.strides()[1]) * mask.type().bytes();
            step = mask.strides()[3] * mask.type().bytes();
        }
        float scale = (float) scores.scale();
        float top = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < seen; j++) {
            float x = scale * ws.get(Elements.FLOAT, (long) j * F);
            if (mask != null) {
                x += VectorAttentionMask.bias(source, mask.type(), from + j * step);
            }
            ws.set(Elements.FLOAT, (long) j * F, x);
            top = x > top ? x : top;
        }
        for (long j = (long) seen * F; j < work; j += F) {
            ws.set(Elements.FLOAT, j, Float.NEGATIVE_INFINITY);
        }
        return top;
    }

    private static float exponentials(MemorySegment s, float top, MemorySegment ws, long lanes) {
        FloatVector sum = FloatVector.broadcast(VectorMath.SPECIES, 0);
        for (long i = 0; i < s.byteSize(); i += (long) LANES * F) {
            FloatVector e = VectorMath.exp(VectorMath.load(s, i).sub(top));
            sum = sum.add(e);
            e.intoMemorySegment(s, i, ORDER);
        }
        sum.intoMemorySegment(ws, lanes, ORDER);
        return VectorProductLines.total(ws, lanes);
    }

    private static void normalize(MemorySegment s, float factor) {
        for (long i = 0; i < s.byteSize(); i += (long) LANES * F) {
            VectorMath.load(s, i).mul(factor).intoMemorySegment(s, i, ORDER);
        }
    }
}
