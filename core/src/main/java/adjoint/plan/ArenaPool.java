package adjoint.plan;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// The arenas of one engine, shared by all its plans, so that batches of many sizes do not add up: a run takes the smallest
/// that suffices, and one that is too small for everything asked lately is let go.
final class ArenaPool {
    private static final int KEPT = 8;

    private final List<MemorySegment> free = new ArrayList<>();

    synchronized MemorySegment take(long bytes) {
        int best = -1;
        for (int i = 0; i < free.size(); i++) {
            boolean fits = free.get(i).byteSize() >= bytes;
            if (fits && (best < 0 || free.get(i).byteSize() < free.get(best).byteSize())) {
                best = i;
            }
        }
        if (best >= 0) {
            return free.remove(best);
        }
        if (!free.isEmpty()) {
            free.removeFirst(); // the least recently used one is replaced by the larger
        }
        return Arena.ofAuto().allocate(bytes, ArenaLayout.ALIGNMENT);
    }

    synchronized void give(MemorySegment arena) {
        free.add(arena);
        if (free.size() > KEPT) {
            free.removeFirst();
        }
    }
}
