package adjoint.bench.model;

import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.MaxPool;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Tensor;

/// Two convolutions with pooling and two linear layers, wider than LeCun et al. 1998.
///
/// Shapes: `[N, 28, 28, 1]` to `[N, 10]`.
///
/// @param first 5x5, 1 to 32 channels
/// @param second 5x5, 32 to 64 channels
/// @param pool 2x2, behind each convolution
/// @param hidden 3136 to 512
/// @param head 512 to 10
public record LeNet(Conv2d first, Conv2d second, MaxPool pool, Linear hidden, Linear head) implements Layer {
    /// With new weights.
    public static LeNet of(Init init) {
        var same = new Conv().padding(Padding.SAME);
        return new LeNet(
                new Conv2d(1, 32, 5, same, init),
                new Conv2d(32, 64, 5, same, init),
                new MaxPool(2),
                new Linear(3136, 512, init),
                new Linear(512, 10, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = pool.apply(first.apply(x, pass).relu(), pass);
        y = pool.apply(second.apply(y, pass).relu(), pass);
        return head.apply(hidden.apply(y.flatten(1), pass).relu(), pass);
    }
}
