/// Optimizers: how a network's parameters follow their gradients.
///
/// An [adjoint.optim.Optimizer] backpropagates a loss and updates the parameters in the same plan. How it updates is a
/// [adjoint.optim.Rule], a record of settings with a formula; how fast is a [adjoint.optim.Schedule].
///
/// ```java
/// Parameter w = Parameter.of(Tensor.of(new float[] {5, -3}, 2));
/// var rule = AdamW.rate(Schedule.cosine(0.1, 200).warmup(20)).weightDecay(1e-2);
/// var optimizer = new Optimizer(rule, Map.of("w", w)).clipNorm(1);
/// for (int i = 0; i < 200; i++) {
///     Tensor loss = w.value().square().sum();
///     optimizer.step(loss);
/// }
/// System.out.println(optimizer.steps() + " steps, last rate " + optimizer.rate());
/// ```
///
/// Read [adjoint.optim.Rule] and [adjoint.optim.Sgd] first, the pattern of all rules: [adjoint.optim.Adam],
/// [adjoint.optim.AdamW], [adjoint.optim.NAdam], [adjoint.optim.RAdam], [adjoint.optim.RmsProp],
/// [adjoint.optim.Adagrad], [adjoint.optim.Adadelta], [adjoint.optim.Lion]. Then the optimizer, whose groups
/// and frozen parameters [adjoint.optim.Names] picks; then [adjoint.optim.PlateauSchedule] and
/// [adjoint.optim.Averaging], which are told how training goes.
package adjoint.optim;
