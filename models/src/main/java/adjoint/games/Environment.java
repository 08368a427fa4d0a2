package adjoint.games;

import adjoint.data.Picture;
import adjoint.tensor.Shape;

import java.util.random.RandomGenerator;

/// A task for one agent, step by step (a Markov decision process): it observes, acts, and is rewarded.
///
/// ```java
/// var pole = new CartPole();
/// pole.reset(new Chance(1));
/// while (!pole.step(1).terminal()) {
///     System.out.println(pole.text());
/// }
/// ```
/// Chance comes from what [#reset] is given alone, so that the same seed gives the same episode. For one thread at a time; many at
/// once: `VectorEnvironment`.
public interface Environment {
    /// Its name in the literature: `CartPole-v1`.
    String name();

    /// The shape of an observation.
    Shape observation();

    /// What can be done.
    Actions actions();

    /// After how many steps an episode is cut off, though nothing has ended it.
    int limit();

    /// Begins an episode. Chance comes from this source until the next one.
    void reset(RandomGenerator random);

    /// Acts.
    ///
    /// @param action as many numbers as an action has; of a discrete one its number
    Outcome step(float... action);

    /// Writes what is observed now, row-major.
    void observe(float[] target, int offset);

    /// What is to be seen now, for a terminal; lines of equal length.
    String text();

    /// What is to be seen now.
    Picture picture();

    /// What an action brought.
    ///
    /// @param terminal whether the episode has ended: nothing can be gained any more
    record Outcome(double reward, boolean terminal) {}
}
