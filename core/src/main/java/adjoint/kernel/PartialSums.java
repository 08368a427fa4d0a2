package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.load;

import java.lang.foreign.MemorySegment;

/// A target that is a sum over the batch, cut into parts that are summed up side by side and then added in order. How many
/// parts there are depends on the shape alone, and so do the bits.
///
/// @param size elements of the target
record PartialSums(View target, int size, int parts) {
    private static final int F = Float.BYTES;
    private static final int CHUNK = 4096;

    /// Bytes that the parts need; a single part is the target itself.
    long bytes() {
        return parts == 1 ? 0 : (long) parts * aligned();
    }

    private long aligned() {
        return ((long) size * F + 63) & -64;
    }

    MemorySegment memory(Memory memory) {
        return memory.slot(parts == 1 ? target.slot() : 0);
    }

    long offset(long scratch, int part) {
        return parts == 1 ? target.offset() : scratch + part * aligned();
    }

    /// Adds the parts up.
    void add(Memory memory, long scratch, Team team) {
        if (parts == 1) {
            return;
        }
        MemorySegment from = memory.slot(0);
        MemorySegment to = memory.slot(target.slot());
        team.run(
                Math.ceilDiv(size, CHUNK),
                chunk -> {
                    int start = chunk * CHUNK;
                    add(from, scratch, to, start, Math.min(size, start + CHUNK));
                });
    }

    private void add(MemorySegment from, long scratch, MemorySegment to, int start, int end) {
        int i = start;
        for (; i + LANES <= end; i += LANES) {
            var sum = load(from, scratch + (long) i * F);
            for (int part = 1; part < parts; part++) {
                sum = sum.add(load(from, scratch + part * aligned() + (long) i * F));
            }
            sum.intoMemorySegment(to, target.offset() + (long) i * F, ORDER);
        }
        for (; i < end; i++) {
            float sum = from.get(FLOAT, scratch + (long) i * F);
            for (int part = 1; part < parts; part++) {
                sum += from.get(FLOAT, scratch + part * aligned() + (long) i * F);
            }
            to.set(FLOAT, target.offset() + (long) i * F, sum);
        }
    }
}
