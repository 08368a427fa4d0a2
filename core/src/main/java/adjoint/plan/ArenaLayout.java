package adjoint.plan;

import java.util.Map;
import java.util.TreeMap;

/// Places the plan's intermediates in one arena by lifetime: memory that is no longer read is given out again. Best fit, with
/// neighbouring gaps merged.
final class ArenaLayout {
    static final long ALIGNMENT = 64;

    private final TreeMap<Long, Long> gaps = new TreeMap<>(); // offset -> bytes
    private long size;

    static long aligned(long bytes) {
        return Math.max(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    }

    /// Takes a piece; gives its offset.
    long take(long bytes) {
        long needed = aligned(bytes);
        Map.Entry<Long, Long> best = null;
        for (Map.Entry<Long, Long> gap : gaps.entrySet()) {
            if (gap.getValue() >= needed && (best == null || gap.getValue() < best.getValue())) {
                best = gap;
            }
        }
        if (best == null) {
            Map.Entry<Long, Long> last = gaps.lastEntry();
            if (last != null && last.getKey() + last.getValue() == size) { // grow the gap at the end
                long offset = last.getKey();
                gaps.remove(offset);
                size = offset + needed;
                return offset;
            }
            long offset = size;
            size += needed;
            return offset;
        }
        long offset = best.getKey();
        long rest = best.getValue() - needed;
        gaps.remove(offset);
        if (rest > 0) {
            gaps.put(offset + needed, rest);
        }
        return offset;
    }

    /// Gives a piece back.
    void give(long offset, long bytes) {
        long start = offset;
        long end = offset + aligned(bytes);
        Map.Entry<Long, Long> before = gaps.floorEntry(start);
        if (before != null && before.getKey() + before.getValue() == start) {
            start = before.getKey();
            gaps.remove(start);
        }
        Long after = gaps.remove(end);
        gaps.put(start, end - start + (after == null ? 0 : after));
    }

    /// Bytes of the whole arena.
    long size() {
        return Math.max(ALIGNMENT, size);
    }
}
