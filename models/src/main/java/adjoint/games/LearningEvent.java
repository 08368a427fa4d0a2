package adjoint.games;

import adjoint.tensor.Tensor;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What happens while an agent learns, for those who watch. Called on the agent's own thread.
public sealed interface LearningEvent {
    /// An episode is over.
    ///
    /// @param steps of all environments so far
    /// @param total the sum of its rewards
    /// @param length how many steps it took
    record EpisodeDone(long steps, double total, int length) implements LearningEvent {}

    /// The network has learned from what was seen.
    ///
    /// @param steps of all environments so far
    /// @param updates of the network so far
    /// @param numbers by name: `loss`, and what else the algorithm knows
    record Updated(long steps, long updates, SequencedMap<String, Double> numbers) implements LearningEvent {
        /// Without numbers yet.
        Updated(long steps, long updates) {
            this(steps, updates, new LinkedHashMap<>());
        }

        /// With another number, which has been computed.
        Updated with(String name, Tensor value) {
            SequencedMap<String, Double> more = new LinkedHashMap<>(numbers);
            more.put(name, value.item());
            return new Updated(steps, updates, more);
        }
    }
}
