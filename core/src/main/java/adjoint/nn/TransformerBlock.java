package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// One block of a Transformer (Vaswani et al. 2017): attention among the steps of the sequence, in a decoder also to a memory, and
/// a perceptron for each step; each beside a shortcut.
///
/// With the norms first, `x + f(norm(x))`, gradients reach the first block undiminished (Xiong et al. 2020); behind, as in the paper,
/// `norm(x + f(x))`.
///
/// ```java
/// var form = new TransformerBlock.Form(4).causal().dropout(0.1);
/// Layer block = TransformerBlock.of(128, form, init);
/// ```
/// Shapes: x and y `[B, T, C]`, a memory `[B, S, C]`.
///
/// @param attentionNorm of the attention
/// @param attention among the sequence's own steps
/// @param cross attention to the [Context]'s memory, with its norm
/// @param forwardNorm of the perceptron
/// @param forward the perceptron
/// @param isPreNorm whether the norms come first
/// @param dropout of what is added to the shortcut
public record TransformerBlock(
        Norm attentionNorm,
        MultiHeadAttention attention,
        Optional<Cross> cross,
        Norm forwardNorm,
        FeedForward forward,
        boolean isPreNorm,
        Dropout dropout)
        implements ContextLayer {

    /// Attention to a memory.
    ///
    /// @param norm of this attention
    /// @param attention to the memory
    public record Cross(Norm norm, MultiHeadAttention attention) {}

    /// The kind of a block, to start from and change: norms first, layer norms, GELU, biases, 4 times as wide inside.
    ///
    /// @param heads of the attention
    /// @param keyHeads of its keys and values
    /// @param widening the perceptron's hidden width over the block's
    /// @param activation of the perceptron
    /// @param isGated whether the perceptron has a gate
    /// @param isPreNorm whether the norms come first
    /// @param usesRmsNorm RMS norms instead of layer norms
    /// @param hasBias whether linear layers have biases
    /// @param isCausal whether a step sees only itself and earlier ones
    /// @param crosses whether there is attention to a memory
    /// @param dropout of attention weights, and of what is added to the shortcuts
    /// @param rotary positions of the attention
    /// @param outputScale a factor for the first weights of what is added to the shortcuts
    public record Form(
            int heads,
            int keyHeads,
            double widening,
            Activation activation,
            boolean isGated,
            boolean isPreNorm,
            boolean usesRmsNorm,
            boolean hasBias,
            boolean isCausal,
            boolean crosses,
            double dropout,
            Optional<Rotary> rotary,
            double outputScale) {

        /// With so many heads.
        public Form(int heads) {
            this(heads, heads, 4, Activation.GELU, false, true, false, true, false, false, 0, Optional.empty(), 1);
        }

        /// Groups of heads share keys and values.
        public Form keyHeads(int n) {
            return with(n, widening, activation, isGated, isPreNorm, usesRmsNorm, hasBias);
        }

        /// With another hidden width of the perceptron, over the block's.
        public Form widening(double factor) {
            return with(keyHeads, factor, activation, isGated, isPreNorm, usesRmsNorm, hasBias);
        }

        /// With another activation.
        public Form activation(Activation f) {
            return with(keyHeads, widening, f, isGated, isPreNorm, usesRmsNorm, hasBias);
        }

        /// A perceptron with a gate and SiLU, two thirds as wide inside, so that it has as many weights (Shazeer 2020).
        public Form swiGlu() {
            return with(keyHeads, widening * 2 / 3, Activation.SILU, true, isPreNorm, usesRmsNorm, hasBias);
        }

        /// With the norms behind the sums, as in the paper.
        public Form postNorm() {
            return with(keyHeads, widening, activation, isGated, false, usesRmsNorm, hasBias);
        }

        /// With RMS norms.
        public Form rmsNorm() {
            return with(keyHeads, widening, activation, isGated, isPreNorm, true, hasBias);
        }

        /// Linear layers without biases.
        public Form withoutBias() {
            return with(keyHeads, widening, activation, isGated, isPreNorm, usesRmsNorm, false);
        }

        /// A step sees only itself and earlier ones.
        public Form causal() {
            return with(true, crosses, dropout, rotary, outputScale);
        }

        /// With attention to a memory.
        public Form crossing() {
            return with(isCausal, true, dropout, rotary, outputScale);
        }

        /// With dropout.
        public Form dropout(double share) {
            return with(isCausal, crosses, share, rotary, outputScale);
        }

        /// With rotary positions.
        public Form rotary(Rotary positions) {
            return with(isCausal, crosses, dropout, Optional.of(positions), outputScale);
        }

        /// With first weights of what is added to the shortcuts so many times as large: GPT-2 has `1 / √(2 layers)`.
        public Form outputScale(double factor) {
            return with(isCausal, crosses, dropout, rotary, factor);
        }

        private Form with(
                int keys, double wide, Activation f, boolean gated, boolean pre, boolean rms, boolean biased) {
            return new Form(
                    heads, keys, wide, f, gated, pre, rms, biased, isCausal, crosses, dropout, rotary, outputScale);
        }

        private Form with(boolean causal, boolean cross, double drop, Optional<Rotary> turning, double scale) {
            return new Form(
                    heads,
                    keyHeads,
                    widening,
                    activation,
                    isGated,
                    isPreNorm,
                    usesRmsNorm,
                    hasBias,
                    causal,
                    cross,
                    drop,
                    turning,
                    scale);
        }

        private Linear linear(int in, int out, Init init) {
            return hasBias ? new Linear(in, out, init) : Linear.withoutBias(in, out, init);
        }

        private Norm norm(int width, Init init) {
            return usesRmsNorm ? new RmsNorm(width, init) : new LayerNorm(width, init);
        }

        private MultiHeadAttention attention(int width, boolean causal, Optional<Rotary> turning, Init init) {
            if (heads < 1 || keyHeads < 1 || width % heads != 0 || heads % keyHeads != 0) {
                throw new ShapeException(
                        "a TransformerBlock needs heads that divide its width, and key heads that divide the heads, got width "
                                + "%d, %d heads and %d key heads".formatted(width, heads, keyHeads));
            }
            return new MultiHeadAttention(
                    linear(width, (heads + 2 * keyHeads) * (width / heads), init),
                    linear(width, width, outputs(init)),
                    heads,
                    keyHeads,
                    causal,
                    dropout,
                    turning);
        }

        private FeedForward forward(int width, Init init) {
            int hidden = Math.max(1, (int) Math.round(widening * width));
            return new FeedForward(
                    linear(width, hidden, init),
                    isGated ? Optional.of(linear(width, hidden, init)) : Optional.empty(),
                    linear(hidden, width, outputs(init)),
                    activation);
        }

        private Init outputs(Init init) {
            return outputScale == 1 ? init : init.scaled(outputScale);
        }
    }

    /// A block of this width.
    ///
    /// @throws ShapeException if the heads do not divide the width
    public static TransformerBlock of(int width, Form form, Init init) {
        return new TransformerBlock(
                form.norm(width, init),
                form.attention(width, form.isCausal, form.rotary, init),
                form.crosses
                        ? Optional.of(
                                new Cross(form.norm(width, init), form.attention(width, false, Optional.empty(), init)))
                        : Optional.empty(),
                form.norm(width, init),
                form.forward(width, init),
                form.isPreNorm,
                new Dropout(form.dropout));
    }

    /// Several blocks of one form.
    public static List<TransformerBlock> several(int n, int width, Form form, Init init) {
        return Stream.generate(() -> of(width, form, init)).limit(n).toList();
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        Tensor y = beside(x, attentionNorm, z -> attention.apply(z, context.self(), pass), pass);
        if (cross.isPresent()) {
            if (context.memory().isEmpty()) {
                throw new ShapeException(
                        this + " looks at a memory, and there is none: use Context.of().memory(encoded)");
            }
            y = beside(y, cross.get().norm, z -> cross.get().attention.apply(z, context, pass), pass);
        }
        return beside(y, forwardNorm, z -> forward.apply(z, pass), pass);
    }

    private Tensor beside(Tensor x, Norm norm, UnaryOperator<Tensor> part, Pass pass) {
        if (isPreNorm) {
            return x.add(dropout.apply(part.apply(norm.apply(x, pass)), pass));
        }
        return norm.apply(x.add(dropout.apply(part.apply(x), pass)), pass);
    }

    @Override
    public String toString() {
        return "TransformerBlock(" + attention.heads() + " heads" + (cross.isPresent() ? ", crossing)" : ")");
    }
}
