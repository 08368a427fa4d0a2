package adjoint.nn;

import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// `x` where positive, `slope · x` elsewhere, with learned slopes that start at 0.25 (He et al. 2015).
///
/// Shapes: x `[…, channels]`, slope `[channels]` or `[1]`; y like x.
///
/// @param slope one for each channel, or one for all
public record PRelu(Parameter slope) implements Layer {
    /// @throws ShapeException if the slopes are no vector
    public PRelu {
        if (slope.shape().rank() != 1) {
            throw new ShapeException("PRelu needs slopes [channels] or [1], got " + slope.shape());
        }
    }

    /// A slope for each channel; 1 shares one slope among all.
    public PRelu(int channels, Init init) {
        this(Parameter.of(init.make(Init.constant(0.25), 1, 1, channels)));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int channels = slope.shape().dim(0);
        if (channels != 1 && (x.shape().rank() == 0 || x.dim(-1) != channels)) {
            throw new ShapeException(this + " needs a last dimension of " + channels + ", got " + x.shape());
        }
        return Tensor.where(x.gt(0), x, x.mul(channels == 1 ? slope.value().reshape() : slope.value()));
    }

    @Override
    public String toString() {
        return "PRelu(" + slope.shape().dim(0) + ")";
    }
}
