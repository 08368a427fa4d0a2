package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

/// Adds a learned vector for each step: `y[…, t, :] = x[…, t, :] + weight[t, :]` (Gehring et al. 2017; Radford et al. 2019).
///
/// Shapes: x and y `[B, T, C]`; weight `[most, C]`, with T at most `most`. Starts at `N(0, 0.02²)`, unless the [Init] has another
/// scheme.
///
/// @param weight `[most, C]`
public record LearnedPositions(Parameter weight) implements ContextLayer {
    private static final double STD = 0.02;

    /// @throws ShapeException if the weight is no matrix
    public LearnedPositions {
        if (weight.shape().rank() != 2) {
            throw new ShapeException("LearnedPositions need a weight [most, width], got " + weight.shape());
        }
    }

    /// For so many steps at most.
    public LearnedPositions(int most, int width, Init init) {
        this(Parameter.of(init.weight(Init.normal(STD), width, width, most, width)));
    }

    /// The most steps.
    public int most() {
        return weight.shape().dim(0);
    }

    @Override
    public Tensor forward(Tensor x, Context context, Pass pass) {
        int width = weight.shape().dim(1);
        if (x.shape().rank() != 3 || x.dim(2) != width) {
            throw new ShapeException(this + " needs [B, T, " + width + "], got " + x.shape());
        }
        int steps = x.dim(1);
        int before = context.cache().map(KeyValueCache::length).orElse(0);
        if (before + steps > most()) {
            throw new ShapeException(
                    this + " has vectors for " + most() + " steps, got " + (before + steps) + ": give it fewer");
        }
        return x.add(
                context.offset().isPresent()
                        ? weight.value().gather(0, Rotary.steps(steps, context.offset(), DType.INT64))
                        : weight.value().slice(0, 0, steps));
    }

    @Override
    public String toString() {
        return "LearnedPositions(" + most() + ")";
    }
}
