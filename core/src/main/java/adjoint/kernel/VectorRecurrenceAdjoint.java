package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;

import java.lang.foreign.MemorySegment;

/// [RecurrenceAdjoint] of floats on the Vector API: as [VectorRecurrence], back in time, with the transposed weight packed.
final class VectorRecurrenceAdjoint implements Kernel {
    private static final int F = Float.BYTES;

    /// Rows of the packed weight that are written at once, so that they stay in the first cache.
    private static final int BLOCK = 64;

    private final RecurrenceAdjoint step;
    private final Recurrence.Cell cell;
    private final int batch;
    private final int steps;
    private final int h;
    private final int wide; // h in whole vectors
    private final int given; // columns of the cotangent
    private final VectorPanels panels;
    private final int tasks;
    private final long workBytes;

    VectorRecurrenceAdjoint(RecurrenceAdjoint step) {
        this.step = step;
        this.cell = step.cell();
        this.batch = step.trace().dims()[0];
        this.steps = step.trace().dims()[1];
        this.h = step.weight().dims()[0];
        this.wide = Math.ceilDiv(h, LANES) * LANES;
        this.given = step.cotangent().dims()[2] / h;
        this.panels = new VectorPanels(cell.gates() * h, wide / LANES);
        this.tasks = Math.ceilDiv(batch, ROWS);
        // The state's cotangents; and, padded, a row of the trace, the state before, the cotangent, the outcome.
        int padded = cell.columns() + 2 * cell.states() + cell.cotangents();
        this.workBytes = (long) (ROWS * cell.states() + (wide == h ? 0 : padded)) * wide * F;
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

    // Row k of the panels is column k of the weight; for a GRU, whose cotangents begin with the last gate, in the order
    // n r z.
    private void pack(Memory memory, long scratch, int panel) {
        MemorySegment from = memory.slot(step.weight().slot());
        MemorySegment to = memory.slot(0);
        int first = panels.column(panel);
        int width = panels.column(panel + 1) - first;
        int gates = cell.gates() * h;
        int shift = cell == Recurrence.Cell.GRU ? 2 * h : 0;
        for (int block = 0; block < gates; block += BLOCK) {
            int end = Math.min(gates, block + BLOCK);
            for (int c = 0; c < width; c++) {
                int j = first + c;
                long row = step.weight().offset() + (long) j * gates * F;
                long at = scratch + panels.offset(panel) + (long) c * F;
                for (int k = block; k < end; k++) {
                    int column = k + shift < gates ? k + shift : k + shift - gates;
                    float value = j < h ? from.get(Elements.FLOAT, row + (long) column * F) : 0;
                    to.set(Elements.FLOAT, at + (long) k * width * F, value);
                }
            }
        }
    }

    /// Some sequences on their way back.
    private final class Task {
        private final MemorySegment trace;
        private final MemorySegment state;
        private final MemorySegment cotangent;
        private final MemorySegment target;
        private final MemorySegment work;
        private final int first;
        private final int rows;
        private final int[] lengths;
        private final long packed;
        private final long carry; // [rows, S wide]: the cotangents of the state
        private final long carryRow;
        private final long padded;

        Task(Memory memory, long scratch, int task, int... lengths) {
            this.trace = memory.slot(step.trace().slot());
            this.state = memory.slot(step.state().slot());
            this.cotangent = memory.slot(step.cotangent().slot());
            this.target = memory.slot(step.target().slot());
            this.work = memory.slot(0);
            this.first = task * ROWS;
            this.rows = Math.min(ROWS, batch - first);
            this.lengths = lengths;
            this.packed = scratch;
            this.carry = scratch + panels.bytes() + task * workBytes;
            this.carryRow = (long) cell.states() * wide * F;
            this.padded = carry + ROWS * carryRow;
        }

        void run() {
            work.asSlice(carry, rows * carryRow).fill((byte) 0);
            long width = (long) cell.cotangents() * h * F;
            long outAt = step.target().offset() + (long) first * steps * width;
            for (int t = steps - 1; t >= 0; t--) {
                for (int r = 0; r < rows; r++) {
                    long d = carry + r * carryRow;
                    long out = outAt + ((long) r * steps + t) * width;
                    long at = (long) (first + r) * steps + t;
                    if (wide == h) {
                        aligned(t, r, at, d, out);
                    } else {
                        padded(t, r, at, d, out);
                    }
                }
                panels.multiply(
                        rows, target, outAt + t * width, steps * width, work, packed, work, carry, carryRow, true);
            }
            long end = step.target().offset() + (long) batch * steps * width;
            for (int r = 0; r < rows; r++) {
                long to = end + (long) (first + r) * cell.states() * h * F;
                VectorRecurrence.columns(cell.states(), work, carry + r * carryRow, wide, target, to, h);
            }
        }

        private void aligned(int t, int r, long at, long d, long out) {
            long row = (long) cell.columns() * h * F;
            long y = step.trace().offset() + at * row;
            boolean start = t == 0;
            long before = start ? step.state().offset() + (long) (first + r) * cell.states() * h * F : y - row;
            long g = step.cotangent().offset() + at * given * h * F;
            retreat(t < lengths[first + r], trace, y, start ? state : trace, before, cotangent, g, d, target, out);
        }

        private void padded(int t, int r, long at, long d, long out) {
            int k = cell.columns();
            int s = cell.states();
            long column = (long) wide * F;
            long y = padded;
            long before = y + k * column;
            long g = before + s * column;
            long da = g + s * column;
            long row = step.trace().offset() + at * k * h * F;
            VectorRecurrence.columns(k, trace, row, h, work, y, wide);
            if (t == 0) {
                long from = step.state().offset() + (long) (first + r) * s * h * F;
                VectorRecurrence.columns(s, state, from, h, work, before, wide);
            } else {
                VectorRecurrence.columns(s, trace, row - (long) k * h * F, h, work, before, wide);
            }
            VectorRecurrence.columns(
                    given, cotangent, step.cotangent().offset() + at * given * h * F, h, work, g, wide);
            retreat(t < lengths[first + r], work, y, work, before, work, g, d, work, da);
            VectorRecurrence.columns(cell.cotangents(), work, da, wide, target, out, h);
        }

        private void retreat(
                boolean runs,
                MemorySegment y,
                long yo,
                MemorySegment before,
                long bo,
                MemorySegment g,
                long go,
                long d,
                MemorySegment da,
                long dao) {
            long column = (long) wide * F;
            if (given == 2) {
                VectorCells.add(work, d + column, g, go + column, wide);
            }
            if (!runs) {
                VectorCells.add(work, d, g, go, wide);
                da.asSlice(dao, cell.cotangents() * column).fill((byte) 0);
                return;
            }
            switch (cell) {
                case TANH -> VectorCells.tanhAdjoint(y, yo, g, go, work, d, da, dao, wide);
                case RELU -> VectorCells.reluAdjoint(y, yo, g, go, work, d, da, dao, wide);
                case GRU -> VectorCells.gruAdjoint(y, yo, before, bo, g, go, work, d, da, dao, wide);
                case LSTM -> VectorCells.lstmAdjoint(y, yo, before, bo + column, g, go, work, d, da, dao, wide);
            }
        }
    }
}
