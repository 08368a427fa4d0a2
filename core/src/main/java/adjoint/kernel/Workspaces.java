package adjoint.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Working memory for tasks that are under way: a few pieces that go from hand to hand and so stay in the caches. Not in the
/// arena of the plan, because tasks outnumber threads by far.
final class Workspaces {
    private static final long SMALLEST = 512 << 10;

    private final ConcurrentLinkedQueue<MemorySegment> idle = new ConcurrentLinkedQueue<>();

    /// At least so many bytes, 64-byte aligned, filled with anything.
    MemorySegment take(long bytes) {
        MemorySegment workspace = idle.poll();
        if (workspace == null || workspace.byteSize() < bytes) {
            return Arena.ofAuto().allocate(Math.max(SMALLEST, bytes), 64);
        }
        return workspace;
    }

    /// Gives a piece back.
    void give(MemorySegment workspace) {
        idle.add(workspace);
    }
}
