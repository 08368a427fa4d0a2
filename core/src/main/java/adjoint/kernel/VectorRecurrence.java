package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;

import java.lang.foreign.MemorySegment;

/// [Recurrence] of floats on the Vector API.
///
/// The weight is packed once. A task takes a few sequences through all steps by itself, so that no step waits for another
/// task. If `H` is a number of whole vectors, everything is computed where it belongs; otherwise in rows whose columns are
/// padded to whole vectors, and copied.
final class VectorRecurrence implements Kernel {
    private static final int F = Float.BYTES;

    private final Recurrence step;
    private final Recurrence.Cell cell;
    private final int batch;
    private final int steps;
    private final int h;
    private final int wide; // h in whole vectors
    private final VectorPanels panels;
    private final int tasks;
    private final long workBytes;

    VectorRecurrence(Recurrence step) {
        this.step = step;
        this.cell = step.cell();
        this.batch = step.x().dims()[0];
        this.steps = step.x().dims()[1];
        this.h = step.weight().dims()[0];
        this.wide = Math.ceilDiv(h, LANES) * LANES;
        this.panels = new VectorPanels(h, cell.gates() * wide / LANES);
        this.tasks = Math.ceilDiv(batch, ROWS);
        // Two steps' rows, a row of x, the bias.
        this.workBytes = wide == h ? 0 : (2L * ROWS * cell.columns() + cell.gates() + 1) * wide * F;
    }

    @Override
    public long scratchBytes() {
        return panels.bytes() + tasks * workBytes;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        int[] lengths = SequenceLengths.read(step.lengths(), memory, batch, steps);
        team.run(panels.count(), panel -> pack(memory, scratch, panel));
        team.run(tasks, task -> new Task(memory, scratch, task, lengths).run());
    }

    // Column q·wide + j of the panels is column q·h + j of the weight.
    private void pack(Memory memory, long scratch, int panel) {
        MemorySegment from = memory.slot(step.weight().slot());
        MemorySegment to = memory.slot(0);
        int first = panels.column(panel);
        int width = panels.column(panel + 1) - first;
        long at = scratch + panels.offset(panel);
        for (int k = 0; k < h; k++, at += (long) width * F) {
            long row = step.weight().offset() + (long) k * cell.gates() * h * F;
            if (wide == h) {
                MemorySegment.copy(from, row + (long) first * F, to, at, (long) width * F);
                continue;
            }
            for (int c = 0; c < width; c++) {
                int gate = (first + c) / wide;
                int j = (first + c) % wide;
                float value = j < h ? from.get(Elements.FLOAT, row + ((long) gate * h + j) * F) : 0;
                to.set(Elements.FLOAT, at + (long) c * F, value);
            }
        }
    }

    /// Copies columns of `from` elements to columns of `to` elements.
    static void columns(int count, MemorySegment source, long at, int from, MemorySegment target, long start, int to) {
        for (int q = 0; q < count; q++) {
            long bytes = (long) Math.min(from, to) * F;
            MemorySegment.copy(source, at + (long) q * from * F, target, start + (long) q * to * F, bytes);
        }
    }

    /// Some sequences on their way.
    private final class Task {
        private final MemorySegment x;
        private final MemorySegment state;
        private final MemorySegment target;
        private final MemorySegment work;
        private final MemorySegment bias;
        private final int first;
        private final int rows;
        private final int[] lengths;
        private final long packed;
        private final long workAt;
        private final long paddedX;
        private long biasAt;

        Task(Memory memory, long scratch, int task, int... lengths) {
            this.x = memory.slot(step.x().slot());
            this.state = memory.slot(step.state().slot());
            this.target = memory.slot(step.target().slot());
            this.work = memory.slot(0);
            this.first = task * ROWS;
            this.rows = Math.min(ROWS, batch - first);
            this.lengths = lengths;
            this.packed = scratch;
            this.workAt = scratch + panels.bytes() + task * workBytes;
            this.paddedX = workAt + 2L * ROWS * cell.columns() * wide * F;
            if (step.bias().isPresent()) {
                View view = step.bias().get();
                boolean whole = wide == h;
                bias = whole ? memory.slot(view.slot()) : work;
                biasAt = whole ? view.offset() : paddedX + (long) cell.gates() * wide * F;
                if (!whole) {
                    columns(1, memory.slot(view.slot()), view.offset(), h, work, biasAt, wide);
                }
            } else {
                bias = work;
            }
        }

        void run() {
            int s = cell.states();
            int k = cell.columns();
            long stateAt = step.state().offset() + (long) first * s * h * F;
            long targetAt = step.target().offset() + (long) first * steps * k * h * F;
            long row = (long) k * h * F;
            if (wide == h) {
                for (int t = 0; t < steps; t++) {
                    boolean start = t == 0;
                    MemorySegment before = start ? state : target;
                    long at = targetAt + t * row;
                    advance(
                            t,
                            before,
                            start ? stateAt : at - row,
                            start ? (long) s * h * F : steps * row,
                            target,
                            at,
                            steps * row);
                }
                return;
            }
            long wideRow = (long) k * wide * F;
            for (int r = 0; r < rows; r++) {
                columns(s, state, stateAt + (long) r * s * h * F, h, work, workAt + r * wideRow, wide);
            }
            for (int t = 0; t < steps; t++) {
                long before = workAt + t % 2 * ROWS * wideRow;
                long at = workAt + (t + 1) % 2 * ROWS * wideRow;
                advance(t, work, before, wideRow, work, at, wideRow);
                for (int r = 0; r < rows; r++) {
                    columns(k, work, at + r * wideRow, wide, target, targetAt + (r * (long) steps + t) * row, h);
                }
            }
        }

        private void advance(
                int t, MemorySegment before, long beforeAt, long beforeRow, MemorySegment y, long at, long row) {
            long gates = (long) cell.gateColumn() * wide * F;
            panels.multiply(rows, before, beforeAt, beforeRow, work, packed, y, at + gates, row, false);
            for (int r = 0; r < rows; r++) {
                long previous = beforeAt + r * beforeRow;
                if (t < lengths[first + r]) {
                    activate(r, t, before, previous, y, at + r * row);
                } else {
                    MemorySegment.copy(before, previous, y, at + r * row, (long) cell.states() * wide * F);
                }
            }
        }

        private void activate(int r, int t, MemorySegment before, long previous, MemorySegment y, long at) {
            long given = step.x().offset() + ((long) (first + r) * steps + t) * cell.gates() * h * F;
            if (wide != h) {
                columns(cell.gates(), x, given, h, work, paddedX, wide);
            }
            MemorySegment xs = wide == h ? x : work;
            long xAt = wide == h ? given : paddedX;
            long column = (long) wide * F;
            switch (cell) {
                case TANH -> VectorCells.tanh(y, at, xs, xAt, wide);
                case RELU -> VectorCells.relu(y, at, xs, xAt, wide);
                case GRU -> {
                    VectorCells.sigmoid(y, at + column, xs, xAt, 2 * wide);
                    VectorCells.gru(y, at, before, previous, xs, xAt + 2 * column, bias, biasAt, wide);
                }
                case LSTM -> {
                    VectorCells.sigmoid(y, at + 2 * column, xs, xAt, 2 * wide);
                    VectorCells.tanh(y, at + 4 * column, xs, xAt + 2 * column, wide);
                    VectorCells.sigmoid(y, at + 5 * column, xs, xAt + 3 * column, wide);
                    VectorCells.lstm(y, at, before, previous + column, wide);
                }
            }
        }
    }
}
