/// Training: the loop, what it tells while it runs, and what it leaves behind.
///
/// Read [adjoint.train.Trainer#fit] first: it is the loop of the textbooks. [adjoint.train.Metric] says how good the network
/// is, [adjoint.train.TrainingEvent] tells what happens, [adjoint.train.Run] is what comes of it, and
/// [adjoint.train.RunFolder] what of that lies on disk.
///
/// ```java
/// Run run = Trainer.of(model, Loss::crossEntropy, AdamW.rate(1e-3))
///         .metric(Metric.accuracy())
///         .epochs(5)
///         .saveTo(Path.of("runs/first"))
///         .fit(train, test);
/// System.out.println(run.summary());
/// ```
package adjoint.train;
