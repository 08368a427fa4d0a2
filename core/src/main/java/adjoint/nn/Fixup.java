package adjoint.nn;

import adjoint.tensor.AdjointException;

import java.util.ArrayList;
import java.util.List;

/// Branches of deep residual networks that train without normalization (Zhang et al. 2019, "Fixup initialization"). In
/// each of L branches with m layers of weights
///
/// - all but the last start as usual (He normal, unless the [Init] has another scheme), times `L^(-1 / (2m - 2))`,
/// - the last starts at 0, as should the network's head,
/// - a learned number is added in front of each layer of weights and each activation, and behind the last, where one
///   multiplies too.
///
/// ```java
/// var fixup = new Fixup(50);
/// Layer block = new Residual(fixup.branch(init,
///         i -> Conv2d.withoutBias(16, 16, 3, same, i),
///         i -> Conv2d.withoutBias(16, 16, 3, same, i)));
/// ```
/// A shortcut that changes the shape is a convolution without a norm. The learned numbers train better at a tenth of the
/// learning rate (as in the authors' own training): `optimizer.group(n -> !n.endsWith("weight"), r -> r.scheduled(r.rate().times(0.1)))`.
///
/// @param branches L, in the whole network
/// @param activation between the layers of weights
public record Fixup(int branches, Layer activation) {
    /// @throws AdjointException if there are no branches
    public Fixup {
        if (branches < 1) {
            throw new AdjointException("Fixup needs the number of branches of the network, 1 or more, got " + branches);
        }
    }

    /// With ReLU between the layers.
    public Fixup(int branches) {
        this(branches, Activation.RELU);
    }

    /// This with another activation.
    public Fixup activation(Layer other) {
        return new Fixup(branches, other);
    }

    /// Makes a layer of weights, without a bias, that starts as it is told.
    @FunctionalInterface
    public interface Weights {
        /// The layer.
        Layer of(Init init);
    }

    /// What the weights of a branch with m layers of them are multiplied by: `L^(-1 / (2m - 2))`.
    public double factor(int layers) {
        return layers < 2 ? 1 : Math.pow(branches, -1.0 / (2 * layers - 2)); // one layer is the last, which is 0
    }

    /// One branch, to go into a [Residual].
    ///
    /// @param weights its layers of weights, first to last
    public Sequential branch(Init init, Weights... weights) {
        if (weights.length == 0) {
            throw new AdjointException("a Fixup branch needs a layer of weights or more, got none");
        }
        Init scaled = init.scaled(factor(weights.length));
        Init zero = init.with(Init.zeros());
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            layers.add(new ScalarBias(init));
            layers.add(weights[i].of(i + 1 < weights.length ? scaled : zero));
            if (i + 1 < weights.length) {
                layers.add(new ScalarBias(init));
                layers.add(activation);
            }
        }
        layers.add(new ScalarScale(init));
        layers.add(new ScalarBias(init));
        return new Sequential(layers);
    }
}
