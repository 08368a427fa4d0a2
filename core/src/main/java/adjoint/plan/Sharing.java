package adjoint.plan;

import java.util.Arrays;

/// Whether a small plan's longer steps are shared with the team, which is found out by trying now and then: on one machine the team
/// saves a third of the time, on another, whose cores are far apart or taken by others, it costs as much. The bits do not depend on it.
///
/// Several threads may run a plan at once; their times then mix, and the choice is as good as any.
final class Sharing {
    /// Runs in each way in a trial, of which the first few only bring the data to where they are then used.
    private static final int RUNS = 16;

    private static final int UNCOUNTED = 4;

    /// Runs until the first trial, when the JVM has compiled the first kernels; until the next one it is twice as many, up to the most.
    private static final int FIRST = 64;

    private static final int MOST = 4096;

    private final long[][] nanos = new long[2][RUNS - UNCOUNTED]; // alone, together
    private int pause = FIRST;
    private int run = -FIRST; // of the trial, or until it
    private boolean isTogether = true;

    /// Whether the next run shares its steps.
    synchronized boolean isTogether() {
        return run < 0 ? isTogether : run >= RUNS;
    }

    /// Takes note of a run.
    synchronized void took(long time) {
        if (run >= 0 && run % RUNS >= UNCOUNTED) {
            nanos[run / RUNS][run % RUNS - UNCOUNTED] = time;
        }
        if (++run == 2 * RUNS) {
            isTogether = median(nanos[1]) < median(nanos[0]);
            pause = Math.min(2 * pause, MOST);
            run = -pause;
        }
    }

    private static long median(long[] times) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
