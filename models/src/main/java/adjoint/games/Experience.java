package adjoint.games;

import adjoint.tensor.Evaluator;
import adjoint.tensor.Tensor;

import java.util.function.Consumer;

/// Acts as an actor says, and keeps what happened.
final class Experience {
    private final VectorEnvironment environments;
    private final ActorCritic networks;
    private final double discount;
    private final double scale;
    private final Chance chance;
    private final Evaluator evaluator;
    private final int size;
    private final int width;
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
    }

    /// @param scale what rewards are multiplied by
    Experience(
            VectorEnvironment environments,
            ActorCritic networks,
            double discount,
            double scale,
            Chance chance,
            Evaluator evaluator) {
        this.environments = environments;
        this.networks = networks;
        this.discount = discount;
        this.scale = scale;
        this.chance = chance;
        this.evaluator = evaluator;
        size = Math.toIntExact(environments.member(0).observation().size());
        width = environments.member(0).actions().width();
    }

    long steps() {
        return steps;
    }

    /// Observations as the networks take them.
    Tensor batch(float[] observations) {
        return environments.batch(observations);
    }

    /// Goes on for some steps.
    Rollout collect(int length, Consumer<? super LearningEvent> listener) {
        int n = environments.count();
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
