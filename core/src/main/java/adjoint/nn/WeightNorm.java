package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Conv;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.stream.IntStream;

/// A linear or convolutional layer whose weights are trained as direction and length (Salimans & Kingma 2016):
/// `w = g v / |v|`, for the weights of each output by themselves.
///
/// ```java
/// Layer layer = WeightNorm.of(new Linear(128, 64, init)); // computes the same as the layer, at first
/// ```
/// Shapes: those of the layer; v like its weight, `[…, in, out]`, g `[out]`.
///
/// @param direction v
/// @param length g `[out]`
/// @param bias `[out]`, if there is one
/// @param conv how it slides, if it is a convolution
public record WeightNorm(Parameter direction, Parameter length, Optional<Parameter> bias, Optional<Conv> conv)
        implements Layer {
    /// @throws ShapeException if the parameters do not fit together
    public WeightNorm {
        int least = conv.isPresent() ? 3 : 2;
        int rank = direction.shape().rank();
        if (rank < least || conv.isEmpty() && rank > 2) {
            throw new ShapeException(
                    "WeightNorm needs a direction [in, out], or with a convolution [window.., in, out], got "
                            + direction.shape());
        }
        requireVector("length", length, direction);
        bias.ifPresent(b -> requireVector("bias", b, direction));
    }

    private static void requireVector(String what, Parameter p, Parameter direction) {
        if (p.shape().rank() != 1 || p.shape().dim(0) != direction.shape().dim(-1)) {
            throw new ShapeException(
                    "WeightNorm with a direction "
                            + direction.shape()
                            + " needs a "
                            + what
                            + " ["
                            + direction.shape().dim(-1)
                            + "], got "
                            + p.shape());
        }
    }

    /// Starts as the layer, whose parameters it copies.
    ///
    /// @throws AdjointException if all weights of an output are 0, which have no direction
    public static WeightNorm of(Linear layer) {
        return of(layer.weight(), layer.bias(), Optional.empty());
    }

    /// Starts as the layer, whose parameters it copies.
    ///
    /// @throws AdjointException if all weights of an output are 0, which have no direction
    public static WeightNorm of(Conv1d layer) {
        return of(layer.weight(), layer.bias(), Optional.of(layer.conv()));
    }

    /// Starts as the layer, whose parameters it copies.
    ///
    /// @throws AdjointException if all weights of an output are 0, which have no direction
    public static WeightNorm of(Conv2d layer) {
        return of(layer.weight(), layer.bias(), Optional.of(layer.conv()));
    }

    private static WeightNorm of(Parameter weight, Optional<Parameter> bias, Optional<Conv> conv) {
        Tensor length = squares(weight.value()).sqrt();
        double[] lengths = length.toDoubles();
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] == 0) {
                throw new AdjointException(
                        "WeightNorm needs weights with a direction, got only zeros for output "
                                + i
                                + ": make the layer with another scheme than zeros");
            }
        }
        return new WeightNorm(
                Parameter.of(weight.value()), Parameter.of(length), bias.map(b -> Parameter.of(b.value())), conv);
    }

    private static Tensor squares(Tensor v) {
        return v.square().sum(IntStream.range(0, v.shape().rank() - 1).toArray()); // […, in, out] -> [out]
    }

    /// The weights that it computes with: `g v / |v|`.
    public Tensor weight() {
        Tensor v = direction.value();
        return v.mul(length.value().mul(squares(v).rsqrt()));
    }

    private int in() {
        return direction.shape().dim(-2) * conv.map(Conv::groups).orElse(1);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (conv.isPresent()) {
            ConvolutionParts.require(this, direction, x, in());
        } else {
            Linear.require(this, direction, x);
        }
        Tensor y = conv.isPresent() ? x.conv(weight(), conv.get()) : x.matmul(weight());
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    @Override
    public String toString() {
        return "WeightNorm(" + in() + " -> " + direction.shape().dim(-1) + ")";
    }
}
