package adjoint.plan;

import adjoint.kernel.Kernels;
import adjoint.kernel.MachineKernels;
import adjoint.kernel.Memory;
import adjoint.kernel.Team;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Times the steps of a plan, on copies of what was recorded: each run begins with the same numbers.
final class Profiler {
    private static final int RUNS = 25;

    /// C2 compiles loop after loop. A plan is warm when so often in a row its fastest run of a while is no faster than that of the while
    /// before.
    private static final int CALM_WHILES = 2;

    private static final long WHILE_NANOSECONDS = 1_500_000_000L;
    private static final double FASTER = 0.97;
    private static final int MOST_WHILES = 15;

    private final Plan plan;
    private final Memory memory;

    /// What is copied back before each run: a segment that was written, and what it held.
    private record Original(MemorySegment written, MemorySegment copy) {}

    private final List<Original> originals;

    /// @param own where the copies live
    Profiler(Plan plan, Recording recording, Arena own) {
        this.plan = plan;
        var slots = new MemorySegment[recording.leafCount() + 1];
        slots[0] = own.allocate(plan.arenaBytes(), ArenaLayout.ALIGNMENT);
        for (int i = 0; i < recording.leafCount(); i++) {
            slots[i + 1] = copy(recording.buffer(i).segment(), own);
        }
        memory = new Memory(slots);
        originals = plan.written().mapToObj(leaf -> new Original(slots[leaf + 1], copy(slots[leaf + 1], own))).toList();
    }

    private static MemorySegment copy(MemorySegment from, Arena own) {
        MemorySegment to = own.allocate(Math.max(1, from.byteSize()), ArenaLayout.ALIGNMENT);
        MemorySegment.copy(from, 0, to, 0, from.byteSize());
        return to;
    }

    Profile run(Team team, Kernels kernels) {
        double[][] times = new double[plan.steps()][RUNS];
        warmUp(team, kernels);
        for (int k = 0; k < RUNS; k++) {
            rewind();
            for (int i = 0; i < times.length; i++) {
                long start = System.nanoTime();
                plan.run(i, memory, team);
                times[i][k] = System.nanoTime() - start;
            }
        }
        List<Profile.Row> rows = new ArrayList<>();
        for (int i = 0; i < times.length; i++) {
            Arrays.sort(times[i]);
            rows.add(plan.row(i, times[i][RUNS / 2]));
        }
        return new Profile(rows, team.size(), MachineKernels.peakGigaflops(team.size()));
    }

    private void rewind() {
        originals.forEach(o -> o.written.copyFrom(o.copy));
    }

    private void warmUp(Team team, Kernels kernels) {
        double before = Double.POSITIVE_INFINITY;
        int calm = 0;
        for (int i = 0; i < MOST_WHILES && plan.steps() > 0; i++) {
            double fastest = Double.POSITIVE_INFINITY;
            long begin = System.nanoTime();
            while (System.nanoTime() - begin < WHILE_NANOSECONDS) {
                rewind();
                long start = System.nanoTime();
                for (int k = 0; k < plan.steps(); k++) {
                    plan.run(k, memory, team);
                }
                fastest = Math.min(fastest, System.nanoTime() - start);
            }
            calm = fastest > FASTER * before ? calm + 1 : 0;
            if (calm >= CALM_WHILES && kernels.isSettled()) {
                return;
            }
            before = fastest;
        }
    }
}
