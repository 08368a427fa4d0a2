package adjoint.models;

import adjoint.nn.ContextLayer;
import adjoint.nn.KeyValueCache;
import adjoint.tensor.Evaluator;
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
        }
        ids = all;
        Tensor logits = null;
        while (cache.length() < ids[0].length) {
            int size = Integer.highestOneBit(ids[0].length - cache.length()); // of few sizes: each has a plan
            logits = cache.run(model, tensor(cache.length(), size)); // [B, size, V]
        }
        return last(logits);
    }

    // [B, T, V] -> [B, V]
    private static Tensor last(Tensor logits) {
        int rows = logits.dim(0);
        int steps = logits.dim(1);
        int v = logits.dim(2);
        float[] all = logits.toFloats();
        float[] values = new float[rows * v];
        for (int b = 0; b < rows; b++) {
            System.arraycopy(all, (b * steps + steps - 1) * v, values, b * v, v);
        }
        return Tensor.of(values, rows, v);
    }

    private int[][] joined(Tensor more) {
        int rows = more.dim(0);
        int steps = more.dim(1);
        int[] values = more.toInts();
        int[][] all = new int[rows][];
        for (int b = 0; b < rows; b++) {
            int[] before = ids.length == 0 ? new int[0] : ids[b];
            all[b] = Arrays.copyOf(before, before.length + steps);
            System.arraycopy(values, b * steps, all[b], before.length, steps);
        }
        return all;
    }

    private Tensor tensor(int from, int size) {
        int[] values = new int[ids.length * size];
        for (int b = 0; b < ids.length; b++) {
            System.arraycopy(ids[b], from, values, b * size, size);
        }
        return Tensor.of(values, ids.length, size);
    }

    @Override
    public void select(int... rows) {
        cache.select(rows);
        ids = Arrays.stream(rows).mapToObj(r -> ids[r]).toArray(int[][]::new);
    }
}
