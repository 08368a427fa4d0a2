package adjoint.bench.sidebyside;

import adjoint.kernel.Philox;

/// The batches of a workload, which every contender makes for itself: counter-based, so that all have the same numbers.
///
/// Numbers are standard normal, integers uniform. Images come channels first.
public final class Inputs {
    private static final int X = 0;
    private static final int LABEL = 1;
    private static final int NEXT = 2;
    private static final int REWARD = 3;
    private static final int LIVE = 4;
    private static final int ACTION = 5;

    private final Workload workload;

    /// The batches of a workload.
    public Inputs(Workload workload) {
        this.workload = workload;
    }

    /// What the network reads.
    public float[] x(int batch) {
        return normals(X, batch, workload.size());
    }

    /// The characters it reads.
    public int[] characters(int batch) {
        return integers(X, batch, workload.size(), workload.classes());
    }

    /// The class of each sample.
    public int[] labels(int batch) {
        return integers(LABEL, batch, workload.batch(), workload.classes());
    }

    /// The class at each place of each sequence; of a text, the character to predict there.
    public int[] tags(int batch) {
        return integers(LABEL, batch, workload.batch() * workload.sample()[0], workload.classes());
    }

    /// The observations after the action.
    public float[] nextObservations(int batch) {
        return normals(NEXT, batch, workload.size());
    }

    /// The reward of each action.
    public float[] rewards(int batch) {
        return normals(REWARD, batch, workload.batch());
    }

    /// 0 where the game was over after the action, otherwise 1.
    public float[] live(int batch) {
        int[] coins = integers(LIVE, batch, workload.batch(), 2);
        float[] live = new float[coins.length];
        for (int i = 0; i < live.length; i++) {
            live[i] = coins[i];
        }
        return live;
    }

    /// The actions taken.
    public int[] actions(int batch) {
        return integers(ACTION, batch, workload.batch(), workload.classes());
    }

    private float[] normals(int stream, int batch, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) Philox.normal(workload.ordinal(), stream, (long) batch * n + i);
        }
        return values;
    }

    private int[] integers(int stream, int batch, int n, int bound) {
        int[] values = new int[n];
        for (int i = 0; i < n; i++) {
            values[i] = (int) (Philox.uniform(workload.ordinal(), stream, (long) batch * n + i) * bound);
        }
        return values;
    }
}
