package adjoint.bench.sidebyside;

import java.util.List;

/// A system that trains networks; [Server] runs it in a process of its own.
@FunctionalInterface
public interface Contender {
    /// A network with its optimizer and batches, ready for the first step.
    ///
    /// @throws UnsupportedOperationException if the system cannot do the workload
    Training prepare(Workload workload, List<Weight> weights);

    /// A training under way.
    interface Training {
        /// One whole step on a batch: forward, loss, backward, update. The loss is not read.
        void step(int batch);

        /// The same step, which gives the loss before the update; of a network that only acts, its largest output.
        double observedStep(int batch);

        /// Makes all batches of the pool, so that no step has to.
        default void fill() {}
    }
}
