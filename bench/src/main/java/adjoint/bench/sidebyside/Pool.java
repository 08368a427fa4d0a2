package adjoint.bench.sidebyside;

import java.util.function.IntFunction;

/// Batches made when first asked for, and kept.
///
/// @param <T> a batch in a contender's own form
public final class Pool<T> {
    private final Object[] batches;
    private final IntFunction<T> source;

    /// A workload's batches, each made by the function from its number.
    public Pool(Workload workload, IntFunction<T> source) {
        this.batches = new Object[workload.pool()];
        this.source = source;
    }

    /// The batch of a step.
    @SuppressWarnings("unchecked")
    public T of(int step) {
        int i = step % batches.length;
        if (batches[i] == null) {
            batches[i] = source.apply(i);
        }
        return (T) batches[i];
    }

    /// Makes them all.
    public void fill() {
        for (int i = 0; i < batches.length; i++) {
            of(i);
        }
    }
}
