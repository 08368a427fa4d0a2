package adjoint.games;

import adjoint.nn.Init;
import adjoint.optim.Optimizer;
import adjoint.optim.RmsProp;
import adjoint.optim.Schedule;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// Advantage actor-critic (Mnih et al. 2016), with all environments in step: after every few steps the actor makes actions likelier by
/// how much better they were than the critic expected, `∇ log π(a|s) A`, and the critic learns to expect what came.
public final class A2c implements Agent {
    private final Options options;
    private final ActorCritic networks;
    private final Experience experience;
    private final Optimizer optimizer;
    private final Evaluator evaluator;
    private long updates;

    /// How it learns.
    ///
    /// @param environments how many at once
    /// @param length how many steps of each an update learns from
    /// @param rate the learning rate, of RMSProp, by update
    /// @param discount γ: what a reward is worth one step later
    /// @param lambda how far advantages look ahead; 1: as far as the steps go
    /// @param entropy what being undecided is worth
    /// @param norm what gradients are clipped to
    /// @param scale what rewards are multiplied by
    public record Options(
            int environments,
            int length,
            Schedule rate,
            double discount,
            double lambda,
            double entropy,
            double norm,
            double scale) {
        /// For tasks as small as [CartPole].
        public Options() {
            this(16, 5, Schedule.constant(2e-3), 0.99, 1, 0.01, 0.5, 1);
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
                            && norm > 0
                            && scale > 0;
            if (!right) {
                throw new AdjointException("A2C needs counts of 1 or more and discounts from 0 to 1");
            }
        }

        /// With another learning rate.
        public Options rate(Schedule other) {
            return new Options(environments, length, other, discount, lambda, entropy, norm, scale);
        }

        /// With another number of environments.
        public Options environments(int other) {
            return new Options(other, length, rate, discount, lambda, entropy, norm, scale);
        }
    }

    /// Computed by the standard evaluator.
    public A2c(Supplier<? extends Environment> kind, Function<Init, ActorCritic> networks, Options options, long seed) {
        this(kind, networks, options, seed, Evaluator.standard());
    }

    /// @param kind makes environments
    /// @param networks makes networks that fit them
    public A2c(
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
                new Optimizer(RmsProp.rate(options.rate).epsilon(1e-5), this.networks.parameters())
                        .clipNorm(options.norm)
                        .on(evaluator);
    }

    @Override
    public void learn(long more, Consumer<? super LearningEvent> listener) {
        for (long end = steps() + more; steps() < end; ) {
            Experience.Rollout seen = experience.collect(options.length, listener);
            float[] advantages = seen.advantages(options.discount, options.lambda);
            float[] aims = seen.aims(advantages);
            int n = aims.length;
            Tensor x = experience.batch(seen.observations());
            Choice choice = networks.choice(x);
            Tensor gain =
                    choice.logProbability(Tensor.of(seen.actions(), n, experience.width())).mul(Tensor.of(advantages, n)).mean();
            Tensor miss = networks.value(x).sub(Tensor.of(aims, n)).square().mean().mul(0.5);
            Tensor entropy = choice.entropy();
            Tensor loss = miss.mul(0.5).sub(gain).sub(entropy.mul(options.entropy));
            optimizer.step(loss, miss, entropy);
            updates++;
            listener.accept(
                    new LearningEvent.Updated(steps(), updates)
                            .with("loss", loss)
                            .with("value.loss", miss)
                            .with("entropy", entropy));
        }
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
