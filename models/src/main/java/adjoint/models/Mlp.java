package adjoint.models;

import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Dropout;
import adjoint.nn.Flatten;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.Residual;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// A multilayer perceptron of any depth (Rumelhart, Hinton & Williams 1986): hidden layers one after the other, each of which
/// every neuron sees all of the layer before, and a head.
///
/// Shapes: `[N, …]`, flattened to `[N, in]`, to `[N, out]`.
///
/// @param flatten makes a row of an example
/// @param hidden the hidden layers
/// @param head logits of classes, or numbers to be predicted
public record Mlp(Flatten flatten, List<Layer> hidden, Linear head) implements Layer {

    /// What the hidden layers are made of.
    ///
    /// @param activation after each of them
    /// @param scheme of their first weights; usually He normal with the activation's gain
    /// @param norm whether a batch norm stands in front of the activation
    /// @param residual whether what goes into a layer is added to what comes out, where the sizes are alike
    /// @param dropout the share of outputs dropped in training
    public record Form(
            Activation activation, Optional<Init.Scheme> scheme, boolean norm, boolean residual, double dropout) {
        /// ReLU, and nothing else.
        public Form() {
            this(Activation.RELU, Optional.empty(), false, false, 0);
        }

        /// With another activation.
        public Form activation(Activation other) {
            return new Form(other, scheme, norm, residual, dropout);
        }

        /// With another scheme for the first weights of the hidden layers.
        public Form scheme(Init.Scheme other) {
            return new Form(activation, Optional.of(other), norm, residual, dropout);
        }

        /// With or without batch norm.
        public Form norm(boolean yes) {
            return new Form(activation, scheme, yes, residual, dropout);
        }

        /// With or without residual connections.
        public Form residual(boolean yes) {
            return new Form(activation, scheme, norm, yes, dropout);
        }

        /// With dropout.
        public Form dropout(double share) {
            return new Form(activation, scheme, norm, residual, share);
        }
    }

    /// One hidden layer: a weighted sum, normalized if there is a norm, and the activation.
    ///
    /// @param linear the weights
    /// @param norm behind them, if there is one
    /// @param activation behind that
    /// @param dropout behind that
    public record Block(Linear linear, Optional<BatchNorm> norm, Activation activation, Dropout dropout)
            implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = linear.apply(x, pass);
            if (norm.isPresent()) {
                y = norm.get().apply(y, pass);
            }
            return dropout.apply(activation.apply(y, pass), pass);
        }

        @Override
        public String toString() {
            return "Block(" + linear.in() + " -> " + linear.out() + ")";
        }
    }

    /// Copies the list.
    public Mlp {
        hidden = List.copyOf(hidden);
    }

    /// With hidden layers of these sizes and new weights; the head's have variance `1 / in`.
    ///
    /// @throws ShapeException if a size is below 1
    public Mlp(int in, List<Integer> sizes, int out, Form form, Init init) {
        this(new Flatten(), hidden(in, sizes, form, init), head(in, sizes, out, init));
    }

    /// `depth` hidden layers, all of one width.
    public static Mlp deep(int in, int width, int depth, int out, Form form, Init init) {
        return new Mlp(in, Collections.nCopies(depth, width), out, form, init);
    }

    private static Linear head(int in, List<Integer> sizes, int out, Init init) {
        return new Linear(sizes.isEmpty() ? in : sizes.getLast(), out, init.with(Init.lecunNormal()));
    }

    private static List<Layer> hidden(int in, List<Integer> sizes, Form form, Init init) {
        Init weights = init.with(form.scheme.orElseGet(() -> Init.heNormal(form.activation.gain())));
        List<Layer> layers = new ArrayList<>();
        int width = in;
        for (int size : sizes) {
            Linear linear = form.norm ? Linear.withoutBias(width, size, weights) : new Linear(width, size, weights);
            Optional<BatchNorm> norm = form.norm ? Optional.of(new BatchNorm(size, init)) : Optional.empty();
            Layer block = new Block(linear, norm, form.activation, new Dropout(form.dropout));
            layers.add(form.residual && size == width ? new Residual(block) : block);
            width = size;
        }
        return layers;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = flatten.apply(x, pass); // [N, …] -> [N, in]
        for (Layer layer : hidden) {
            y = layer.apply(y, pass);
        }
        return head.apply(y, pass); // [N, out]
    }

    @Override
    public String toString() {
        return "Mlp(" + hidden.size() + " hidden, " + Shape.of(head.in(), head.out()) + ")";
    }
}
