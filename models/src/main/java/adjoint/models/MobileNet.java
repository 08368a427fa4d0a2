package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.Dropout;
import adjoint.nn.GlobalAveragePool;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.Residual;
import adjoint.nn.Sequential;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;

/// MobileNetV2 (Sandler et al. 2018, "Inverted residuals and linear bottlenecks", table 2): blocks that widen their input, look at
/// each channel for itself, and narrow it again without an activation; for small machines.
///
/// ```java
/// var large = new MobileNet(3, 1000, new MobileNet.Form(), Init.seeded(1)); // 3,504,872 parameters
/// var small = new MobileNet(3, 10, new MobileNet.Form().small(true).width(0.5), Init.seeded(1));
/// ```
/// Shapes: `[N, H, W, channels]` to `[N, classes]`, any height and width.
///
/// @param stem the first convolution
/// @param blocks inverted residuals
/// @param last widens what they give
/// @param mean over places
/// @param dropout in front of the head
/// @param head logits
public record MobileNet(
        ConvUnit stem, List<Layer> blocks, ConvUnit last, GlobalAveragePool mean, Dropout dropout, Linear head)
        implements Layer {
    private static final int FIRST = 32;
    private static final int LAST = 1280;
    private static final int DIVISOR = 8; // of every number of channels
    private static final List<Stage> STAGES =
            List.of(
                    new Stage(1, 16, 1, 1),
                    new Stage(6, 24, 2, 2),
                    new Stage(6, 32, 3, 2),
                    new Stage(6, 64, 4, 2),
                    new Stage(6, 96, 3, 1),
                    new Stage(6, 160, 3, 2),
                    new Stage(6, 320, 1, 1));

    private record Stage(int expansion, int channels, int count, int stride) {}

    /// How large it is.
    ///
    /// @param width a factor for the number of channels, which are rounded to multiples of 8
    /// @param small whether it is for small images: without the strides of the stem and of the first stage that has one, it
    ///     divides the side by 8 instead of 32
    /// @param activation ReLU6 in the paper
    /// @param dropout in front of the head
    public record Form(double width, boolean small, Activation activation, double dropout) {
        /// As in the paper, with a dropout of 0.2.
        public Form() {
            this(1, false, Activation.RELU6, 0.2);
        }

        /// With so many times the channels.
        public Form width(double factor) {
            return new Form(factor, small, activation, dropout);
        }

        /// For small images, or large ones.
        public Form small(boolean yes) {
            return new Form(width, yes, activation, dropout);
        }

        /// With another activation.
        public Form activation(Activation other) {
            return new Form(width, small, other, dropout);
        }

        /// With another dropout.
        public Form dropout(double share) {
            return new Form(width, small, activation, share);
        }

        // To the nearest multiple, but not below nine tenths, as in the authors' network.
        private int channels(int ofPaper) {
            double wanted = ofPaper * width;
            int rounded = Math.max(DIVISOR, (int) (wanted + DIVISOR / 2.0) / DIVISOR * DIVISOR);
            return rounded < 0.9 * wanted ? rounded + DIVISOR : rounded;
        }
    }

    /// Copies the list.
    public MobileNet {
        blocks = List.copyOf(blocks);
    }

    /// With new weights.
    public MobileNet(int channels, int classes, Form form, Init init) {
        this(
                ConvUnit.normed(channels, form.channels(FIRST), 3, form.small ? 1 : 2, form.activation, init),
                blocks(form, init),
                ConvUnit.normed(form.channels(STAGES.getLast().channels), last(form), 1, 1, form.activation, init),
                new GlobalAveragePool(),
                new Dropout(form.dropout),
                new Linear(last(form), classes, init.with(Init.lecunNormal())));
    }

    // A narrower network keeps the last width.
    private static int last(Form form) {
        return form.width > 1 ? form.channels(LAST) : LAST;
    }

    private static List<Layer> blocks(Form form, Init init) {
        List<Layer> blocks = new ArrayList<>();
        int in = form.channels(FIRST);
        for (Stage stage : STAGES) {
            int out = form.channels(stage.channels);
            for (int i = 0; i < stage.count; i++) {
                boolean keep = i > 0 || form.small && stage == STAGES.get(1);
                blocks.add(inverted(in, out, stage.expansion, keep ? 1 : stage.stride, form.activation, init));
                in = out;
            }
        }
        return blocks;
    }

    /// A block of the paper's table 1: 1x1 to `expansion · in` channels, 3x3 of each channel, 1x1 to `out`; beside a shortcut, if
    /// it changes no size.
    static Layer inverted(int in, int out, int expansion, int stride, Activation activation, Init init) {
        int inner = in * expansion;
        List<Layer> units = new ArrayList<>();
        if (expansion > 1) {
            units.add(ConvUnit.normed(in, inner, 1, 1, activation, init));
        }
        units.add(ConvUnit.depthwise(inner, 3, stride, activation, init));
        units.add(ConvUnit.normed(inner, out, 1, 1, Activation.IDENTITY, init));
        var block = new Sequential(units);
        return stride == 1 && in == out ? new Residual(block) : block;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = stem.apply(x, pass);
        for (Layer block : blocks) {
            y = block.apply(y, pass);
        }
        y = mean.apply(last.apply(y, pass), pass); // [N, H, W, C] -> [N, C]
        return head.apply(dropout.apply(y, pass), pass);
    }

    @Override
    public String toString() {
        return "MobileNet(" + blocks.size() + " blocks)";
    }
}
