package adjoint.tensor;

import java.util.List;

/// An op that is a formula in other ops. The planner takes it apart, so that its pieces fuse with what stands around it and merge
/// with equal ones: [Normalize] has a derivative of its own, shorter and more accurate than what the chain rule would make of the
/// formula, and [Formula] makes many operations one to record.
public sealed interface Composite extends Op permits Normalize, Formula.Result {
    /// The formula.
    ///
    /// @param inputs tensors of the inputs' shapes and types
    /// @return a tensor as [#infer] promises
    Tensor compose(List<Tensor> inputs);
}
