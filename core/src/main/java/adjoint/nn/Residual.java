package adjoint.nn;

import adjoint.tensor.Conv;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `shortcut(x) + inner(x)`: the inner layer learns what to change (He et al. 2016). The shortcut is the identity unless
/// the inner layer changes the shape; then it must change it alike.
///
/// ```java
/// Layer same = new Residual(branch);
/// Layer smaller = Residual.projected(branch, 16, 32, 2, init);
/// Layer block = Residual.preActivated(16, 32, 2, init);
/// ```
/// Shapes: any for which both give the same.
///
/// @param inner the branch
/// @param shortcut the way around it
public record Residual(Layer inner, Layer shortcut) implements ContextLayer {
    /// `x + inner(x)`, with an inner layer that keeps the shape.
    public Residual(Layer inner) {
        this(inner, Activation.IDENTITY);
    }

    /// With the usual projection as the shortcut (He et al. 2016, option B): a 1x1 convolution without bias, with a stride,
    /// and batch normalization.
    ///
    /// @param inner from `[N, H, W, in]` to `[N, ⌈H / stride⌉, ⌈W / stride⌉, out]`
    public static Residual projected(Layer inner, int in, int out, int stride, Init init) {
        Conv conv = new Conv().stride(stride);
        return new Residual(inner, Sequential.of(Conv2d.withoutBias(in, out, 1, conv, init), new BatchNorm(out, init)));
    }

    /// A residual block with pre-activation (He et al. 2016b): norm, ReLU, 3x3 convolution, norm, ReLU, 3x3 convolution, and nothing
    /// behind the addition. Where the shape changes, a 1x1 convolution is the shortcut, behind the first norm and ReLU as well.
    ///
    /// @return from `[N, H, W, in]` to `[N, ⌈H / stride⌉, ⌈W / stride⌉, out]`
    public static Layer preActivated(int in, int out, int stride, Init init) {
        Conv strided = new Conv().stride(stride);
        Layer norm = new BatchNorm(in, init);
        Layer first = Conv2d.withoutBias(in, out, 3, strided.padding(1), init);
        Layer second = Conv2d.withoutBias(out, out, 3, new Conv().padding(1), init);
        Layer between = new BatchNorm(out, init);
        return in == out && stride == 1
                ? new Residual(Sequential.of(norm, Activation.RELU, first, between, Activation.RELU, second))
                : Sequential.of(
                        norm,
                        Activation.RELU,
                        new Residual(
                                Sequential.of(first, between, Activation.RELU, second),
                                Conv2d.withoutBias(in, out, 1, strided, init)));
    }

    private boolean keeps() {
        return shortcut == Activation.IDENTITY;
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        Tensor y = pass.into(inner).run(x, context);
        if (keeps() && !pass.exchanges("shortcut")) {
            requireKept("Residual", inner, x, y);
            return x.add(y);
        }
        Tensor around = pass.into(shortcut).run(x, context);
        if (!y.spec().equals(around.spec())) {
            throw new ShapeException(
                    "Residual needs an inner layer and a shortcut that give the same shape, got from "
                            + TypeName.of(inner)
                            + " "
                            + y.spec()
                            + " and from "
                            + TypeName.of(shortcut)
                            + " "
                            + around.spec()
                            + ": give the projection the inner layer's output channels and stride");
        }
        return around.add(y);
    }

    static void requireKept(String what, Layer inner, Tensor x, Tensor y) {
        if (!y.spec().equals(x.spec())) {
            throw new ShapeException(
                    what
                            + " needs an inner layer that keeps the shape, got "
                            + x.spec()
                            + " and from "
                            + TypeName.of(inner)
                            + " "
                            + y.spec()
                            + ": use a Residual whose shortcut changes it alike, such as Residual.projected");
        }
    }

    @Override
    public String toString() {
        return keeps() ? "Residual" : "Residual(with shortcut)";
    }
}
