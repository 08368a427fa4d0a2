package adjoint.tensor;

import adjoint.kernel.Step;

/// An operation of your own: implement [#infer], [#compute] and, if it is differentiable, [#vjp] in tensor operations.
///
/// Make it a record: two equal ones must do the same, since plans are reused for equal ops. [#compute] may be called from
/// any thread, and must be a function of its inputs alone. Check the derivative with [adjoint.grad.GradientCheck].
/// Apply it with [Tensor#apply].
public non-sealed interface CustomOp extends Op, Step.Function {}
