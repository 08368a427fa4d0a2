package adjoint.data;

import java.util.Arrays;
import java.util.Iterator;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// A dataset cut into batches. Immutable: the batches of epoch `n` are the same whenever they are asked for, so that a resumed
/// training sees what it would have seen.
///
/// Batches are prepared ahead, two at once unless told otherwise, each on a virtual thread of its own.
///
/// @param data what to read
/// @param batchSize examples in a batch
/// @param seed of the shuffling; empty: in order
/// @param dropLast whether a smaller last batch is left out
/// @param prefetch how many batches to prepare ahead; 0: none
public record Batches(Dataset data, int batchSize, OptionalLong seed, boolean dropLast, int prefetch)
        implements Iterable<Batch> {

    /// @throws DataException if there is nothing to read or a number makes no sense
    public Batches {
        if (batchSize < 1) {
            throw new DataException("batches need a size of 1 or more, got " + batchSize);
        }
        if (data.size() == 0) {
            throw new DataException("the dataset has no examples");
        }
        if (dropLast && data.size() < batchSize) {
            throw new DataException(
                    "the dataset has "
                            + data.size()
                            + " examples, fewer than one batch of "
                            + batchSize
                            + ", and smaller batches are dropped: nothing would be left; use a smaller batch");
        }
        if (prefetch < 0) {
            throw new DataException("prefetch needs 0 or more, got " + prefetch);
        }
    }

    /// In order, the last one smaller if need be.
    public Batches(Dataset data, int batchSize) {
        this(data, batchSize, OptionalLong.empty(), false, 2);
    }

    /// In an order drawn anew for each epoch.
    public Batches shuffled(long newSeed) {
        return new Batches(data, batchSize, OptionalLong.of(newSeed), dropLast, prefetch);
    }

    /// Without a smaller last batch.
    public Batches droppingLast() {
        return new Batches(data, batchSize, seed, true, prefetch);
    }

    /// With so many batches prepared ahead.
    public Batches prefetch(int batches) {
        return new Batches(data, batchSize, seed, dropLast, batches);
    }

    /// The number of examples of one epoch.
    public int size() {
        return dropLast ? count() * batchSize : data.size();
    }

    /// The number of batches of one epoch.
    public int count() {
        return dropLast ? data.size() / batchSize : Math.ceilDiv(data.size(), batchSize);
    }

    /// The batches of an epoch. `for (Batch b : batches)` gives those of epoch 0.
    public Iterable<Batch> epoch(int epoch) {
        return () -> {
            Dataset now = data.epoch(epoch);
            int[] order =
                    seed.isPresent()
                            ? now.order(seed.getAsLong(), epoch, batchSize)
                            : IntStream.range(0, data.size()).toArray();
            IntFunction<Batch> batches =
                    i -> {
                        int from = i * batchSize;
                        return now.batch(Arrays.copyOfRange(order, from, Math.min(order.length, from + batchSize)));
                    };
            return prefetch == 0
                    ? IntStream.range(0, count()).mapToObj(batches).iterator()
                    : new Prefetched(count(), prefetch, batches);
        };
    }

    @Override
    public Iterator<Batch> iterator() {
        return epoch(0).iterator();
    }
}
