package adjoint.models;

import adjoint.io.SafeTensors;
import adjoint.nn.Activation;
import adjoint.nn.Context;
import adjoint.nn.ContextLayer;
import adjoint.nn.Dropout;
import adjoint.nn.Embedding;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.LayerNorm;
import adjoint.nn.LearnedPositions;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.TiedHead;
import adjoint.nn.TransformerBlock;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.text.LanguageModel;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// A generative pre-trained Transformer (Radford et al. 2019): token and position embeddings, causal blocks with the norms first, a
/// last norm and a linear head.
///
/// ```java
/// var gpt = new Gpt(new Gpt.Form(tokenizer.size(), 64).layers(4).heads(4).width(128), Init.seeded(1));
/// Gpt gpt2 = Gpt.gpt2(SafeTensors.read(Path.of("gpt2/model.safetensors")));
/// ```
/// Weights start as GPT-2's: `N(0, 0.02²)`, those of the layers that are added to the shortcuts `1 / √(2 layers)` times as large.
/// Recipe for small texts: AdamW with β = (0.9, 0.99), rate 3e-3 with warm-up and cosine to a tenth, decay 0.1 for matrices only.
///
/// Shapes: ids `[B, T]` with T at most the context, logits `[B, T, V]`.
///
/// @param tokens a vector for each token
/// @param positions a vector for each step
/// @param dropout behind the sum of both
/// @param blocks one after the other
/// @param norm behind them
/// @param head logits: a [Linear], or a [TiedHead] of the tokens' vectors
public record Gpt(
        Embedding tokens,
        LearnedPositions positions,
        Dropout dropout,
        List<TransformerBlock> blocks,
        LayerNorm norm,
        Layer head)
        implements LanguageModel, ContextLayer {
    private static final double STD = 0.02;
    private static final int GPT2_HEAD = 64; // the width of a head, in GPT-2 of all sizes

    /// What a GPT is made of.
    ///
    /// @param vocabulary how many tokens it knows
    /// @param context how many tokens it sees
    /// @param layers blocks
    /// @param heads of each attention
    /// @param width of the vectors
    /// @param dropout in training
    /// @param hasBias whether linear layers have biases
    /// @param isTied whether the head has the weights of the tokens' vectors
    /// @param activation of the perceptrons
    public record Form(
            int vocabulary,
            int context,
            int layers,
            int heads,
            int width,
            double dropout,
            boolean hasBias,
            boolean isTied,
            Activation activation) {
        /// @throws ShapeException if a number is below 1
        public Form {
            if (vocabulary < 1 || context < 1 || layers < 1 || heads < 1 || width < 1) {
                throw new ShapeException(
                        "a GPT needs numbers of 1 or more, got vocabulary %d, context %d, %d layers, %d heads, width %d"
                                .formatted(vocabulary, context, layers, heads, width));
            }
        }

        /// As nanoGPT's smallest: 4 layers, 4 heads, width 128, no dropout, no biases, a tied head, GELU.
        public Form(int vocabulary, int context) {
            this(vocabulary, context, 4, 4, 128, 0, false, true, Activation.GELU);
        }

        /// With so many blocks.
        public Form layers(int n) {
            return new Form(vocabulary, context, n, heads, width, dropout, hasBias, isTied, activation);
        }

        /// With so many heads.
        public Form heads(int n) {
            return new Form(vocabulary, context, layers, n, width, dropout, hasBias, isTied, activation);
        }

        /// With vectors of this width.
        public Form width(int n) {
            return new Form(vocabulary, context, layers, heads, n, dropout, hasBias, isTied, activation);
        }

        /// With dropout.
        public Form dropout(double share) {
            return new Form(vocabulary, context, layers, heads, width, share, hasBias, isTied, activation);
        }

        /// With or without biases in linear layers.
        public Form biases(boolean yes) {
            return new Form(vocabulary, context, layers, heads, width, dropout, yes, isTied, activation);
        }

        /// With a head that has the tokens' vectors as its weights, or one of its own.
        public Form tied(boolean yes) {
            return new Form(vocabulary, context, layers, heads, width, dropout, hasBias, yes, activation);
        }

        /// With another activation.
        public Form activation(Activation f) {
            return new Form(vocabulary, context, layers, heads, width, dropout, hasBias, isTied, f);
        }

        private List<TransformerBlock> blocks(Init init) {
            var form =
                    new TransformerBlock.Form(heads)
                            .causal()
                            .dropout(dropout)
                            .activation(activation)
                            .outputScale(1 / Math.sqrt(2.0 * layers));
            return TransformerBlock.several(layers, width, hasBias ? form : form.withoutBias(), init);
        }
    }

    /// With new weights.
    public Gpt(Form form, Init init) {
        this(form, init.with(Init.normal(STD)), new Embedding(form.vocabulary, form.width, init.with(Init.normal(STD))));
    }

    private Gpt(Form form, Init init, Embedding tokens) {
        this(
                tokens,
                new LearnedPositions(form.context, form.width, init),
                new Dropout(form.dropout),
                form.blocks(init),
                new LayerNorm(form.width, init),
                form.isTied ? TiedHead.of(tokens) : Linear.withoutBias(form.width, form.vocabulary, init));
    }

    @Override
    public int vocabulary() {
        return tokens.weight().shape().dim(0);
    }

    @Override
    public int context() {
        return positions.most();
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        return logits(hidden(x, context, pass), pass);
    }

    private Tensor logits(Tensor hidden, Pass pass) {
        return head.apply(norm.apply(hidden, pass), pass);
    }

    private Tensor hidden(Tensor x, Context context, Pass pass) {
        Tensor y = dropout.apply(positions.apply(tokens.apply(x, pass), context, pass), pass);
        for (TransformerBlock block : blocks) {
            y = block.apply(y, context, pass);
        }
        return y;
    }

    // What writes reads only the end: a prompt's other logits would be as wide as the vocabulary for nothing.
    private record Last(Gpt gpt) implements ContextLayer {
        @Override
        public Tensor forward(Tensor x, Context context, Pass pass) {
            Pass inside = pass.into(gpt);
            Tensor y = gpt.hidden(x, context, inside);
            return gpt.logits(y.slice(1, x.dim(1) - 1, x.dim(1)), inside); // [B, 1, V]
        }
    }

    @Override
    public Reading reading(Evaluator evaluator) {
        return new CachedReading(new Last(this), context(), evaluator);
    }

    /// GPT-2 with its published weights, from a safetensors file with the names that Hugging Face gives them. What stands in the
    /// file besides (the masks of old versions) is passed over. Heads are 64 wide, as in GPT-2 of all sizes.
    ///
    /// @throws ShapeException if the file is no GPT-2
    /// @throws IOException if it cannot be read
    public static Gpt gpt2(SafeTensors file) throws IOException {
        String prefix = file.specs().containsKey("transformer.wte.weight") ? "transformer." : "";
        int[] embedding = dims(file, prefix + "wte.weight");
        int layers = 0;
        while (file.specs().containsKey(prefix + "h." + layers + ".ln_1.weight")) {
            layers++;
        }
        if (embedding[1] % GPT2_HEAD != 0) {
            throw new ShapeException(
                    "the file is no GPT-2: its heads are " + GPT2_HEAD + " wide, which does not divide " + embedding[1]);
        }
        Form form =
                new Form(embedding[0], dims(file, prefix + "wpe.weight")[0])
                        .layers(layers)
                        .width(embedding[1])
                        .heads(embedding[1] / GPT2_HEAD)
                        .biases(true)
                        .activation(Activation.GELU_TANH);
        var gpt = new Gpt(form, Init.blank());
        SequencedMap<String, Parameter> named = new LinkedHashMap<>();
        gpt.parameters().forEach((name, p) -> named.put(prefix + gpt2Name(name), p));
        for (Map.Entry<String, Parameter> e : named.entrySet()) {
            if (!Arrays.equals(dims(file, e.getKey()), e.getValue().shape().dims())) {
                throw new ShapeException(
                        "the file is no GPT-2: '%s' has the shape %s, expected %s"
                                .formatted(e.getKey(), file.specs().get(e.getKey()).shape(), e.getValue().shape()));
            }
        }
        file.loadFitting(named);
        return gpt;
    }

    private static int[] dims(SafeTensors file, String name) {
        if (!file.specs().containsKey(name)) {
            throw new ShapeException("the file is no GPT-2: it has no '" + name + "'");
        }
        return file.specs().get(name).shape().dims();
    }

    // blocks.3.forward.up.weight -> h.3.mlp.c_fc.weight
    private static String gpt2Name(String name) {
        return name.replace("tokens.", "wte.")
                .replace("positions.", "wpe.")
                .replace("blocks.", "h.")
                .replace("attentionNorm.", "ln_1.")
                .replace("attention.in.", "attn.c_attn.")
                .replace("attention.out.", "attn.c_proj.")
                .replace("forwardNorm.", "ln_2.")
                .replace("forward.up.", "mlp.c_fc.")
                .replace("forward.down.", "mlp.c_proj.")
                .replaceFirst("^norm\\.", "ln_f.");
    }

    @Override
    public String toString() {
        return "Gpt(" + blocks.size() + " layers, width " + tokens.weight().shape().dim(1) + ")";
    }
}
