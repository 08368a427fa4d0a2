package adjoint.games;

import adjoint.tensor.Tensor;

import java.util.random.RandomGenerator;

/// The probabilities of actions, for N observations.
sealed interface Choice permits Categorical, Gaussian {
    /// What must be computed before [#draw] and [#likeliest].
    Tensor numbers();

    /// Actions by chance, `[N, width]`.
    float[] draw(RandomGenerator random);

    /// The likeliest actions, `[N, width]`.
    float[] likeliest();

    /// The logarithms of the probabilities, or densities, of these actions: `[N]`.
    ///
    /// @param actions `[N, width]`
    Tensor logProbability(Tensor actions);

    /// How undecided it is, in nats: the mean of all observations, `[]`.
    Tensor entropy();
}
