package adjoint.games;

import adjoint.nn.Init;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.optim.Schedule;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

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
    private final int size;
    private final int width;
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
    /// @param entropy what being undecided is worth
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
            double entropy,
            double norm,
            double scale) {
        /// For tasks as small as [CartPole].
        public Options() {
            this(8, 128, Schedule.constant(1e-3), 0.99, 0.95, 4, 256, 0.2, 0.01, 0.5, 1);
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
        var environments = new VectorEnvironment(kind, options.environments, Chance.of(seed, 1).nextLong());
        experience =
                new Experience(
                        environments, this.networks, options.discount, options.scale, Chance.of(seed, 2), evaluator);
        optimizer =
                new Optimizer(Adam.rate(options.rate).epsilon(1e-5), this.networks.parameters())
                        .clipNorm(options.norm)
                        .on(evaluator);
        shuffling = Chance.of(seed, 3);
        size = Math.toIntExact(environments.member(0).observation().size());
        width = environments.member(0).actions().width();
    }

    @Override
    public void learn(long more, Consumer<? super LearningEvent> listener) {
        for (long end = steps() + more; steps() < end; ) {
            Experience.Rollout seen = experience.collect(options.length, listener);
            float[] advantages = seen.advantages(options.discount, options.lambda);
            int[] order = new int[advantages.length];
            for (int i = 0; i < order.length; i++) {
                order[i] = i;
            }
            for (int epoch = 0; epoch < options.epochs; epoch++) {
                for (int i = order.length - 1; i > 0; i--) {
                    int j = shuffling.nextInt(i + 1);
                    int other = order[j];
                    order[j] = order[i];
                    order[i] = other;
                }
                for (int from = 0; from + options.batch <= order.length; from += options.batch) {
                    update(seen, advantages, order, from, listener);
                }
            }
        }
    }

    private void update(
            Experience.Rollout seen, float[] all, int[] order, int from, Consumer<? super LearningEvent> listener) {
        int n = options.batch;
        float[] observations = new float[n * size];
        float[] actions = new float[n * width];
        float[] olds = new float[n];
        float[] advantages = new float[n];
        float[] aims = new float[n];
        for (int i = 0; i < n; i++) {
            int at = order[from + i];
            System.arraycopy(seen.observations(), at * size, observations, i * size, size);
            System.arraycopy(seen.actions(), at * width, actions, i * width, width);
            olds[i] = seen.logProbabilities()[at];
            advantages[i] = all[at];
            aims[i] = all[at] + seen.values()[at];
        }
        Tensor x = experience.batch(observations);
        Choice choice = networks.choice(x);
        Tensor ratio = choice.logProbability(Tensor.of(actions, n, width)).sub(Tensor.of(olds, n)).exp();
        Tensor a = standardized(Tensor.of(advantages, n));
        Tensor gain = ratio.mul(a).minimum(ratio.clip(1 - options.clip, 1 + options.clip).mul(a)).mean();
        Tensor miss = networks.value(x).sub(Tensor.of(aims, n)).square().mean().mul(0.5);
        Tensor entropy = choice.entropy();
        Tensor loss = miss.mul(0.5).sub(gain).sub(entropy.mul(options.entropy));
        Tensor beyond = ratio.sub(1).abs().gt(options.clip).to(ratio.type()).mean();
        optimizer.step(loss, miss, entropy, beyond);
        updates++;
        SequencedMap<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("loss", loss.item());
        numbers.put("value.loss", miss.item());
        numbers.put("entropy", entropy.item());
        numbers.put("clipped", beyond.item());
        listener.accept(new LearningEvent.Updated(steps(), updates, numbers));
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
