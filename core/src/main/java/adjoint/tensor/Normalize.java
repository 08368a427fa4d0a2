package adjoint.tensor;

import java.util.List;

/// `y = (x - mean) / √(variance + ε)` over axes: what batch, layer and group normalization share.
///
/// The derivative is `(g - mean(g) - y mean(g y)) / √(variance + ε)`, Ioffe & Szegedy 2015, section 3, with the sums
/// gathered.
///
/// @param axes sorted, not empty; the mean and the variance (divided by n) are taken over all of them together
/// @param epsilon ε, positive
public record Normalize(Ints axes, double epsilon) implements Composite {
    @Override
    public String label() {
        return "normalize";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (!x.type().isFloating()) {
            throw new ShapeException("normalize needs floating elements, got " + x + ": use to(DType.FLOAT32) first");
        }
        return x;
    }

    @Override
    public Tensor compose(List<Tensor> inputs) {
        Tensor x = inputs.getFirst();
        Moments m = Moments.of(x, axes.toArray());
        return x.sub(m.mean()).mul(scale(m));
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        Moments m = Moments.of(output.input(0), axes.toArray());
        Tensor pull = output.mul(m.meanOf(g.mul(output)));
        return g.sub(m.meanOf(g)).sub(pull).mul(scale(m));
    }

    private Tensor scale(Moments m) {
        return m.variance().add(Tensor.constant(m.variance().type(), epsilon)).rsqrt();
    }
}
