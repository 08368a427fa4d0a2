package adjoint.tensor;

import java.util.List;

/// One kind of operation, in one place: its shape rule and its derivative.
///
/// An op holds its attributes only (axes, a target shape); its inputs stand on the [Tensor] that it makes. So two ops are equal
/// exactly if they do the same, which is what plans are cached by.
///
/// The derivative is a vector-Jacobian product, itself written in tensor operations, so that derivatives of any order come
/// for free. Broadcasting is undone by the engine ([adjoint.grad.Gradients]): a vjp may give a cotangent of the output's shape.
public sealed interface Op
        permits Unary,
                Binary,
                Compare,
                Select,
                Cast,
                Fill,
                Iota,
                RandomOp,
                Reduce,
                ArgReduce,
                CumulativeSum,
                Reshape,
                Permute,
                Expand,
                Slice,
                Pad,
                Flip,
                Concat,
                Gather,
                ScatterAdd,
                TakeAlongAxis,
                ScatterAddAlongAxis,
                ArgSort,
                MatMul,
                Convolution,
                Pool,
                Recurrent,
                RecurrentAdjoint,
                Attention,
                AttentionGradient,
                StopGradient,
                After,
                Recomputed,
                Composite,
                CustomOp {

    /// The name in messages and plans, in lower case: `matmul`.
    String label();

    /// The shape rule: what the op makes of such inputs.
    ///
    /// @throws ShapeException if they do not fit
    Spec infer(List<Tensor> inputs);

    /// The cotangent of one input: `Σ cotangent · ∂output/∂input`, recorded as tensor operations.
    ///
    /// @param output the tensor that this op made; its inputs are [Tensor#input(int)]
    /// @param input which input is asked for; it has a floating type
    /// @param cotangent the derivative of the error with respect to the output, of the output's shape
    /// @return the cotangent, of the input's shape or broadcast from it; null where the derivative is zero everywhere
    Tensor vjp(Tensor output, int input, Tensor cotangent);

    /// Whether a derivative passes through to this input. Where it does not, gradients stop without an error unless
    /// nothing else leads to what was asked for.
    default boolean passesGradient(int input) {
        return true;
    }
}
