package adjoint.plan;

import java.util.Arrays;

/// Whether a small plan's longer steps are shared with the team, which is found out by trying now and then: on one machine the team
/// saves a third of the time, on another, whose cores are far apart or taken by others, it costs as much. The bits do not depend on it.
///
/// Several threads may run a plan at once; their times then mix, and the choice is as good as any.
final class Sharing {
    /// A trial takes turns, alone, together, alone, together: so a machine that grows faster or slower meanwhile does so for both.
    private static final int SPELLS = 4;

    /// Runs of a spell, of which the first few only bring the data to where they are then used.
    private static final int RUNS = 8;

    private static final int UNCOUNTED = 3;

    /// Runs until the first trial, when the JVM has compiled the first kernels; until the next one it is twice as many, up to the most.
    private static final int FIRST = 64;

    private static final int MOST = 1024;

    private final long[][] nanos = new long[2][SPELLS / 2 * (RUNS - UNCOUNTED)]; // alone, together
    private final int[] counted = new int[2];
    private int pause = FIRST;
    private int run = -FIRST; // of the trial, or until it
    private boolean isTogether = true;

    /// Whether the next run shares its steps.
    synchronized boolean isTogether() {
        return run < 0 ? isTogether : way() == 1;
    }

    private int way() {
        return run / RUNS % 2;
    }

    /// Takes note of a run.
    synchronized void took(long time) {
        if (run >= 0 && run % RUNS >= UNCOUNTED) {
            nanos[way()][counted[way()]++] = time;
        }
        if (++run == SPELLS * RUNS) {
            isTogether = median(nanos[1]) < median(nanos[0]);
            Arrays.fill(counted, 0);
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
