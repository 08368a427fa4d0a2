package adjoint.models;

import adjoint.nn.Context;
import adjoint.nn.ContextLayer;
import adjoint.nn.Conv1d;
import adjoint.nn.Dropout;
import adjoint.nn.Embedding;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.SinusoidalPositions;
import adjoint.nn.TransformerBlock;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Tells the class of a text: a vector for each token, an encoder that makes one vector of them, and a linear head.
///
/// Texts of different lengths are filled up with the token `vocabulary`, whose vector no encoder looks at.
///
/// Shapes: ids `[B, T]`, each from 0 to the vocabulary, logits `[B, classes]`.
///
/// @param tokens a vector for each token, and one for padding
/// @param drop behind the tokens' vectors
/// @param encoder `[B, T, C]` to `[B, F]`
/// @param dropout behind the encoder
/// @param head logits
public record TextClassifier(Embedding tokens, Dropout drop, ContextLayer encoder, Dropout dropout, Linear head)
        implements Layer {
    private static final double STD = 0.1; // of first vectors

    /// The encoders.
    public enum Kind {
        /// The mean of the tokens' vectors (Joulin et al. 2017).
        BAG,
        /// Convolutions over 2 to 5 tokens, and of each channel the largest value (Kim 2014).
        CNN,
        /// Transformer blocks, and the mean of the steps.
        TRANSFORMER
    }

    /// What a classifier is made of.
    ///
    /// @param kind of the encoder
    /// @param vocabulary how many tokens there are, without padding
    /// @param classes how many there are
    /// @param width of the tokens' vectors, and of each convolution
    /// @param layers blocks of a Transformer
    /// @param heads of their attention
    /// @param dropout in training
    public record Form(Kind kind, int vocabulary, int classes, int width, int layers, int heads, double dropout) {
        /// 128 wide, 2 layers of 4 heads, half of the features dropped.
        public Form(Kind kind, int vocabulary, int classes) {
            this(kind, vocabulary, classes, 128, 2, 4, kind == Kind.TRANSFORMER ? 0.2 : 0.5);
        }

        /// With another width.
        public Form width(int n) {
            return new Form(kind, vocabulary, classes, n, layers, heads, dropout);
        }

        /// With so many blocks.
        public Form layers(int n) {
            return new Form(kind, vocabulary, classes, width, n, heads, dropout);
        }

        /// With so many heads.
        public Form heads(int n) {
            return new Form(kind, vocabulary, classes, width, layers, n, dropout);
        }

        /// With another share dropped.
        public Form dropout(double share) {
            return new Form(kind, vocabulary, classes, width, layers, heads, share);
        }

        private ContextLayer encoder(Init init) {
            return switch (kind) {
                case BAG -> new Bag();
                case CNN -> Windows.of(width, init);
                case TRANSFORMER ->
                        new Transformer(
                                new SinusoidalPositions(),
                                TransformerBlock.several(
                                        layers, width, new TransformerBlock.Form(heads).dropout(dropout), init),
                                new LayerNorm(width, init));
            };
        }

        private int features() {
            return kind == Kind.CNN ? Windows.SIZES.length * width : width;
        }
    }

    /// With new weights.
    public TextClassifier(Form form, Init init) {
        this(
                new Embedding(form.vocabulary + 1, form.width, init.with(Init.normal(STD))),
                new Dropout(form.dropout / 2),
                form.encoder(init),
                new Dropout(form.dropout),
                new Linear(form.features(), form.classes, init.with(Init.lecunNormal())));
    }

    /// The token that fills texts up.
    public int padding() {
        return tokens.weight().shape().dim(0) - 1;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Context context = Context.of().mask(x.ne(padding()));
        Tensor vectors = drop.apply(tokens.apply(x, pass), pass); // [B, T, C]
        return head.apply(dropout.apply(encoder.apply(vectors, context, pass), pass), pass);
    }

    // [B, T] of truth values -> [B, T, 1] of 0 and 1
    private static Tensor weight(Context context, Tensor like) {
        return context.mask().orElseThrow().to(like.type()).unsqueeze(2);
    }

    // The mean over the steps that are real; 0 where none is.
    private static Tensor mean(Tensor x, Context context) {
        Tensor real = weight(context, x);
        return x.mul(real).sum(1).div(real.sum(1).maximum(1));
    }

    /// The mean of the tokens' vectors.
    public record Bag() implements ContextLayer {
        @Override
        public Tensor forward(Tensor x, Context context, Pass pass) {
            return mean(x, context);
        }
    }

    /// Convolutions of several widths, ReLU, and the largest value of each channel.
    ///
    /// @param convolutions one for each width
    public record Windows(List<Conv1d> convolutions) implements ContextLayer {
        private static final int[] SIZES = {2, 3, 4, 5};

        static Windows of(int width, Init init) {
            Conv same = new Conv().padding(Padding.SAME);
            return new Windows(
                    IntStream.of(SIZES).mapToObj(n -> new Conv1d(width, width, n, same, init)).toList());
        }

        @Override
        public Tensor forward(Tensor x, Context context, Pass pass) {
            Tensor real = weight(context, x);
            Tensor seen = x.mul(real); // padding looks as what lies beyond a text's end
            List<Tensor> parts = new ArrayList<>();
            for (Conv1d c : convolutions) {
                parts.add(c.apply(seen, pass).relu().mul(real).max(1)); // nothing is below 0
            }
            return Tensor.concat(1, parts.toArray(Tensor[]::new));
        }
    }

    /// Transformer blocks, a norm, and the mean of the steps.
    ///
    /// @param positions of the steps
    /// @param blocks one after the other
    /// @param norm behind them
    public record Transformer(SinusoidalPositions positions, List<TransformerBlock> blocks, LayerNorm norm)
            implements ContextLayer {
        @Override
        public Tensor forward(Tensor x, Context context, Pass pass) {
            Tensor y = positions.apply(x, pass);
            for (TransformerBlock block : blocks) {
                y = block.apply(y, context, pass);
            }
            return mean(norm.apply(y, pass), context);
        }
    }
}
