package adjoint.games;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import java.util.function.Supplier;

/// Chooses actions for observations: what an agent has learned.
@FunctionalInterface
public interface Policy {
    /// Acts.
    ///
    /// @param observations `[N, …]`
    /// @return `[N, width]`: as many numbers for each as an action has
    float[] act(Tensor observations);

    /// What it achieves in episodes of its own, one in each of as many environments.
    ///
    /// @param seed of the episodes; another one than that of the training
    /// @throws AdjointException if there is no episode
    default Returns returns(Supplier<? extends Environment> kind, int episodes, long seed) {
        try (var all = new VectorEnvironment(kind, episodes, seed)) {
            double[] totals = new double[episodes];
            boolean[] over = new boolean[episodes];
            long steps = 0;
            for (int left = episodes; left > 0; ) {
                var step = all.step(act(all.batch(all.observations())));
                for (int i = 0; i < episodes; i++) {
                    if (!over[i]) {
                        totals[i] += step.rewards()[i];
                        steps++;
                        if (step.isOver(i)) {
                            over[i] = true;
                            left--;
                        }
                    }
                }
            }
            return Returns.of(totals, steps);
        }
    }
}
