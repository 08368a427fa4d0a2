package adjoint.tensor;

import java.util.Arrays;
import java.util.function.BiFunction;

/// Pooling to a given size: window `i` of `n` reads elements `⌊i in / n⌋` to before `⌈(i + 1) in / n⌉`, axis after axis.
final class AdaptivePool {
    private AdaptivePool() {}

    static Tensor of(String name, Tensor x, BiFunction<Tensor, Window, Tensor> pool, int... out) {
        int[] in = Sliding.spatial(name, x.shape());
        int[] to = Sliding.each(name, "size", Sliding.positive(name, Ints.of(out)), in.length);
        int[] size = new int[in.length];
        boolean whole = true;
        for (int i = 0; i < in.length; i++) {
            if (in[i] < 1) {
                throw new ShapeException(name + " to " + Arrays.toString(to) + " needs an input, got " + x.shape());
            }
            whole &= in[i] % to[i] == 0;
            size[i] = in[i] / to[i];
        }
        if (whole) {
            return pool.apply(x, Window.of(size));
        }
        Tensor y = x;
        for (int i = 0; i < in.length; i++) {
            y = axis(y, i, in[i], to[i], pool);
        }
        return y;
    }

    private static Tensor axis(Tensor x, int axis, int in, int out, BiFunction<Tensor, Window, Tensor> pool) {
        Tensor[] parts = new Tensor[out];
        for (int i = 0; i < out; i++) {
            int from = (int) ((long) i * in / out);
            int to = (int) Math.ceilDiv((i + 1L) * in, out);
            int[] size = new int[x.shape().rank() - 2];
            Arrays.fill(size, 1);
            size[axis] = to - from;
            parts[i] = pool.apply(x.slice(axis + 1, from, to), Window.of(size));
        }
        return Tensor.concat(axis + 1, parts);
    }
}
