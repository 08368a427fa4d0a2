package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.List;

/// Layers one after the other: each takes the output of the one before. Parameters are named `layers.0.weight`.
///
/// @param layers the layers; none gives the identity
public record Sequential(List<Layer> layers) implements ContextLayer {
    /// Copies the list.
    public Sequential {
        layers = List.copyOf(layers);
    }

    /// Layers one after the other.
    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        Tensor y = x;
        for (int i = 0; i < layers.size(); i++) {
            y = pass.into("layers." + i, layers.get(i)).run(y, context); // by index, since one layer may come twice
        }
        return y;
    }

    @Override
    public String toString() {
        return "Sequential(" + layers.size() + ")";
    }
}
