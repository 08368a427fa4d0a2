package adjoint.models;

import adjoint.nn.ContextLayer;
import adjoint.nn.KeyValueCache;
import adjoint.tensor.Evaluator;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.text.LanguageModel;

import java.util.Arrays;

/// Reads with a cache of keys and values. When the context is full, its older half is forgotten and the other read once more, from
/// position 0.
final class CachedReading implements LanguageModel.Reading {
    private final ContextLayer model;
    private final int context;
    private final Evaluator evaluator;
    private KeyValueCache cache;
    private int[][] ids = {}; // what the cache holds, by row

    /// @param model gives the logits of the last step, `[B, 1, V]`
    CachedReading(ContextLayer model, int context, Evaluator evaluator) {
        this.model = model;
        this.context = context;
        this.evaluator = evaluator;
        this.cache = new KeyValueCache(context, evaluator);
    }

    @Override
    public Tensor read(Tensor more) {
        int[][] all = joined(more);
        if (all[0].length > context) {
            cache = new KeyValueCache(context, evaluator);
            int keep = Math.max(1, context / 2);
            all = Arrays.stream(all).map(row -> Arrays.copyOfRange(row, row.length - keep, row.length)).toArray(int[][]::new);
            ids = new int[0][]; // should the model refuse, nothing has been read
        }
        Tensor logits = null;
        while (cache.length() < all[0].length) {
            int size = Integer.highestOneBit(all[0].length - cache.length()); // of few sizes: each has a plan
            logits = cache.run(model, tensor(all, cache.length(), size)); // [B, 1, V]
            ids = Arrays.stream(all).map(row -> Arrays.copyOf(row, cache.length())).toArray(int[][]::new);
        }
        return logits.squeeze(1);
    }

    private int[][] joined(Tensor more) {
        int rows = more.dim(0);
        int steps = more.dim(1);
        int[] values = more.toInts();
        if (ids.length > 0 && rows != ids.length) {
            throw new ShapeException(
                    "a reading of " + ids.length + " texts needs ids of as many, got " + more.shape() + " [B, T]");
        }
        int[][] all = new int[rows][];
        for (int b = 0; b < rows; b++) {
            int[] before = ids.length == 0 ? new int[0] : ids[b];
            all[b] = Arrays.copyOf(before, before.length + steps);
            System.arraycopy(values, b * steps, all[b], before.length, steps);
        }
        return all;
    }

    private static Tensor tensor(int[][] all, int from, int size) {
        int[] values = new int[all.length * size];
        for (int b = 0; b < all.length; b++) {
            System.arraycopy(all[b], from, values, b * size, size);
        }
        return Tensor.of(values, all.length, size);
    }

    @Override
    public void select(int... rows) {
        cache.select(rows);
        ids = Arrays.stream(rows).mapToObj(r -> ids[r]).toArray(int[][]::new);
    }
}
