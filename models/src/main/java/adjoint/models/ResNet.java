package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Checkpoint;
import adjoint.nn.GlobalAveragePool;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Residual networks (He et al. 2015, "Deep residual learning for image recognition"): blocks that learn what to add to
/// their input, so that depth does no harm.
///
/// ```java
/// var small = ResNet.cifar(20, 3, 10, new ResNet.Form(), Init.seeded(1));
/// var large = ResNet.imageNet(50, 3, 1000, new ResNet.Form(), Init.seeded(1));
/// ```
/// Shapes: `[N, H, W, channels]` to `[N, classes]`, any height and width; made for 32x32 and 224x224.
///
/// @param stem the first convolution
/// @param pool behind it, for large images
/// @param blocks of two or three convolutions each
/// @param norm behind the last block, in the pre-activation form
/// @param activation behind that norm
/// @param mean over the places that are left
/// @param head logits
/// @param checkpoints whether blocks are computed again in the backward pass
public record ResNet(
        ConvUnit stem,
        Optional<MaxPool> pool,
        List<ResidualBlock> blocks,
        Optional<BatchNorm> norm,
        Activation activation,
        GlobalAveragePool mean,
        Linear head,
        boolean checkpoints)
        implements Layer {
    private static final Map<Integer, List<Integer>> STAGES =
            Map.of(18, List.of(2, 2, 2, 2), 34, List.of(3, 4, 6, 3), 50, List.of(3, 4, 6, 3)); // table 1

    /// What a block's output is added to, where the size changes (section 3.3); elsewhere the input is, as it is.
    public enum Shortcut {
        /// The input at every other place, with zeros for the new channels: no parameters (option A).
        PAD,
        /// A convolution of 1x1 and a norm (option B); in the pre-activation form, norm, activation and the convolution.
        PROJECTION,
        /// Nothing, nowhere: the plain network that residual ones are compared with.
        NONE
    }

    /// What the blocks are made of.
    ///
    /// @param shortcut where the size changes; empty for the paper's choice: `PAD` for CIFAR, `PROJECTION` for ImageNet
    /// @param preActivation whether norm and activation stand in front of each convolution (He et al. 2016b, "Identity mappings
    ///     in deep residual networks")
    /// @param zero whether each block starts as its shortcut alone: its last norm's γ (Goyal et al. 2017, section 5.1), in
    ///     the pre-activation form its last kernel, is 0
    /// @param checkpoints whether blocks are computed again in the backward pass, in the memory of one
    /// @param activation ReLU in the paper
    /// @param width a factor for the number of channels (Zagoruyko & Komodakis 2016)
    public record Form(
            Optional<Shortcut> shortcut,
            boolean preActivation,
            boolean zero,
            boolean checkpoints,
            Activation activation,
            double width) {
        /// As in the paper.
        public Form() {
            this(Optional.empty(), false, false, false, Activation.RELU, 1);
        }

        /// With another shortcut where the size changes, or none anywhere.
        public Form shortcut(Shortcut other) {
            return new Form(Optional.of(other), preActivation, zero, checkpoints, activation, width);
        }

        /// With norm and activation in front of each convolution, or behind it.
        public Form preActivation(boolean yes) {
            return new Form(shortcut, yes, zero, checkpoints, activation, width);
        }

        /// With blocks that start as their shortcuts alone, or not.
        public Form zero(boolean yes) {
            return new Form(shortcut, preActivation, yes, checkpoints, activation, width);
        }

        /// With blocks that are computed again in the backward pass, or not. The parameters and their names are the same.
        public Form checkpoints(boolean yes) {
            return new Form(shortcut, preActivation, zero, yes, activation, width);
        }

        /// With another activation.
        public Form activation(Activation other) {
            return new Form(shortcut, preActivation, zero, checkpoints, other, width);
        }

        /// With so many times the channels.
        public Form width(double factor) {
            return new Form(shortcut, preActivation, zero, checkpoints, activation, factor);
        }

        private Form orElse(Shortcut ofPaper) {
            return shortcut.isPresent() ? this : shortcut(ofPaper);
        }

        private int channels(int ofPaper) {
            return (int) Math.max(1, Math.round(ofPaper * width));
        }
    }

    /// Copies the list.
    public ResNet {
        blocks = List.copyOf(blocks);
    }

    /// For small images (section 4.2): a stem of 3x3 and three stages of `(depth - 2) / 6` blocks, with 16, 32 and 64
    /// channels. The paper's depths are 20, 32, 44, 56, 110 and 1202.
    ///
    /// @throws AdjointException if the depth is not `6 n + 2`
    public static ResNet cifar(int depth, int channels, int classes, Form form, Init init) {
        int n = (depth - 2) / 6;
        if (n < 1 || depth != 6 * n + 2) {
            throw new AdjointException(
                    "a ResNet for CIFAR has 6 n + 2 layers (8, 14, 20, 32, 44, 56, 110, 1202 ..), got " + depth);
        }
        var stem = ConvUnit.normed(channels, form.channels(16), 3, 1, form.activation, init);
        return of(stem, Optional.empty(), List.of(n, n, n), false, form.orElse(Shortcut.PAD), classes, init);
    }

    /// For large images (table 1): a stem of 7x7 with pooling, and four stages with 64, 128, 256 and 512 channels: of basic
    /// blocks (18 and 34 layers) or of bottlenecks that give out four times as many (50).
    ///
    /// @throws AdjointException if the depth is another
    public static ResNet imageNet(int depth, int channels, int classes, Form form, Init init) {
        List<Integer> counts = STAGES.get(depth);
        if (counts == null) {
            throw new AdjointException("a ResNet for ImageNet has 18, 34 or 50 layers, got " + depth);
        }
        var stem = ConvUnit.normed(channels, form.channels(64), 7, 2, form.activation, init);
        var pool = Optional.of(new MaxPool(Window.of(3).stride(2).padding(1)));
        return of(stem, pool, counts, depth >= 50, form.orElse(Shortcut.PROJECTION), classes, init);
    }

    private static ResNet of(
            ConvUnit stem,
            Optional<MaxPool> pool,
            List<Integer> counts,
            boolean bottleneck,
            Form form,
            int classes,
            Init init) {
        List<ResidualBlock> blocks = new ArrayList<>();
        int in = stem.convolution().out();
        for (int stage = 0; stage < counts.size(); stage++) {
            int inner = stem.convolution().out() << stage; // from stage to stage, half the side and twice the channels
            int out = bottleneck ? 4 * inner : inner;
            for (int i = 0; i < counts.get(stage); i++) {
                var at = new ResidualBlock.Place(in, inner, out, stage > 0 && i == 0 ? 2 : 1, blocks.isEmpty());
                blocks.add(
                        bottleneck
                                ? ResidualBlock.bottleneck(at, form, init)
                                : ResidualBlock.basic(at, form, init));
                in = out;
            }
        }
        Optional<BatchNorm> norm = form.preActivation ? Optional.of(new BatchNorm(in, init)) : Optional.empty();
        var head = new Linear(in, classes, init.with(Init.lecunNormal()));
        return new ResNet(
                stem, pool, blocks, norm, form.activation, new GlobalAveragePool(), head, form.checkpoints);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = stem.apply(x, pass);
        if (pool.isPresent()) {
            y = pool.get().apply(y, pass);
        }
        for (ResidualBlock block : blocks) {
            // forward, not apply: the checkpoint enters no layer, so that names and paths are the same without it
            y = checkpoints ? Checkpoint.of(block).forward(y, pass) : block.apply(y, pass);
        }
        if (norm.isPresent()) {
            y = activation.apply(norm.get().apply(y, pass), pass);
        }
        return head.apply(mean.apply(y, pass), pass); // [N, H, W, C] -> [N, classes]
    }

    @Override
    public String toString() {
        return "ResNet(" + (2 + blocks.stream().mapToInt(b -> b.units().size()).sum()) + " layers)";
    }
}
