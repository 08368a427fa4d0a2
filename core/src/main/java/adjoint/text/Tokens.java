package adjoint.text;

import adjoint.data.Batch;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.io.FormatException;
import adjoint.io.NpyVector;
import adjoint.kernel.Buffer;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// A long text as the ids of its tokens, in memory or in a file that is mapped and may be larger than memory.
///
/// ```java
/// Tokenizer tokenizer = BytePairTokenizer.train(sample, 8000);
/// Tokens tokens = Tokens.encode(Path.of("poems.txt"), tokenizer, Path.of("poems.npy"));
/// Tokens.Split parts = tokens.split(0.9);
/// Batches train = parts.train().windows(256, 1000, 42).batched(32);
/// Batches test = parts.test().windows(256).batched(32);
/// ```
/// Immutable; several threads may read at once.
public final class Tokens {
    private static final int NARROW = 1 << 16; // ids that two bytes hold
    private static final int PART = 1 << 20; // bytes of a file that are read at once
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment ids;
    private final int width;
    private final int vocabulary;
    private final String name;

    private Tokens(MemorySegment ids, int width, int vocabulary, String name) {
        this.ids = ids;
        this.width = width;
        this.vocabulary = vocabulary;
        this.name = name;
    }

    /// The tokens of a text.
    ///
    /// @throws TokenException if the text holds something that has no token
    public static Tokens of(Tokenizer tokenizer, String text) {
        return of(tokenizer.encode(text), tokenizer.size());
    }

    /// These ids, which are copied.
    ///
    /// @param vocabulary how many tokens there are: ids lie below it
    /// @throws DataException if one does not
    public static Tokens of(int[] ids, int vocabulary) {
        int width = width(vocabulary);
        MemorySegment segment =
                width == 2 ? MemorySegment.ofArray(new short[ids.length]) : MemorySegment.ofArray(new int[ids.length]);
        for (int i = 0; i < ids.length; i++) {
            if (width == 2) {
                segment.set(SHORT, 2L * i, (short) ids[i]);
            } else {
                segment.set(INT, 4L * i, ids[i]);
            }
            if (ids[i] < 0 || ids[i] >= vocabulary) {
                throw new DataException(outside(ids[i], "at position " + i, vocabulary));
            }
        }
        return new Tokens(segment, width, vocabulary, "the text");
    }

    private static int width(int vocabulary) {
        if (vocabulary < 1) {
            throw new DataException("a vocabulary has 1 token or more, got " + vocabulary);
        }
        return vocabulary <= NARROW ? 2 : 4;
    }

    private static String outside(int id, String where, int vocabulary) {
        return "the token "
                + id
                + " "
                + where
                + " is outside 0 to "
                + (vocabulary - 1)
                + ": give the tokenizer that made the ids, or its size";
    }

    /// Texts one after the other, with a token after each, by which a network can tell where one ends.
    ///
    /// @param end the token: one of the tokenizer's, or the next, `tokenizer.size()`, which makes the vocabulary larger by one
    /// @throws DataException if it is neither
    /// @throws TokenException if a text holds something that has no token
    public static Tokens packed(Tokenizer tokenizer, List<String> texts, int end) {
        if (end < 0 || end > tokenizer.size()) {
            throw new DataException(
                    "the token after each text must be one of the tokenizer's, 0 to "
                            + (tokenizer.size() - 1)
                            + ", or a new one, "
                            + tokenizer.size()
                            + "; got "
                            + end);
        }
        var ids = new IdList();
        for (int i = 0; i < texts.size(); i++) {
            try {
                ids.addAll(tokenizer.encode(texts.get(i)));
            } catch (TokenException e) {
                throw new TokenException("text " + i + ": " + e.getMessage(), e);
            }
            ids.add(end);
        }
        return of(ids.toArray(), Math.max(tokenizer.size(), end + 1));
    }

    /// Encodes a file of UTF-8, however large, into an `.npy` file of one axis, and maps that. It is written as a whole or not at
    /// all: `<u2` where the vocabulary has at most 65,536 tokens, else `<i4`. The ids are those of the whole text; words of more
    /// than 16 million letters are cut, and there what a pattern of a `tokenizer.json` sees of what lies before a word.
    ///
    /// @throws DataException if the text is not there, is empty, or is no UTF-8
    /// @throws TokenException if it holds something that has no token
    /// @throws IOException if it cannot be read, or the ids cannot be written
    public static Tokens encode(Path text, Tokenizer tokenizer, Path into) throws IOException {
        if (Files.isDirectory(text)) {
            throw new DataException(text + " is a folder, expected a file of text");
        }
        try (FileChannel in = FileChannel.open(text, StandardOpenOption.READ)) {
            if (in.size() == 0) {
                throw new DataException(text + " is empty: expected a text to learn from");
            }
            if (Files.exists(into) && Files.isSameFile(text, into)) {
                throw new DataException(text + " would be replaced by its own tokens: give them a file of their own");
            }
            var parts = new Utf8Parts(text, in, PART);
            NpyVector.write(into, width(tokenizer.size()), sink -> encode(parts, tokenizer, sink));
        } catch (NoSuchFileException e) {
            if (Files.exists(text)) {
                throw e; // it is the folder to write to that is missing
            }
            throw new DataException("there is no file " + text, e);
        } catch (TokenException e) {
            throw new TokenException(text + ": " + e.getMessage(), e);
        }
        return open(into, tokenizer.size());
    }

