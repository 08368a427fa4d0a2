package adjoint.games;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Tensor;

import java.util.function.Consumer;
import java.util.function.Supplier;

/// Acts as an actor says, and keeps what happened.
final class Experience {
    private final VectorEnvironment environments;
    private final ActorCritic networks;
    private final double discount;
    private final double scale;
    private final Chance chance;
    private final Evaluator evaluator;
    private long steps;

    /// Some steps of N environments, `[T, N]` each, flat.
    ///
    /// @param observations `[T, N, …]`
    /// @param actions `[T, N, width]`
    /// @param logProbabilities of the actions when they were drawn
    /// @param values what the critic thought
    /// @param rewards scaled; where an episode was cut off, with what the critic expected of its rest
    /// @param over whether the episode was over after the step
    /// @param last what the critic thinks of the states behind the last step, `[N]`
    record Rollout(
            int n,
            float[] observations,
            float[] actions,
            float[] logProbabilities,
            float[] values,
            float[] rewards,
            boolean[] over,
            float[] last) {
        /// How much better than expected the actions were: `Σ (γλ)^k δ_{t+k}` with `δ_t = r_t + γ V_{t+1} - V_t` (Schulman et al.
        /// 2016, generalized advantage estimation).
        float[] advantages(double discount, double lambda) {
            float[] advantages = new float[values.length];
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int at = values.length - n + i; at >= 0; at -= n) {
                    double going = over[at] ? 0 : 1;
                    double next = at + n < values.length ? values[at + n] : last[i];
                    sum = rewards[at] + going * discount * next - values[at] + going * discount * lambda * sum;
                    advantages[at] = (float) sum;
                }
            }
            return advantages;
        }

        /// What the critic is to think: its values, and by how much they were wrong.
        float[] aims(float[] advantages) {
            float[] aims = advantages.clone();
            for (int i = 0; i < aims.length; i++) {
                aims[i] += values[i];
            }
            return aims;
        }
    }

    /// @param count of environments
    /// @param scale what rewards are multiplied by
    Experience(
            Supplier<? extends Environment> kind,
            int count,
            ActorCritic networks,
            double discount,
            double scale,
            long seed,
            Evaluator evaluator) {
        environments = new VectorEnvironment(kind, count, Chance.of(seed, 1).nextLong());
        this.networks = networks;
        this.discount = discount;
        this.scale = scale;
        chance = Chance.of(seed, 2);
        this.evaluator = evaluator;
    }

    /// Of how many numbers an observation consists.
    int size() {
        return environments.size();
    }

    /// Of how many numbers an action consists.
    int width() {
        return environments.width();
    }

    long steps() {
        return steps;
    }

    /// Observations as the networks take them.
    Tensor batch(float[] observations) {
        return environments.batch(observations);
    }

    /// Goes on for some steps.
    ///
    /// @throws AdjointException if all that is seen in them is more than an array holds
    Rollout collect(int length, Consumer<? super LearningEvent> listener) {
        int n = environments.count();
        int size = size();
        int width = width();
        if ((long) length * n * Math.max(size, width) > Integer.MAX_VALUE - 8) {
            throw new AdjointException(
                    length + " steps of " + n + " environments are more numbers than an array holds: take fewer of either");
        }
        var all =
                new Rollout(
                        n,
                        new float[length * n * size],
                        new float[length * n * width],
                        new float[length * n],
                        new float[length * n],
                        new float[length * n],
                        new boolean[length * n],
                        new float[n]);
        for (int t = 0; t < length; t++) {
            float[] observations = environments.observations();
            Tensor x = batch(observations);
            Choice choice = networks.choice(x);
            Tensor values = networks.value(x);
            evaluator.evaluate(choice.numbers(), values);
            float[] actions = choice.draw(chance);
            Tensor log = choice.logProbability(Tensor.of(actions, n, width));
            evaluator.evaluate(log);
            VectorEnvironment.Steps step = environments.step(actions);
            System.arraycopy(observations, 0, all.observations, t * n * size, n * size);
            System.arraycopy(actions, 0, all.actions, t * n * width, n * width);
            System.arraycopy(log.toFloats(), 0, all.logProbabilities, t * n, n);
            System.arraycopy(values.toFloats(), 0, all.values, t * n, n);
            float[] rest = anyCut(step) ? values(step.next()) : new float[n];
            for (int i = 0; i < n; i++) {
                all.rewards[t * n + i] = (float) (scale * step.rewards()[i] + (step.cut()[i] ? discount * rest[i] : 0));
                all.over[t * n + i] = step.isOver(i);
            }
            steps += n;
            for (var episode : step.finished()) {
                listener.accept(new LearningEvent.EpisodeDone(steps, episode.total(), episode.length()));
            }
        }
        System.arraycopy(values(environments.observations()), 0, all.last, 0, n);
        return all;
    }

    private static boolean anyCut(VectorEnvironment.Steps step) {
        for (boolean cut : step.cut()) {
            if (cut) {
                return true;
            }
        }
        return false;
    }

    private float[] values(float[] observations) {
        Tensor values = networks.value(batch(observations));
        evaluator.evaluate(values);
        return values.toFloats();
    }
}
