package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The keys and values that the attentions of a causal network have made of the steps so far, so that each further step costs
/// only itself.
///
/// ```java
/// var cache = new KeyValueCache(64);
/// Tensor logits = cache.run(gpt, prompt);             // [B, T] -> [B, T, V]
/// Tensor next = cache.run(gpt, Tensor.of(ids, B, 1)); // [B, 1] -> [B, 1, V]: the same logits as in a run over all
/// ```
/// Its memory doubles when it is full, up to the most it is to hold: the plans for all lengths are a few. One thread at a time.
public final class KeyValueCache {
    private static final int FIRST = 32; // steps of room at first

    private final int most;
    private final Evaluator evaluator;
    private final SequencedMap<String, Pair> pairs = new TreeMap<>();
    private int length;
    private int room;
    private Tensor position = Tensor.of(new long[1]).reshape();

    /// Keys and values of one attention, `[B, G, room, D]`.
    private record Pair(Parameter keys, Parameter values) {}

    /// Keys and values to attend to, with the steps so far.
    ///
    /// @param keys `[B, G, room, D]`
    /// @param values `[B, G, room, D]`
    /// @param mask `[1, 1, T, room]`: the steps that each query sees
    record Seen(Tensor keys, Tensor values, Tensor mask) {}

    /// Computed by the standard evaluator.
    ///
    /// @param most how many steps it can hold
    public KeyValueCache(int most) {
        this(most, Evaluator.standard());
    }

    /// Computed by this one.
    ///
    /// @param most how many steps it can hold
    /// @throws AdjointException if that is none
    public KeyValueCache(int most, Evaluator evaluator) {
        if (most < 1) {
            throw new AdjointException("a cache needs room for 1 step or more, got " + most);
        }
        this.most = most;
        this.evaluator = evaluator;
        this.room = Math.min(most, FIRST);
    }

    /// How many steps it holds.
    public int length() {
        return length;
    }

    /// How many steps it can hold.
    public int most() {
        return most;
    }

    /// Runs a causal network on further steps, in inference, and keeps what it has seen.
    ///
    /// @param x the steps behind those seen so far, `[B, T]` or `[B, T, C]`
    /// @return the network's output, computed
    /// @throws AdjointException if there is no room left
    public Tensor run(ContextLayer model, Tensor x) {
        int steps = x.dim(1);
        if (length + steps > most) {
            throw new AdjointException(
                    "the cache holds " + length + " of " + most + " steps, and " + steps + " more do not fit");
        }
        if (length + steps > room) {
            grow(length + steps);
        }
        Pass pass = Pass.inference();
        Tensor y = model.apply(x, Context.of().cache(this), pass);
        evaluator.update(List.of(y), pass.updates());
        length += steps;
        position = scalar(length);
        return y;
    }

    /// Goes on with these sequences of the batch, in this order: those that a beam search keeps.
    ///
    /// @param rows of the batch so far; one may stand there several times
    public void select(int... rows) {
        Tensor index = Tensor.of(rows, rows.length);
        pairs.replaceAll((path, p) -> new Pair(picked(p.keys, index), picked(p.values, index)));
    }

    private static Parameter picked(Parameter p, Tensor index) {
        return Parameter.state(p.value().gather(0, index));
    }

    private void grow(int least) {
        while (room < least) {
            room = (int) Math.min(most, 2L * room);
        }
        pairs.replaceAll((path, p) -> new Pair(widened(p.keys), widened(p.values)));
    }

    private Parameter widened(Parameter p) {
        return Parameter.state(p.value().pad(2, 0, room - p.shape().dim(2)));
    }

    private static Tensor scalar(long value) {
        return Tensor.of(new long[] {value}).reshape();
    }

    /// How many steps it holds, `[]` of int64: a value, so that the plan is the same at every step.
    Tensor position() {
        return position;
    }

    /// Puts the keys and values of further steps behind the others, when the pass is computed.
    ///
    /// @param keys `[B, G, T, D]`
    /// @param values `[B, G, T, D]`
    Seen append(Pass pass, Tensor keys, Tensor values) {
        int[] dims = keys.shape().dims();
        int steps = dims[2];
        dims[2] = room;
        Pair pair =
                pairs.computeIfAbsent(
                        pass.path(), path -> new Pair(empty(keys.type(), dims), empty(values.type(), dims)));
        if (!Arrays.equals(pair.keys.shape().dims(), dims)) {
            throw new ShapeException(
                    "the cache holds keys "
                            + pair.keys.shape()
                            + " [B, G, room, D], and "
                            + keys.shape()
                            + " do not go with them: use a cache for each batch and network");
        }
        Tensor place = Tensor.arange(room).to(DType.INT64); // [room]
        Tensor step = place.sub(position);
        Tensor isNew = step.ge(0).and(step.lt(steps)).reshape(1, 1, room, 1);
        Tensor index = step.clip(0, steps - 1);
        Tensor allKeys = Tensor.where(isNew, spread(keys, index), pair.keys.value());
        Tensor allValues = Tensor.where(isNew, spread(values, index), pair.values.value());
        pass.record(new Evaluator.Update(pair.keys, allKeys));
        pass.record(new Evaluator.Update(pair.values, allValues));
        Tensor last = Tensor.arange(steps).to(DType.INT64).add(position).unsqueeze(1); // [T, 1]
        return new Seen(allKeys, allValues, place.le(last).reshape(1, 1, steps, room));
    }

    // A single step stands at every place by itself.
    private static Tensor spread(Tensor x, Tensor index) {
        return x.dim(2) == 1 ? x : x.gather(2, index);
    }

    private static Parameter empty(DType type, int... dims) {
        return Parameter.state(Tensor.full(type, 0, dims));
    }
}
