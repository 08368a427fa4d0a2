package adjoint.data;

import adjoint.kernel.Philox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A finite collection of examples that can be picked by number.
///
/// ```java
/// Batches train = Mnist.train(folder).shuffled(42).batched(64);
/// ```
/// Several threads may ask for batches at once.
public interface Dataset {
    /// The number of examples.
    int size();

    /// The shape of one input, without the batch axis.
    int[] exampleShape();

    /// The names of the classes; empty where targets are numbers.
    List<String> classes();

    /// The examples of these numbers, in this order.
    Batch batch(int... indices);

    /// The examples as epoch `n` sees them, counted from 0. They are the same in all epochs, unless they are changed at random.
    default Dataset epoch(long n) {
        return this;
    }

    /// The label of an example; -1 where targets are numbers.
    default int label(int index) {
        return -1;
    }

    /// These examples only, in this order.
    ///
    /// @throws DataException if there is none of such a number
    default Dataset select(int... indices) {
        return new Selected(this, indices.clone());
    }

    /// The first `n`, or all if there are fewer.
    default Dataset take(int n) {
        return select(IntStream.range(0, Math.min(n, size())).toArray());
    }

    /// All but the first `n`.
    default Dataset skip(int n) {
        return select(IntStream.range(Math.min(n, size()), size()).toArray());
    }

    /// Each batch passed through a function, when it is made. The function is called on several threads at once.
    default Dataset map(UnaryOperator<Batch> function) {
        return new Mapped(this, function);
    }

    /// Pictures that are changed at random when they are read, anew in each epoch.
    ///
    /// @throws DataException if the examples are no pictures: rows, columns, 1 or 3 channels
    default Dataset augmented(Augment augment) {
        return new Augmented(this, augment, 0);
    }

    /// Two parts drawn at random, the first with this share of each class (or of all, where there are no classes). Of two
    /// examples or more, each part gets one at least.
    default Split split(double firstShare, long seed) {
        if (!(firstShare > 0 && firstShare < 1)) {
            throw new DataException("split needs a share between 0 and 1 for the first part, got " + firstShare);
        }
        Map<Integer, List<Integer>> byLabel = new TreeMap<>();
        for (int i : shuffledIndices(size(), seed, 0)) {
            byLabel.computeIfAbsent(label(i), k -> new ArrayList<>()).add(i);
        }
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        for (List<Integer> group : byLabel.values()) {
            int share = (int) Math.round(group.size() * firstShare);
            int cut = group.size() < 2 ? share : Math.clamp(share, 1, group.size() - 1); // each part sees each class
            first.addAll(group.subList(0, cut));
            second.addAll(group.subList(cut, group.size()));
        }
        return new Split(select(sorted(first)), select(sorted(second)));
    }

    private static int[] sorted(List<Integer> indices) {
        return indices.stream().mapToInt(Integer::intValue).sorted().toArray();
    }

    /// A training part and a part to test on.
    record Split(Dataset first, Dataset second) {}

    /// All numbers in the order in which a shuffled epoch is read, of which batches are cut one after the other. It depends on the
    /// seed and the epoch alone; a dataset may bring examples together that make good batches.
    default int[] order(long seed, long epoch, int batchSize) {
        return shuffledIndices(size(), seed, epoch);
    }

    /// In batches of `size`, in order; the last may be smaller.
    default Batches batched(int size) {
        return new Batches(this, size);
    }

    /// In an order that is drawn anew for each epoch, from the seed and the epoch's number alone.
    default Shuffled shuffled(long seed) {
        return new Shuffled(this, seed);
    }

    /// A dataset to be read in random order.
    record Shuffled(Dataset source, long seed) {
        /// In batches of `size`; the last may be smaller.
        public Batches batched(int size) {
            return new Batches(source, size).shuffled(seed);
        }
    }

    /// The numbers 0 … n-1 in random order: Fisher and Yates' shuffle, with number `i` of Philox's stream `epoch`. The same on any
    /// JDK and machine.
    static int[] shuffledIndices(int n, long seed, long epoch) {
        int[] order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = (int) Math.unsignedMultiplyHigh(Philox.bits(seed, epoch, i), i + 1L);
            int t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        return order;
    }

    /// Some examples of another dataset. They are shuffled without regard to the order that it would give.
    record Selected(Dataset source, int[] indices) implements Dataset {
        /// @throws DataException if an index is outside the source
        public Selected {
            for (int i : indices) {
                if (i < 0 || i >= source.size()) {
                    throw new DataException("example " + i + " was selected from a dataset of " + source.size());
                }
            }
        }

        @Override
        public int size() {
            return indices.length;
        }

        @Override
        public int[] exampleShape() {
            return source.exampleShape();
        }

        @Override
        public List<String> classes() {
            return source.classes();
        }

        @Override
        public int label(int index) {
            return source.label(indices[index]);
        }

        @Override
        public Dataset epoch(long n) {
            return new Selected(source.epoch(n), indices);
        }

        @Override
        public Batch batch(int... picked) {
            return source.batch(Arrays.stream(picked).map(i -> indices[i]).toArray());
        }
    }

    /// A dataset whose batches are changed when they are made.
    record Mapped(Dataset source, UnaryOperator<Batch> function) implements Dataset {
        @Override
        public int size() {
            return source.size();
        }

        @Override
        public int[] exampleShape() {
            int[] d = batch(0).x().shape().dims();
            return Arrays.copyOfRange(d, 1, d.length);
        }

        @Override
        public List<String> classes() {
            return source.classes();
        }

        @Override
        public int label(int index) {
            return source.label(index);
        }

        @Override
        public Dataset epoch(long n) {
            return new Mapped(source.epoch(n), function);
        }

        @Override
        public int[] order(long seed, long epoch, int batchSize) {
            return source.order(seed, epoch, batchSize);
        }

        /// Selected before it is mapped, so that the source keeps its say in the order.
        @Override
        public Dataset select(int... indices) {
            return new Mapped(source.select(indices), function);
        }

        @Override
        public Batch batch(int... indices) {
            return function.apply(source.batch(indices));
        }
    }
}
