package adjoint.bench.model;

import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Conv;
import adjoint.tensor.Tensor;

/// Convolutions whose sizes divide by nothing that processors like.
///
/// Shapes: `[N, 27, 27, 3]` to `[N, 7]`.
///
/// @param first 3x3, 3 to 13 channels
/// @param second 3x3 with stride 2, 13 to 29 channels
/// @param third 5x5, 29 to 31 channels
/// @param head 31 to 7, of each channel's mean
public record OddConv(Conv2d first, Conv2d second, Conv2d third, Linear head) implements Layer {
    /// With new weights.
    public static OddConv of(Init init) {
        return new OddConv(
                new Conv2d(3, 13, 3, new Conv().padding(1), init),
                new Conv2d(13, 29, 3, new Conv().stride(2).padding(1), init),
                new Conv2d(29, 31, 5, new Conv().padding(2), init),
                new Linear(31, 7, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor y = first.apply(x, pass).relu(); // [N, 27, 27, 13]
        y = second.apply(y, pass).relu(); // [N, 14, 14, 29]
        y = third.apply(y, pass).relu();
        return head.apply(y.mean(1, 2), pass);
    }
}
