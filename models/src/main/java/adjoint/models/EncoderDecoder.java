package adjoint.models;

import adjoint.nn.Context;
import adjoint.nn.Embedding;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.SinusoidalPositions;
import adjoint.nn.TransformerBlock;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.List;

/// A Transformer that reads one sequence and writes another (Vaswani et al. 2017), with the norms first: for tasks like
/// translation.
///
/// For the trainer both sequences stand side by side in one input: the source, filled up with the padding token to a fixed length,
/// and behind it the target shifted by one, beginning with the start token. The labels are the target; padding in it is to be
/// ignored: `new CrossEntropy().ignoreLabel(padding)`.
///
/// ```java
/// var model = new EncoderDecoder(new EncoderDecoder.Form(30, 12), init);
/// Tensor logits = model.apply(Tensor.concat(1, source, shifted), pass);       // [B, 12 + T] -> [B, T, V]
/// int[][] written = model.write(source, start, end, 20);
/// ```
/// Source and target share their tokens. Shapes: ids `[B, S + T]`, logits `[B, T, V]`.
///
/// @param tokens a vector for each token
/// @param positions of both sequences
/// @param encoder reads the source
/// @param encoderNorm behind the encoder
/// @param decoder writes the target, looking at the source
/// @param norm behind the decoder
/// @param head logits
/// @param source the length of a source, S
/// @param padding the token that fills up
public record EncoderDecoder(
        Embedding tokens,
        SinusoidalPositions positions,
        List<TransformerBlock> encoder,
        LayerNorm encoderNorm,
        List<TransformerBlock> decoder,
        LayerNorm norm,
        Linear head,
        int source,
        int padding)
        implements Layer {
    private static final double STD = 0.1; // of first vectors

    /// What it is made of.
    ///
    /// @param vocabulary how many tokens there are, with those for padding, start and end
    /// @param source the length of a source
    /// @param padding the token that fills up
    /// @param layers blocks of encoder and decoder each
    /// @param heads of each attention
    /// @param width of the vectors
    /// @param dropout in training
    public record Form(int vocabulary, int source, int padding, int layers, int heads, int width, double dropout) {
        /// 2 layers of 4 heads, 64 wide, no dropout, padding 0.
        public Form(int vocabulary, int source) {
            this(vocabulary, source, 0, 2, 4, 64, 0);
        }

        /// With so many blocks in encoder and decoder each.
        public Form layers(int n) {
            return new Form(vocabulary, source, padding, n, heads, width, dropout);
        }

        /// With so many heads.
        public Form heads(int n) {
            return new Form(vocabulary, source, padding, layers, n, width, dropout);
        }

        /// With another width.
        public Form width(int n) {
            return new Form(vocabulary, source, padding, layers, heads, n, dropout);
        }

        /// With dropout.
        public Form dropout(double share) {
            return new Form(vocabulary, source, padding, layers, heads, width, share);
        }
    }

    /// With new weights.
    public EncoderDecoder(Form form, Init init) {
        this(
                new Embedding(form.vocabulary, form.width, init.with(Init.normal(STD))),
                new SinusoidalPositions(),
                TransformerBlock.several(form.layers, form.width, block(form), init),
                new LayerNorm(form.width, init),
                TransformerBlock.several(form.layers, form.width, block(form).causal().crossing(), init),
                new LayerNorm(form.width, init),
                new Linear(form.width, form.vocabulary, init.with(Init.lecunNormal())),
                form.source,
                form.padding);
    }

    private static TransformerBlock.Form block(Form form) {
        return new TransformerBlock.Form(form.heads).dropout(form.dropout);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() != 2 || x.dim(1) <= source) {
            throw new ShapeException(
                    "EncoderDecoder needs a source of %d tokens and a target behind it, [B, %1$d + T], got %s"
                            .formatted(source, x.shape()));
        }
        Tensor from = x.slice(1, 0, source);
        return decode(x.slice(1, source, x.dim(1)), encode(from, pass), from.ne(padding), pass);
    }

    private Tensor encode(Tensor from, Pass pass) {
        Context context = Context.of().mask(from.ne(padding));
        Tensor y = positions.apply(tokens.apply(from, pass), pass);
        for (TransformerBlock block : encoder) {
            y = block.apply(y, context, pass);
        }
        return encoderNorm.apply(y, pass);
    }

    private Tensor decode(Tensor to, Tensor memory, Tensor real, Pass pass) {
        Context context = Context.of().memory(memory).memoryMask(real);
        Tensor y = positions.apply(tokens.apply(to, pass), pass);
        for (TransformerBlock block : decoder) {
            y = block.apply(y, context, pass);
        }
        return head.apply(norm.apply(y, pass), pass);
    }

    /// Writes the most likely token after the other.
    ///
    /// @param from sources `[B, S]`
    /// @param start the token before the first
    /// @param end the token that ends a target; it is left out
    /// @param most how many tokens at most
    /// @return a target for each source
    public int[][] write(Tensor from, int start, int end, int most) {
        int rows = from.dim(0);
        Tensor memory = encode(from, Pass.inference());
        memory.read();
        int[][] written = new int[rows][most + 1];
        for (int[] row : written) {
            Arrays.fill(row, end);
            row[0] = start;
        }
        boolean[] ended = new boolean[rows];
        int width = head.out();
        for (int t = 0; t < most && !all(ended); t++) {
            // all places, so that there is one plan: what stands behind t is not seen at t
            int[] ids = Arrays.stream(written).flatMapToInt(row -> Arrays.stream(row, 0, most)).toArray();
            float[] logits =
                    decode(Tensor.of(ids, rows, most), memory, from.ne(padding), Pass.inference()).toFloats();
            for (int b = 0; b < rows; b++) {
                int best = argmax(logits, (b * most + t) * width, width);
                ended[b] |= best == end;
                written[b][t + 1] = ended[b] ? end : best;
            }
        }
        int[][] targets = new int[rows][];
        for (int b = 0; b < rows; b++) {
            int n = 1;
            while (n <= most && written[b][n] != end) {
                n++;
            }
            targets[b] = Arrays.copyOfRange(written[b], 1, n);
        }
        return targets;
    }

    private static boolean all(boolean... values) {
        for (boolean v : values) {
            if (!v) {
                return false;
            }
        }
        return true;
    }

    private static int argmax(float[] values, int from, int count) {
        int best = from;
        for (int i = from + 1; i < from + count; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best - from;
    }
}
