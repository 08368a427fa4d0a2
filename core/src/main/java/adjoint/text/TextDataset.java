package adjoint.text;

import adjoint.data.Batch;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.LabelledText;
import adjoint.kernel.Buffer;
import adjoint.kernel.Philox;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Texts as tokens, with a class each: x int32 `[B, T]`, y int32 `[B]`.
///
/// T is the length of the longest text of the batch, rounded up to a multiple of 8, so that few plans serve all batches; shorter
/// texts are filled up with a token of their own, [#padding], for which an embedding needs a row: [#vocabulary] in all.
///
/// ```java
/// LabelledText.Split parts = LabelledText.read(Path.of("spam.tsv"), "text", "label").split(0.8, 42);
/// Tokenizer tokenizer = BytePairTokenizer.train(parts.train().texts(), 2000);
/// TextDataset train = TextDataset.of(parts.train(), tokenizer, 128);
/// Batches batches = train.shuffled(42).batched(32);
/// ```
/// Shuffled, texts of like length come together, so that little is filled up.
public final class TextDataset implements Dataset {
    private static final int MULTIPLE = 8;
    private static final int POOL = 50; // batches that are sorted together: few enough that batches stay mixed

    private final int[][] texts;
    private final int[] labels;
    private final List<String> classes;
    private final int maxLength;
    private final int padding;

    private TextDataset(int[][] texts, int[] labels, List<String> classes, int maxLength, int padding) {
        this.texts = texts;
        this.labels = labels;
        this.classes = classes;
        this.maxLength = maxLength;
        this.padding = padding;
    }

    /// Texts cut into tokens.
    ///
    /// @param maxLength tokens of a text that are read; of longer ones, the first
    /// @throws DataException if `maxLength` is below 1
    /// @throws TokenException if a text holds something that has no token
    public static TextDataset of(LabelledText data, Tokenizer tokenizer, int maxLength) {
        if (maxLength < 1) {
            throw new DataException("texts need a length of 1 or more, got a maxLength of " + maxLength);
        }
        int[][] texts = new int[data.size()][];
        for (int i = 0; i < texts.length; i++) {
            try {
                int[] all = tokenizer.encode(data.texts().get(i));
                texts[i] = all.length > maxLength ? Arrays.copyOf(all, maxLength) : all;
            } catch (TokenException e) {
                throw new TokenException("text " + i + ": " + e.getMessage(), e);
            }
        }
        return new TextDataset(texts, data.labels(), data.classes(), maxLength, tokenizer.size());
    }

    /// The token that fills up short texts: the one after the tokenizer's.
    public int padding() {
        return padding;
    }

    /// How many different tokens there are, with that for padding.
    public int vocabulary() {
        return padding + 1;
    }

    @Override
    public int size() {
        return texts.length;
    }

    /// The longest that an input can be, `[maxLength]`; those of a batch are as long as its longest text needs.
    @Override
    public int[] exampleShape() {
        return new int[] {maxLength};
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    /// These examples only, in this order; they come together by length too.
    @Override
    public TextDataset select(int... indices) {
        for (int i : indices) {
            if (i < 0 || i >= size()) {
                throw new DataException("example " + i + " was selected from a dataset of " + size());
            }
        }
        return new TextDataset(
                IntStream.of(indices).mapToObj(i -> texts[i]).toArray(int[][]::new),
                IntStream.of(indices).map(i -> labels[i]).toArray(),
                classes,
                maxLength,
                padding);
    }

    /// Texts of like length together: they are shuffled, sorted by length within pools of 50 batches, and the batches are shuffled.
    /// What is left over for a smaller batch is drawn from all, and comes last.
    @Override
    public int[] order(long seed, long epoch, int batchSize) {
        int[] shuffled = Dataset.shuffledIndices(size(), seed, epoch);
        int batches = size() / batchSize;
        long pool = (long) POOL * batchSize;
        for (long from = 0; from < (long) batches * batchSize; from += pool) {
            sortByLength(shuffled, (int) from, (int) Math.min(from + pool, (long) batches * batchSize));
        }
        int[] order = shuffled.clone();
        int[] places = Dataset.shuffledIndices(batches, Philox.mix(seed), epoch);
        for (int b = 0; b < batches; b++) {
            System.arraycopy(shuffled, b * batchSize, order, places[b] * batchSize, batchSize);
        }
        return order;
    }

    // Texts of one length stay in the order they had.
    private void sortByLength(int[] order, int from, int to) {
        int[] before = Arrays.copyOfRange(order, from, to);
        long[] keys = new long[before.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) texts[before[i]].length << Integer.SIZE | i;
        }
        Arrays.sort(keys);
        for (int i = 0; i < keys.length; i++) {
            order[from + i] = before[(int) keys[i]];
        }
    }

    @Override
    public Batch batch(int... indices) {
        int longest = IntStream.of(indices).map(i -> texts[i].length).max().orElse(0);
        int length = Math.min(maxLength, Math.ceilDiv(Math.max(1, longest), MULTIPLE) * MULTIPLE);
        int[] x = new int[Math.multiplyExact(indices.length, length)];
        Arrays.fill(x, padding);
        for (int i = 0; i < indices.length; i++) {
            int[] text = texts[indices[i]];
            System.arraycopy(text, 0, x, i * length, text.length);
        }
        int[] y = IntStream.of(indices).map(i -> labels[i]).toArray();
        return new Batch(Tensor.of(Buffer.wrap(x), Shape.of(indices.length, length)), Tensor.of(y, y.length));
    }
}
