/// Backpropagation: [adjoint.grad.Gradients] applies the chain rule to what was recorded; [adjoint.grad.GradientCheck]
/// compares the outcome with finite differences.
///
/// ```java
/// Tensor x = Tensor.scalar(3);
/// Gradients.of(x.square(), x).item(); // 6.0
/// ```
package adjoint.grad;
