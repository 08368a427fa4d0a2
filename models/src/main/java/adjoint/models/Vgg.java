package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.GlobalAveragePool;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Padding;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Networks of 3x3 convolutions alone (Simonyan & Zisserman 2015, "Very deep convolutional networks for large-scale image
/// recognition", table 1: A, B, D and E), with batch norm, as they are used for CIFAR: the mean over the places that are left and
/// one linear layer, instead of 120 million parameters of a perceptron.
///
/// ```java
/// var model = new Vgg(16, 3, 10, new Vgg.Form(), Init.seeded(1));
/// ```
/// Shapes: `[N, H, W, channels]` to `[N, classes]`, of any height and width (made for 32 and more).
///
/// @param features convolutions, with pooling after each stage
/// @param mean over places
/// @param classifier a head, behind hidden layers if there are any
public record Vgg(List<Layer> features, GlobalAveragePool mean, Mlp classifier) implements Layer {
    private static final Map<Integer, List<Integer>> STAGES =
            Map.of(
                    11, List.of(1, 1, 2, 2, 2),
                    13, List.of(2, 2, 2, 2, 2),
                    16, List.of(2, 2, 3, 3, 3),
                    19, List.of(2, 2, 4, 4, 4));
    private static final int FIRST = 64; // channels, doubled from stage to stage ..
    private static final int MOST = 512; // .. up to so many

    /// What it is made of.
    ///
    /// @param norm whether a batch norm stands in front of each activation, instead of a bias
    /// @param activation after each convolution
    /// @param width a factor for the number of channels
    /// @param hidden sizes of hidden layers in front of the head
    /// @param dropout the share of their outputs dropped in training
    public record Form(boolean norm, Activation activation, double width, List<Integer> hidden, double dropout) {
        /// Batch norm and ReLU, no hidden layers.
        public Form() {
            this(true, Activation.RELU, 1, List.of(), 0);
        }

        /// With or without batch norm.
        public Form norm(boolean yes) {
            return new Form(yes, activation, width, hidden, dropout);
        }

        /// With another activation.
        public Form activation(Activation other) {
            return new Form(norm, other, width, hidden, dropout);
        }

        /// With so many times the channels.
        public Form width(double factor) {
            return new Form(norm, activation, factor, hidden, dropout);
        }

        /// With hidden layers of these sizes in front of the head.
        public Form hidden(Integer... sizes) {
            return new Form(norm, activation, width, List.of(sizes), dropout);
        }

        /// With dropout behind the hidden layers.
        public Form dropout(double share) {
            return new Form(norm, activation, width, hidden, share);
        }

        private int channels(int stage) {
            return (int) Math.max(1, Math.round(Math.min(FIRST << stage, MOST) * width));
        }
    }

    /// Copies the list.
    public Vgg {
        features = List.copyOf(features);
    }

    /// With new weights.
    ///
    /// @throws AdjointException if the depth is not 11, 13, 16 or 19
    public Vgg(int depth, int channels, int classes, Form form, Init init) {
        this(features(depth, channels, form, init), new GlobalAveragePool(), classifier(classes, form, init));
    }

    private static List<Layer> features(int depth, int channels, Form form, Init init) {
        List<Integer> counts = STAGES.get(depth);
        if (counts == null) {
            throw new AdjointException("a VGG network has 11, 13, 16 or 19 layers, got " + depth);
        }
        List<Layer> layers = new ArrayList<>();
        int in = channels;
        for (int stage = 0; stage < counts.size(); stage++) {
            int out = form.channels(stage);
            for (int i = 0; i < counts.get(stage); i++) {
                layers.add(
                        form.norm
                                ? ConvUnit.normed(in, out, 3, 1, form.activation, init)
                                : ConvUnit.biased(in, out, 3, 1, form.activation, init));
                in = out;
            }
            layers.add(new MaxPool(Window.of(2).padding(Padding.SAME))); // an odd row is kept, so that small images last
        }
        return layers;
    }

    private static Mlp classifier(int classes, Form form, Init init) {
        var hidden = new Mlp.Form().activation(form.activation).dropout(form.dropout);
        return new Mlp(form.channels(STAGES.get(11).size() - 1), form.hidden, classes, hidden, init);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = x;
        for (Layer layer : features) {
            y = layer.apply(y, pass);
        }
        return classifier.apply(mean.apply(y, pass), pass); // [N, H, W, C] -> [N, C] -> [N, classes]
    }

    @Override
    public String toString() {
        return "Vgg(" + features.stream().filter(ConvUnit.class::isInstance).count() + " convolutions)";
    }
}
