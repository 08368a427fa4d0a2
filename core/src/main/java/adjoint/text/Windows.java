package adjoint.text;

import adjoint.data.Batch;
import adjoint.data.DataException;
import adjoint.data.Dataset;

import java.util.Arrays;
import java.util.List;

/// All windows of a text, side by side, in order.
record Windows(Tokens tokens, int block) implements Dataset {
    Windows {
        require(tokens, block);
        if ((tokens.size() - 1) / block > Integer.MAX_VALUE) {
            throw new DataException(
                    String.format(
                            "%s has %d windows of %d tokens, more than the %d that are counted here: take longer ones,"
                                    + " or windows(block, perEpoch, seed)",
                            tokens, (tokens.size() - 1) / block, block, Integer.MAX_VALUE));
        }
    }

    static void require(Tokens tokens, int block) {
        if (block < 1) {
            throw new DataException("windows need 1 token or more, got " + block);
        }
        if (tokens.size() <= block) {
            throw new DataException(
                    String.format(
                            "windows of %d tokens need a text of %d at least, with the one that follows the last; %s has"
                                    + " %d: take shorter windows or a longer text",
                            block, block + 1L, tokens, tokens.size()));
        }
    }

    @Override
    public int size() {
        return (int) ((tokens.size() - 1) / block);
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
        return tokens.batch(block, Arrays.stream(indices).mapToLong(i -> (long) i * block).toArray());
    }
}
