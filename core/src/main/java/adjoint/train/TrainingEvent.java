package adjoint.train;

import java.nio.file.Path;
import java.util.Optional;
import java.util.SequencedMap;

/// What happens while a network is trained, for those who watch: progress bars, dashboards, logs.
///
/// ```java
/// trainer.listener(event -> {
///     if (event instanceof TrainingEvent.EpochDone e) {
///         System.out.println(e.epoch().metrics());
///     }
/// })
/// ```
/// Called on the training's own thread; what a listener throws ends the training, and a
/// [java.util.concurrent.CancellationException] ends it as one that was interrupted.
public sealed interface TrainingEvent {
    /// Before the first step.
    ///
    /// @param epochs how many there will be
    /// @param stepsPerEpoch how many batches an epoch has
    /// @param examplesPerEpoch how many examples it has
    record Started(int epochs, int stepsPerEpoch, int examplesPerEpoch) implements TrainingEvent {}

    /// A step is done.
    ///
    /// @param epoch from 1
    /// @param step in the whole training, from 1
    /// @param loss of the batch, before the update
    /// @param examples in the batch
    /// @param nanos how long it took
    record StepDone(int epoch, long step, double loss, int examples, long nanos) implements TrainingEvent {}

    /// Signals and errors were measured in a step; only with [Trainer#measuringFlow].
    ///
    /// @param epoch from 1
    /// @param step in the whole training, from 1
    record FlowMeasured(int epoch, long step, GradientFlow flow) implements TrainingEvent {}

    /// The last step of an epoch is done, and the test set was gone through.
    record EpochDone(Epoch epoch) implements TrainingEvent {}

    /// An epoch was better than all before it.
    ///
    /// @param metric which number says so
    record Best(int epoch, String metric, double value) implements TrainingEvent {}

    /// Something goes on that is allowed, but hardly meant: a learning rate of 0, batches of one class each.
    ///
    /// @param message what, and the remedy
    record Warned(String message) implements TrainingEvent {}

    /// Training ends before its last epoch.
    ///
    /// @param reason in words
    record Stopped(int epoch, String reason) implements TrainingEvent {}

    /// Training is over, and everything is written.
    ///
    /// @param folder where the weights lie, if they were saved
    /// @param results of the best epoch
    record Finished(Optional<Path> folder, SequencedMap<String, Double> results) implements TrainingEvent {}
}
