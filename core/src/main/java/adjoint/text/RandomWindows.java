package adjoint.text;

import adjoint.data.Batch;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.kernel.Philox;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// The windows of one epoch out of an endless sequence: the text is gone through again and again, each time from another offset
/// and in another order. Nothing is stored for a window; for a pass, where it begins.
///
/// @param pass the first that the epoch has windows of
/// @param begins the place in the epoch at which each of its passes begins; that of the first is 0 or negative
record RandomWindows(Tokens tokens, int block, int perEpoch, long seed, long pass, long... begins) implements Dataset {
    private static final long OFFSETS = 1L << 62; // the stream of the offsets; that of a pass's order is its number

    static RandomWindows of(Tokens tokens, int block, int perEpoch, long seed) {
        Windows.require(tokens, block);
        if (perEpoch < 1) {
            throw new DataException("an epoch needs 1 window or more, got " + perEpoch);
        }
        return new RandomWindows(tokens, block, perEpoch, seed, 0).epoch(0);
    }

    @Override
    public RandomWindows epoch(long n) {
        long from = Math.multiplyExact(n, perEpoch);
        long current = 0;
        long begin = 0;
        while (begin + count(current) <= from) {
            begin += count(current++);
        }
        long firstPass = current;
        var starts = LongStream.builder();
        for (; begin < from + perEpoch; begin += count(current++)) {
            starts.add(begin - from);
        }
        return new RandomWindows(tokens, block, perEpoch, seed, firstPass, starts.build().toArray());
    }

    private long offset(long ofPass) {
        long most = Math.min(block, tokens.size() - block); // each pass has one window at least
        return Math.unsignedMultiplyHigh(Philox.bits(seed, OFFSETS, ofPass), most);
    }

    // How many windows a pass has.
    private long count(long ofPass) {
        return (tokens.size() - 1 - offset(ofPass)) / block;
    }

    @Override
    public int size() {
        return perEpoch;
    }

    @Override
    public int[] exampleShape() {
        return new int[] {block};
    }

    @Override
    public List<String> classes() {
        return List.of();
    }

    @Override
    public Batch batch(int... indices) {
        return tokens.batch(block, Arrays.stream(indices).mapToLong(this::start).toArray());
    }

    private long start(int index) {
        if (index < 0 || index >= perEpoch) {
            throw new DataException("window " + index + " was asked for in an epoch of " + perEpoch);
        }
        int found = Arrays.binarySearch(begins, index);
        int at = found < 0 ? -found - 2 : found;
        long its = pass + at;
        long window = new Permutation(count(its), seed, its).at(index - begins[at]);
        return offset(its) + window * block;
    }
}
