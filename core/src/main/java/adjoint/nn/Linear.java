package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// `y = x W + b`: every output is a weighted sum of all inputs (also called dense or fully connected).
///
/// Shapes: x `[…, in]`, weight `[in, out]`, bias `[out]`, y `[…, out]`; any leading axes.
///
/// @param weight `[in, out]`
/// @param bias `[out]`, if there is one
public record Linear(Parameter weight, Optional<Parameter> bias) implements Layer {
    /// @throws ShapeException if weight and bias do not fit together
    public Linear {
        if (weight.shape().rank() != 2) {
            throw new ShapeException("Linear needs a weight [in, out], got " + weight.shape());
        }
        int out = weight.shape().dim(1);
        bias.ifPresent(b -> {
            if (b.shape().rank() != 1 || b.shape().dim(0) != out) {
                throw new ShapeException(
                        "Linear with a weight " + weight.shape() + " needs a bias [" + out + "], got " + b.shape());
            }
        });
    }

    /// With a bias that starts at 0.
    public Linear(int in, int out, Init init) {
        this(weight(in, out, init), Optional.of(Parameter.of(init.bias(out))));
    }

    /// Without a bias: `y = x W`.
    public static Linear withoutBias(int in, int out, Init init) {
        return new Linear(weight(in, out, init), Optional.empty());
    }

    private static Parameter weight(int in, int out, Init init) {
        if (in < 1 || out < 1) {
            throw new ShapeException("Linear needs sizes of 1 or more, got " + in + " -> " + out);
        }
        return Parameter.of(init.weight(in, out, in, out));
    }

    /// The number of inputs.
    public int in() {
        return weight.shape().dim(0);
    }

    /// The number of outputs.
    public int out() {
        return weight.shape().dim(1);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        require(this, weight, x);
        Tensor y = x.matmul(weight.value()); // […, in] · [in, out] -> […, out]
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    /// Refuses an input that does not fit the layer.
    static void require(Layer layer, Parameter weight, Tensor x) {
        int in = weight.shape().dim(0);
        if (x.shape().rank() == 0 || x.dim(-1) != in) {
            throw new ShapeException(
                    layer + " needs a last dimension of " + in + ", got " + x.shape() + remedy(x.shape(), in));
        }
        if (x.type() != weight.type()) {
            throw new ShapeException(
                    layer + " has weights of " + weight.type() + ", got " + x.spec() + ": use to(DType)");
        }
    }

    private static String remedy(Shape got, int in) {
        boolean unflattened = got.rank() > 2 && got.dim(0) > 0 && got.size() == (long) got.dim(0) * in;
        return unflattened ? ": flatten it first with flatten(1)" : "";
    }

    @Override
    public String toString() {
        return "Linear(" + in() + " -> " + out() + (bias.isPresent() ? ")" : ", no bias)");
    }
}