    private static void encode(Utf8Parts parts, Tokenizer tokenizer, NpyVector.Sink sink) throws IOException {
        var ids = new IdList();
        Encoding encoding = Encoding.of(tokenizer, ids);
        for (Optional<String> part = parts.next(); part.isPresent(); part = parts.next()) {
            encoding.text(part.get());
            sink.put(ids.toArray());
            ids.clear();
        }
        encoding.end();
        sink.put(ids.toArray());
    }

    /// Maps ids that [#encode] wrote, or another program: an `.npy` file of one axis, `<u2` or `<i4`. Whether they lie in the
    /// vocabulary is seen when they are read.
    ///
    /// @param vocabulary how many tokens there are: ids lie below it
    /// @throws FormatException if it is damaged or another array
    /// @throws IOException if it cannot be read
    public static Tokens open(Path npy, int vocabulary) throws IOException {
        width(vocabulary);
        NpyVector vector = NpyVector.map(npy);
        return new Tokens(vector.data(), vector.width(), vocabulary, npy.toString());
    }

    /// The number of tokens.
    public long size() {
        return ids.byteSize() / width;
    }

    /// How many different tokens there may be.
    public int vocabulary() {
        return vocabulary;
    }

    /// The id at a position.
    ///
    /// @throws DataException if there is none, or it is outside the vocabulary
    public int at(long i) {
        if (i < 0 || i >= size()) {
            throw new DataException("the token at position " + i + " was asked for, and " + name + " has " + size());
        }
        int id = width == 2 ? Short.toUnsignedInt(ids.get(SHORT, 2 * i)) : ids.get(INT, 4 * i);
        if (id < 0 || id >= vocabulary) {
            throw new DataException(outside(id, "at position " + i + " of " + name, vocabulary));
        }
        return id;
    }

    /// The tokens from a position to another, which is not included. Nothing is copied.
    ///
    /// @throws DataException if there are none
    public Tokens slice(long from, long to) {
        if (from < 0 || from > to || to > size()) {
            throw new DataException(
                    "the tokens from " + from + " to " + to + " were asked for, and " + name + " has " + size());
        }
        String part = from == 0 && to == size() ? name : "a part of " + name.replaceFirst("^a part of ", "");
        return new Tokens(ids.asSlice(from * width, (to - from) * width), width, vocabulary, part);
    }

    /// The beginning to train on, the rest to test on: no window has tokens of both.
    ///
    /// @param trainShare of all tokens
    /// @throws DataException if the share is not between 0 and 1, or there are fewer than two tokens
    public Split split(double trainShare) {
        if (!(trainShare > 0 && trainShare < 1) || size() < 2) {
            throw new DataException(
                    "split needs a share between 0 and 1 for the first part, and two tokens; got "
                            + trainShare
                            + " and "
                            + size());
        }
        long cut = Math.clamp(Math.round(size() * trainShare), 1, size() - 1);
        return new Split(slice(0, cut), slice(cut, size()));
    }

    /// A training part and a part to test on.
    public record Split(Tokens train, Tokens test) {}

    /// All windows of so many tokens, side by side and in order: x and y int32 `[B, block]`, where y is what follows each token of x.
    ///
    /// @throws DataException if the text has no more than `block` tokens
    public Dataset windows(int block) {
        return new Windows(this, block);
    }

    /// Windows to train on, in random order: x and y int32 `[B, block]`, where y is what follows each token of x. The text is gone
    /// through pass by pass, without end; each pass begins at an offset of its own in 0 … block-1, and has its windows side by side,
    /// each once, in an order of its own. An epoch is the next `perEpoch` windows: those of epoch `n` depend on the seed and `n` alone.
    /// There is no need to shuffle them again.
    ///
    /// @param perEpoch how many windows an epoch has
    /// @throws DataException if the text has no more than `block` tokens
    public Dataset windows(int block, int perEpoch, long seed) {
        return RandomWindows.of(this, block, perEpoch, seed);
    }

    /// Windows that begin at these positions.
    Batch batch(int block, long... starts) {
        int[] x = new int[Math.multiplyExact(starts.length, block)];
        int[] y = new int[x.length];
        for (int w = 0; w < starts.length; w++) {
            int next = at(starts[w]);
            for (int i = 0; i < block; i++) {
                x[w * block + i] = next;
                next = at(starts[w] + i + 1);
                y[w * block + i] = next;
            }
        }
        Shape shape = Shape.of(starts.length, block);
        return new Batch(Tensor.of(Buffer.wrap(x), shape), Tensor.of(Buffer.wrap(y), shape));
    }

    /// What it is of, for messages.
    @Override
    public String toString() {
        return name;
    }
}
