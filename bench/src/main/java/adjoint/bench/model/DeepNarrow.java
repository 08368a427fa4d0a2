package adjoint.bench.model;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

import java.util.List;
import java.util.stream.Stream;

/// Many small layers with tanh: little to compute in each, all of it one after the other.
///
/// Shapes: `[N, width]` to `[N, classes]`.
///
/// @param layers all of one width
/// @param head logits
public record DeepNarrow(List<Linear> layers, Linear head) implements Layer {
    /// With new weights.
    public static DeepNarrow of(Init init, int depth, int width, int classes) {
        return new DeepNarrow(
                Stream.generate(() -> new Linear(width, width, init)).limit(depth).toList(),
                new Linear(width, classes, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = x;
        for (Linear layer : layers) {
            y = layer.apply(y, pass).tanh();
        }
        return head.apply(y, pass);
    }
}
