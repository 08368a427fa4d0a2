package adjoint.bench.model;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;

/// Linear layers with ReLU between them.
///
/// @param layers each as wide as the next one's input
public record Mlp(List<Linear> layers) implements Layer {
    /// A network whose layers have these widths, the input's first.
    public static Mlp of(Init init, int... widths) {
        List<Linear> layers = new ArrayList<>();
        for (int i = 1; i < widths.length; i++) {
            layers.add(new Linear(widths[i - 1], widths[i], init));
        }
        return new Mlp(List.copyOf(layers));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = layers.getFirst().apply(x, pass);
        for (Linear layer : layers.subList(1, layers.size())) {
            y = layer.apply(y.relu(), pass);
        }
        return y;
    }
}
