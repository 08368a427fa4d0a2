package adjoint.bench.model;

import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

/// `(x - mean) / √(variance + 1e-5) · scale + shift` over the last axis (Ba et al. 2016).
///
/// @param scale `[C]`
/// @param shift `[C]`
public record LayerNorm(Parameter scale, Parameter shift) implements Layer {
    private static final double EPSILON = 1e-5;

    /// Starts as scale 1 and shift 0.
    public static LayerNorm of(int width) {
        return new LayerNorm(Parameter.of(Tensor.ones(width)), Parameter.of(Tensor.zeros(width)));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor centred = x.sub(x.mean(-1).unsqueeze(-1));
        Tensor variance = centred.square().mean(-1).unsqueeze(-1);
        return centred.mul(variance.add(EPSILON).rsqrt()).mul(scale.value()).add(shift.value());
    }
}
