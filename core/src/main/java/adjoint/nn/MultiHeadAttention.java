package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.AttentionOptions;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// Attention in several heads (Vaswani et al. 2017): each head makes queries, keys and values of the steps, `D = C / heads` wide,
/// and gives each step the mean of the values, weighted by how well its query fits their keys,
/// `softmax(q kᵀ / √D) v`; the heads' answers side by side go through a last linear layer.
///
/// With fewer key heads than heads, groups of heads share keys and values (Ainslie et al. 2023). With a memory in the [Context], the
/// keys and values are made of it: cross-attention. A query whose every key is masked gets zeros from the attention.
///
/// Shapes: x and y `[B, T, C]`, a memory `[B, S, C]`.
///
/// @param in queries, keys and values in one product, `C` to `(heads + 2 keyHeads) D`, in this order
/// @param out `heads · D` to `C`
/// @param heads of the queries
/// @param keyHeads of keys and values, a divisor of heads
/// @param isCausal whether a step sees only itself and earlier ones; does not concern a memory
/// @param dropout the share of weights that training sets to 0, in [0, 1)
/// @param rotary turns queries and keys by their positions, if it is to
public record MultiHeadAttention(
        Linear in, Linear out, int heads, int keyHeads, boolean isCausal, double dropout, Optional<Rotary> rotary)
        implements ContextLayer {

    /// @throws ShapeException if the layers do not fit the heads
    public MultiHeadAttention {
        boolean fits = heads > 0 && keyHeads > 0 && heads % keyHeads == 0 && out.in() % heads == 0;
        if (!fits || in.out() != (heads + 2 * keyHeads) * (out.in() / heads)) {
            throw new ShapeException(
                    "MultiHeadAttention needs heads that divide the width, and key heads that divide the heads, with a layer"
                            + " of width to (heads + 2 key heads) · (width / heads) and one of width to width; got %d heads, %d key heads, %s and %s"
                                    .formatted(heads, keyHeads, in, out));
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new AdjointException(
                    "MultiHeadAttention needs a share to drop of at least 0 and below 1, got " + dropout);
        }
    }

    /// Every step sees every other; no dropout, no positions.
    ///
    /// @throws ShapeException if the heads do not divide the width
    public MultiHeadAttention(int width, int heads, Init init) {
        this(
                new Linear(width, 3 * width, init),
                new Linear(width, width, init),
                heads,
                heads,
                false,
                0,
                Optional.empty());
    }

    /// A step sees only itself and earlier ones.
    public MultiHeadAttention causal() {
        return new MultiHeadAttention(in, out, heads, keyHeads, true, dropout, rotary);
    }

    /// With another share of weights set to 0 in training.
    public MultiHeadAttention dropout(double share) {
        return new MultiHeadAttention(in, out, heads, keyHeads, isCausal, share, rotary);
    }

    /// With queries and keys turned by their positions.
    public MultiHeadAttention rotary(Rotary positions) {
        return new MultiHeadAttention(in, out, heads, keyHeads, isCausal, dropout, Optional.of(positions));
    }

    /// The width of a head.
    public int size() {
        return out.in() / heads;
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        if (x.shape().rank() != 3) {
            throw new ShapeException(this + " needs sequences [B, T, " + in.in() + "], got " + x.shape());
        }
        int q = heads * size();
        int k = keyHeads * size();
        if (context.memory().isPresent()) {
            Tensor memory = context.memory().get();
            if (memory.shape().rank() != 3 || memory.dim(0) != x.dim(0)) {
                throw new ShapeException(
                        this + " needs a memory [" + x.dim(0) + ", S, " + in.in() + "], got " + memory.shape());
            }
            Tensor[] keysValues = part(memory, q, q + 2 * k, pass).split(-1, k, k);
            AttentionOptions options = options(pass, context.memoryMask(), false);
            return answer(heads(part(x, 0, q, pass), heads), keysValues[0], keysValues[1], options, pass);
        }
        Tensor[] parts = in.apply(x, pass).split(-1, q, k, k);
        Tensor queries = turned(heads(parts[0], heads), context);
        if (context.cache().isEmpty()) {
            Tensor keys = turned(heads(parts[1], keyHeads), context);
            Tensor values = heads(parts[2], keyHeads);
            return merged(queries.attention(keys, values, options(pass, context.mask(), isCausal)), pass);
        }
        if (!isCausal || context.mask().isPresent()) {
            throw new AdjointException(
                    this
                            + " cannot use a cache "
                            + (isCausal ? "together with a mask" : "since it is not causal")
                            + ": give it all steps at once");
        }
        KeyValueCache.Seen seen =
                context.cache()
                        .get()
                        .append(pass, turned(heads(parts[1], keyHeads), context), heads(parts[2], keyHeads));
        var options = AttentionOptions.standard().mask(seen.mask());
        return merged(queries.attention(seen.keys(), seen.values(), options), pass);
    }

    private Tensor answer(Tensor queries, Tensor keys, Tensor values, AttentionOptions options, Pass pass) {
        return merged(queries.attention(heads(keys, keyHeads), heads(values, keyHeads), options), pass);
    }

    // Some of the outputs of the first layer.
    private Tensor part(Tensor x, int from, int to, Pass pass) {
        if (pass.exchanges("in")) {
            return in.apply(x, pass).slice(2, from, to); // all, of whatever stands there
        }
        Linear.require(in, in.weight(), x);
        Tensor y = x.matmul(in.weight().value().slice(1, from, to));
        return in.bias().isPresent() ? y.add(in.bias().get().value().slice(0, from, to)) : y;
    }

    private Tensor turned(Tensor x, Context context) {
        return rotary.isPresent() ? rotary.get().turn(x, context.offset()) : x;
    }

    private AttentionOptions options(Pass pass, Optional<Tensor> mask, boolean causal) {
        var options = AttentionOptions.standard();
        if (causal) {
            options = options.causal();
        }
        if (mask.isPresent()) {
            Tensor m = mask.get();
            options = options.mask(m.reshape(m.dim(0), 1, 1, m.dim(1)));
        }
        return pass.isTraining() && dropout > 0 ? options.dropout(dropout, pass.key()) : options;
    }

    // [B, T, n D] -> [B, n, T, D]
    private static Tensor heads(Tensor x, int n) {
        return x.reshape(x.dim(0), x.dim(1), n, x.dim(2) / n).transpose(1, 2);
    }

    // [B, H, T, D] -> [B, T, C]
    private Tensor merged(Tensor y, Pass pass) {
        return out.apply(y.transpose(1, 2).reshape(y.dim(0), y.dim(2), out.in()), pass);
    }

    @Override
    public String toString() {
        return "MultiHeadAttention("
                + heads
                + (keyHeads == heads ? " heads" : " heads, " + keyHeads + " of keys")
                + (isCausal ? ", causal)" : ")");
    }
}
