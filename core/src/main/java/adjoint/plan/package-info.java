/// From recorded tensors to numbers: [adjoint.plan.Engine] finds or makes a [adjoint.plan.Plan] for what is asked and runs it.
///
/// Read in this order: `Recording` (what is asked for, as a key), `Graph` (simplified), `Folding` (factors into kernels), `Layout`
/// (views by strides), `Fuser` (elementwise work grouped into units), `Planner` (order and memory), `Lowering` (steps for the
/// machine), `Plan` (the run).
///
/// ```java
/// Tensor y = Tensor.ones(3, 4).matmul(Tensor.ones(4, 2)).relu();
/// System.out.println(new Engine().plan(List.of(y), List.of()).describe());
/// ```
package adjoint.plan;
