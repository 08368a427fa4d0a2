package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// `y = x Eᵀ + b`, with the weight E of an [Embedding]: a thing's logit is how well its vector fits x (Press & Wolf 2017; Inan et
/// al. 2017). A language model saves a matrix as large as its vocabulary by it.
///
/// ```java
/// record Model(Embedding embedding, RecurrentStack body, TiedHead head) implements Layer { … }
///
/// var embedding = new Embedding(words, 256, init.with(Init.normal(1 / 16.0))); // 1 / √width: logits of the size of x
/// new Model(embedding, RecurrentStack.lstm(256, 256, 2, 0.2, init), TiedHead.of(embedding));
/// ```
/// Shapes: x `[…, width]`, weight `[count, width]`, bias `[count]`, y `[…, count]`; any leading axes. In a model the weight is one
/// parameter under the name of the part that comes first, and its gradient is the sum over both uses.
///
/// @param weight the embedding's, `[count, width]`
/// @param bias `[count]`, if there is one
public record TiedHead(Parameter weight, Optional<Parameter> bias) implements Layer {
    /// @throws ShapeException if weight and bias do not fit together
    public TiedHead {
        if (weight.shape().rank() != 2) {
            throw new ShapeException("TiedHead needs a weight [count, width], got " + weight.shape());
        }
        Shape count = Shape.of(weight.shape().dim(0));
        bias.ifPresent(b -> {
            if (!b.shape().equals(count)) {
                throw new ShapeException(
                        "TiedHead with a weight " + weight.shape() + " needs a bias " + count + ", got " + b.shape());
            }
        });
    }

    /// Without a bias.
    public static TiedHead of(Embedding embedding) {
        return new TiedHead(embedding.weight(), Optional.empty());
    }

    /// With a bias that starts at 0.
    public static TiedHead withBias(Embedding embedding, Init init) {
        Parameter weight = embedding.weight();
        Tensor bias = init.type(weight.type()).bias(weight.shape().dim(0));
        return new TiedHead(weight, Optional.of(Parameter.of(bias)));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int width = weight.shape().dim(1);
        if (x.shape().rank() == 0 || x.dim(-1) != width) {
            throw new ShapeException(
                    this
                            + " needs a last dimension of "
                            + width
                            + ", as the embedding has it, got "
                            + x.shape()
                            + ": put a Linear in front, or make the embedding as wide as x");
        }
        if (x.type() != weight.type()) {
            throw new ShapeException(
                    this + " has weights of " + weight.type() + ", got " + x.spec() + ": use to(DType)");
        }
        Tensor y = x.matmul(weight.value().t()); // […, width] · [width, count] -> […, count]
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    @Override
    public String toString() {
        int width = weight.shape().dim(1);
        int count = weight.shape().dim(0);
        return "TiedHead(" + width + " -> " + count + (bias.isPresent() ? ")" : ", no bias)");
    }
}
