package adjoint.lab;

import adjoint.nn.Activation;
import adjoint.nn.Checkpoint;
import adjoint.nn.Flatten;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.ReZero;
import adjoint.nn.Sequential;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;

/// A narrow residual network of very many layers, each of them `x + α relu(W x + b)` with α = 0 at first and orthogonal W, recomputed
/// in the backward pass section by section: about √depth activations are kept instead of one for each layer.
///
/// @param flatten makes a row of an image
/// @param first from pixels to the width of the others, with a rectifier behind it
/// @param sections of about √depth layers
/// @param head logits
record NarrowNet(Flatten flatten, Linear first, List<Layer> sections, Linear head) implements Layer {
    /// @param depth how many residual layers
    NarrowNet(int depth, int width, Init init) {
        this(
                new Flatten(),
                new Linear(784, width, init.with(Init.heNormal())),
                sections(depth, width, init),
                new Linear(width, 10, init.with(Init.lecunNormal())));
    }

    /// One of the layers, without what it is added to.
    ///
    /// @param linear the weights
    record Unit(Linear linear) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return Activation.RELU.apply(linear.apply(x, pass), pass);
        }
    }

    private static List<Layer> sections(int depth, int width, Init init) {
        Init orthogonal = init.with(Init.orthogonal(Math.sqrt(2)));
        int length = (int) Math.max(1, Math.round(Math.sqrt(depth)));
        List<Layer> sections = new ArrayList<>();
        for (int from = 0; from < depth; from += length) {
            List<Layer> layers = new ArrayList<>();
            for (int i = from; i < Math.min(depth, from + length); i++) {
                layers.add(new ReZero(new Unit(new Linear(width, width, orthogonal)), init));
            }
            sections.add(Checkpoint.of(Sequential.of(layers.toArray(Layer[]::new))));
        }
        return List.copyOf(sections);
    }

    /// The same weights, with nothing between the first layer and the head.
    NarrowNet withoutSections() {
        return new NarrowNet(flatten, first, List.of(), head);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = Activation.RELU.apply(first.apply(flatten.apply(x, pass), pass), pass);
        for (Layer section : sections) {
            y = section.apply(y, pass);
        }
        return head.apply(y, pass);
    }

    @Override
    public String toString() {
        return "NarrowNet";
    }
}
