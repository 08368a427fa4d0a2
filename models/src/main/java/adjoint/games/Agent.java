package adjoint.games;

import adjoint.tensor.Parameter;

import java.util.SequencedMap;
import java.util.function.Consumer;

/// Learns a task by acting in it. For one thread at a time; the same seed gives the same agent, bit for bit.
public interface Agent {
    /// Goes on learning.
    ///
    /// @param steps at least so many more, of all environments together
    /// @param listener is told what happens
    void learn(long steps, Consumer<? super LearningEvent> listener);

    /// Steps of all environments so far.
    long steps();

    /// What it has learned so far, without any further exploring; it goes along with what is learned later.
    Policy policy();

    /// The weights of its networks, by name.
    SequencedMap<String, Parameter> parameters();
}
