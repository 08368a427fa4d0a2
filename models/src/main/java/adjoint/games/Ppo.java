package adjoint.games;

import adjoint.nn.Init;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.optim.Schedule;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Proximal policy optimization (Schulman et al. 2017): what was lived through is learned from several times, while the ratio of new
/// to old probability counts only within `1 ± clip`: `L = E[min(r A, clip(r, 1 - ε, 1 + ε) A)]` (eq. 7).
///
/// ```java
/// var ppo = new Ppo(CartPole::new, init -> ActorCritic.of(new CartPole(), List.of(64, 64), init), new Ppo.Options(), 1);
/// ppo.learn(100_000, event -> {});
/// ```
public final class Ppo implements Agent {
    private static final double TINY = 1e-8;

    private final Options options;
    private final ActorCritic networks;
    private final Experience experience;
    private final Optimizer optimizer;
    private final Evaluator evaluator;
    private final Chance shuffling;
    private long updates;

    /// How it learns.
    ///
    /// @param environments how many at once
    /// @param length how many steps of each are lived through before they are learned from
    /// @param rate the learning rate, of Adam, by update
    /// @param discount γ: what a reward is worth one step later
    /// @param lambda how far advantages look ahead
    /// @param epochs how often all is learned from
    /// @param batch how many steps each update learns from
    /// @param clip how far from 1 a ratio of probabilities counts
    /// @param entropy what being undecided is worth, by update
    /// @param norm what gradients are clipped to
    /// @param scale what rewards are multiplied by, so that values are of the order of 1 to 100
    public record Options(
            int environments,
            int length,
            Schedule rate,
            double discount,
            double lambda,
            int epochs,
            int batch,
            double clip,
            Schedule entropy,
            double norm,
            double scale) {
        /// For tasks as small as [CartPole].
        public Options() {
            this(8, 128, Schedule.constant(1e-3), 0.99, 0.95, 4, 256, 0.2, Schedule.constant(0.01), 0.5, 1);
        }

        /// @throws AdjointException if a number makes no sense
        public Options {
            boolean right =
                    environments >= 1
                            && length >= 1
                            && discount >= 0
                            && discount <= 1
                            && lambda >= 0
                            && lambda <= 1
                            && epochs >= 1
                            && batch >= 1
                            && batch <= environments * (long) length
                            && clip > 0
                            && norm > 0
                            && scale > 0;
            if (!right) {
                throw new AdjointException(
                        "PPO needs counts of 1 or more, discounts from 0 to 1, and a batch of what is lived through at the most");
            }
        }

        /// With another learning rate.
        public Options rate(Schedule other) {
            return new Options(environments, length, other, discount, lambda, epochs, batch, clip, entropy, norm, scale);
        }

        /// With another worth of being undecided.
        public Options entropy(Schedule other) {
            return new Options(environments, length, rate, discount, lambda, epochs, batch, clip, other, norm, scale);
        }

        /// With another number of environments; batches become as small as they must.
        public Options environments(int other) {
            int most = (int) Math.min(batch, (long) other * length);
            return new Options(other, length, rate, discount, lambda, epochs, most, clip, entropy, norm, scale);
        }
    }

    /// Computed by the standard evaluator.
    public Ppo(Supplier<? extends Environment> kind, Function<Init, ActorCritic> networks, Options options, long seed) {
        this(kind, networks, options, seed, Evaluator.standard());
    }

    /// @param kind makes environments
    /// @param networks makes networks that fit them
    public Ppo(
            Supplier<? extends Environment> kind,
            Function<Init, ActorCritic> networks,
            Options options,
            long seed,
            Evaluator evaluator) {
        this.options = options;
        this.evaluator = evaluator;
        this.networks = networks.apply(Init.seeded(seed));
        experience =
                new Experience(
                        kind,
                        options.environments,
                        this.networks,
                        options.discount,
                        options.scale,
                        seed,
                        evaluator);
        optimizer =
                new Optimizer(Adam.rate(options.rate).epsilon(1e-5), this.networks.parameters())
                        .clipNorm(options.norm)
                        .on(evaluator);
        shuffling = Chance.of(seed, 3);
    }

    @Override
    public void learn(long more, Consumer<? super LearningEvent> listener) {
        for (long end = steps() + more; steps() < end; ) {
            Experience.Rollout seen = experience.collect(options.length, listener);
            float[] advantages = seen.advantages(options.discount, options.lambda);
            float[] aims = seen.aims(advantages);
            List<Integer> order = new ArrayList<>(IntStream.range(0, aims.length).boxed().toList());
            for (int epoch = 0; epoch < options.epochs; epoch++) {
                Collections.shuffle(order, shuffling);
                for (int from = 0; from + options.batch <= order.size(); from += options.batch) {
                    update(seen, advantages, aims, order.subList(from, from + options.batch), listener);
                }
            }
        }
    }

    private void update(
            Experience.Rollout seen,
            float[] allAdvantages,
            float[] allAims,
            List<Integer> chosen,
            Consumer<? super LearningEvent> listener) {
        int n = chosen.size();
        int size = experience.size();
        int width = experience.width();
        float[] observations = new float[n * size];
        float[] actions = new float[n * width];
        float[] olds = new float[n];
        float[] advantages = new float[n];
        float[] aims = new float[n];
        for (int i = 0; i < n; i++) {
            int at = chosen.get(i);
            System.arraycopy(seen.observations(), at * size, observations, i * size, size);
            System.arraycopy(seen.actions(), at * width, actions, i * width, width);
            olds[i] = seen.logProbabilities()[at];
            advantages[i] = allAdvantages[at];
            aims[i] = allAims[at];
        }
        Tensor x = experience.batch(observations);
        Choice choice = networks.choice(x);
        Tensor ratio = choice.logProbability(Tensor.of(actions, n, width)).sub(Tensor.of(olds, n)).exp();
        Tensor a = standardized(Tensor.of(advantages, n));
        Tensor gain = ratio.mul(a).minimum(ratio.clip(1 - options.clip, 1 + options.clip).mul(a)).mean();
        Tensor miss = networks.value(x).sub(Tensor.of(aims, n)).square().mean().mul(0.5);
        Tensor entropy = choice.entropy();
        Tensor worth = Tensor.of(new float[] {(float) options.entropy.rate(updates)}); // a value, so that one plan serves all updates
        Tensor loss = miss.mul(0.5).sub(gain).sub(entropy.mul(worth));
        Tensor beyond = ratio.sub(1).abs().gt(options.clip).to(ratio.type()).mean();
        optimizer.step(loss, miss, entropy, beyond);
        updates++;
        listener.accept(
                new LearningEvent.Updated(steps(), updates)
                        .with("loss", loss)
                        .with("value.loss", miss)
                        .with("entropy", entropy)
                        .with("clipped", beyond));
    }

    private static Tensor standardized(Tensor x) {
        Tensor deviation = x.sub(x.mean());
        return deviation.div(deviation.square().mean().sqrt().add(TINY));
    }

    @Override
    public long steps() {
        return experience.steps();
    }

    @Override
    public Policy policy() {
        return networks.policy(evaluator);
    }

    @Override
    public SequencedMap<String, Parameter> parameters() {
        return networks.parameters();
    }
}
