/// Tensors: arrays of numbers that know how they came about, and the operations that make them.
///
/// Read [adjoint.tensor.Tensor] first (what users write), then [adjoint.tensor.Op] (what is recorded), then any op:
/// [adjoint.tensor.Unary] has a row for each elementwise function with its derivative beside it; [adjoint.tensor.MatMul] is
/// the typical record with a shape rule and a vjp. [adjoint.tensor.Parameter] holds what training changes.
///
/// ```java
/// Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
/// System.out.println(x.square().sum().item()); // 14.0
/// ```
///
/// Nothing here computes: [adjoint.tensor.Evaluator] is the door to the planner.
package adjoint.tensor;
