package adjoint.tensor;

import java.util.List;

/// The derivative of [Attention] with respect to its queries, keys or values, which recomputes the weights tile by tile
/// (Dao et al. 2022, algorithm 4).
///
/// Inputs: q, k, v; the output and its log-sums; the output's cotangent; then mask and key as for [Attention]. Output and
/// log-sums are there to save work: as a function, it depends on the others alone, and so do its own derivatives.
///
/// @param result which of three results of the same work this is; the planner computes all in one step
public record AttentionGradient(AttentionRule rule, Result result) implements Op {
    /// What it is the derivative for: the first inputs, in their order.
    public enum Result {
        /// Queries.
        Q,
        /// Keys.
        K,
        /// Values.
        V
    }

    /// Position of the output's cotangent among the inputs.
    public static final int COTANGENT = 5;

    /// Position of the first input that not every attention has.
    public static final int REST = 6;

    @Override
    public String label() {
        return "attention gradient";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Shape output = rule.output(inputs.get(0), inputs.get(1), inputs.get(2), rule.mask(inputs, REST));
        if (!inputs.get(COTANGENT).shape().equals(output)) {
            throw new ShapeException(
                    "attention gradient needs a cotangent of " + output + ", got " + inputs.get(COTANGENT).shape());
        }
        return inputs.get(result.ordinal()).spec();
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return AttentionFormula.of(rule, output.inputs(), REST).gradientVjp(result, input, output.input(COTANGENT), g);
    }

    @Override
    public boolean passesGradient(int input) {
        return input < 3 || input == COTANGENT || input == REST;
    }
}
