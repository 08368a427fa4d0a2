package adjoint.games;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// The oldest policy gradient (REINFORCE; Williams 1992): play whole episodes, then make each action likelier by how much more was
/// gained from it on than on average, `∇ log π(a_t|s_t) (G_t - b)`.
public final class Reinforce implements Agent {
    private final Supplier<? extends Environment> kind;
    private final Options options;
    private final ActorCritic networks;
    private final Optimizer optimizer;
    private final Evaluator evaluator;
    private final long seed;
    private final Chance chance;
    private long steps;
    private long updates;

    /// How it learns.
    ///
    /// @param episodes how many an update learns from
    /// @param rate the learning rate, of Adam
    /// @param discount γ: what a reward is worth one step later
    public record Options(int episodes, double rate, double discount) {
        /// For tasks as small as [CartPole].
        public Options() {
            this(16, 5e-3, 0.99);
        }

        /// @throws AdjointException if a number makes no sense
        public Options {
            if (episodes < 1 || !(rate > 0) || !(discount >= 0 && discount <= 1)) {
                throw new AdjointException(
                        "REINFORCE needs 1 episode or more, a rate above 0 and a discount from 0 to 1, got "
                                + episodes
                                + ", "
                                + rate
                                + " and "
                                + discount);
            }
        }

        /// With another learning rate.
        public Options rate(double other) {
            return new Options(episodes, other, discount);
        }

        /// With another number of episodes.
        public Options episodes(int other) {
            return new Options(other, rate, discount);
        }
    }

    /// Computed by the standard evaluator.
    public Reinforce(Supplier<? extends Environment> kind, Function<Init, ? extends Layer> actor, Options options, long seed) {
        this(kind, actor, options, seed, Evaluator.standard());
    }

    /// @param kind makes environments
    /// @param actor makes a network: observations `[N, …]` to logits or means `[N, A]`
    public Reinforce(
            Supplier<? extends Environment> kind,
            Function<Init, ? extends Layer> actor,
            Options options,
            long seed,
            Evaluator evaluator) {
        this.kind = kind;
        this.options = options;
        this.evaluator = evaluator;
        this.seed = seed;
        Optional<Parameter> deviation = ActorCritic.deviation(kind.get().actions());
        networks = new ActorCritic(actor.apply(Init.seeded(seed)), (x, _) -> x, deviation); // without a critic
        optimizer = new Optimizer(Adam.rate(options.rate), networks.parameters()).on(evaluator);
        chance = Chance.of(seed, 2);
    }

    @Override
    public void learn(long more, Consumer<? super LearningEvent> listener) {
        for (long end = steps + more; steps < end; ) {
            update(listener);
        }
    }

    private void update(Consumer<? super LearningEvent> listener) {
        int n = options.episodes;
        try (var all = new VectorEnvironment(kind, n, Chance.of(seed, 3 + updates).nextLong())) {
            Shape observation = all.member(0).observation();
            int size = all.size();
            int width = all.width();
            var seen = new Kept(n, size, width);
            boolean[] over = new boolean[n];
            for (int left = n; left > 0; ) {
                float[] observations = all.observations();
                Choice choice = networks.choice(all.batch(observations));
                evaluator.evaluate(choice.numbers());
                float[] actions = choice.draw(chance);
                VectorEnvironment.Steps step = all.step(actions);
                seen.add(observations, actions, step.rewards(), over);
                for (int i = 0; i < n; i++) {
                    if (!over[i]) {
                        steps++;
                        if (step.isOver(i)) {
                            over[i] = true;
                            left--;
                        }
                    }
                }
            }
            seen.totals().forEach(e -> listener.accept(new LearningEvent.EpisodeDone(steps, e.total(), e.length())));
            int count = seen.count();
            float[] weights = seen.weights(options.discount);
            Choice choice = networks.choice(Tensor.of(seen.observations(), observation.insert(0, count)));
            Tensor log = choice.logProbability(Tensor.of(seen.actions(), count, width));
            Tensor loss = log.mul(Tensor.of(weights, count)).sum().neg();
            Tensor entropy = choice.entropy();
            optimizer.step(loss, entropy);
            updates++;
            listener.accept(
                    new LearningEvent.Updated(steps, updates)
                            .with("loss", loss)
                            .with("entropy", entropy));
        }
    }

    @Override
    public long steps() {
        return steps;
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
