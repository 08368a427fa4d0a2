package adjoint.games;

import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// Deep Q-learning (Mnih et al. 2015): a network learns the value Q(s, a) of each action, `r + γ max Q'(s', a')`, from steps drawn out of
/// a memory; Q' is an older copy of it. With Q' of the action that Q prefers (double; van Hasselt et al. 2016), and with memories
/// that surprise drawn more often (Schaul et al. 2016); a [Duelling] network goes with it as any other (Wang et al. 2016).
///
/// ```java
/// var body = new Body(List.of(120, 84));
/// var dqn = new Dqn(CartPole::new, init -> Dqn.network(new CartPole(), body, init), new Dqn.Options(), 1);
/// dqn.learn(50_000, event -> {});
/// System.out.println(dqn.policy().returns(CartPole::new, 100, 7).mean());
/// ```
public final class Dqn implements Agent {
    private static final double NORM = 10; // of gradients, at the most (Wang et al. 2016)

    private final Options options;
    private final VectorEnvironment environments;
    private final int choices;
    private final Layer network;
    private final Layer older;
    private final Optimizer optimizer;
    private final Evaluator evaluator;
    private final ReplayMemory memory;
    private final Chance exploring;
    private final Chance drawing;
    private long steps;
    private long updates;
    private long due; // steps for which no update was made yet

    /// How it learns.
    ///
    /// @param environments how many at once
    /// @param rate the learning rate, of Adam
    /// @param discount γ: what a reward is worth one step later
    /// @param batch how many steps each update learns from
    /// @param memory how many steps are kept
    /// @param start how many steps are seen before the first update
    /// @param every steps for each update
    /// @param copying updates after which Q' becomes a copy of Q
    /// @param exploring in how many steps the share of random actions falls from 1 to `randomness`
    /// @param randomness that share from then on
    /// @param twice whether Q chooses the action that Q' values
    /// @param surprise how much more often what surprises is drawn, the paper's α; 0: not at all
    public record Options(
            int environments,
            double rate,
            double discount,
            int batch,
            int memory,
            int start,
            int every,
            int copying,
            long exploring,
            double randomness,
            boolean twice,
            double surprise) {
        /// For tasks as small as [CartPole].
        public Options() {
            this(8, 1e-3, 0.99, 128, 50_000, 1_000, 4, 250, 20_000, 0.05, true, 0);
        }

        /// @throws AdjointException if a number makes no sense
        public Options {
            boolean right =
                    environments >= 1
                            && rate > 0
                            && discount >= 0
                            && discount <= 1
                            && batch >= 1
                            && memory >= batch
                            && start >= 1
                            && every >= 1
                            && copying >= 1
                            && exploring >= 0
                            && randomness >= 0
                            && randomness <= 1
                            && surprise >= 0;
            if (!right) {
                throw new AdjointException(
                        "Q-learning needs counts of 1 or more, shares from 0 to 1, a rate above 0 and a memory of a batch or more");
            }
        }

        /// With another learning rate.
        public Options rate(double other) {
            return new Options(
                    environments, other, discount, batch, memory, start, every, copying, exploring, randomness, twice, surprise);
        }

        /// With another number of environments.
        public Options environments(int other) {
            return new Options(
                    other, rate, discount, batch, memory, start, every, copying, exploring, randomness, twice, surprise);
        }
    }

    /// Computed by the standard evaluator.
    public Dqn(Supplier<? extends Environment> kind, Function<Init, ? extends Layer> network, Options options, long seed) {
        this(kind, network, options, seed, Evaluator.standard());
    }

    /// @param kind makes environments with [Actions.Discrete]
    /// @param network makes a network: observations `[N, …]` to values `[N, A]`
    /// @throws AdjointException if actions are numbers
    public Dqn(
            Supplier<? extends Environment> kind,
            Function<Init, ? extends Layer> network,
            Options options,
            long seed,
            Evaluator evaluator) {
        this.options = options;
        this.evaluator = evaluator;
        environments = new VectorEnvironment(kind, options.environments, Chance.of(seed, 1).nextLong());
        choices = choices(environments.member(0));
        this.network = network.apply(Init.seeded(seed));
        older = network.apply(Init.seeded(seed));
        optimizer =
                new Optimizer(Adam.rate(options.rate), this.network.parameters()).clipNorm(NORM).on(evaluator);
        memory = new ReplayMemory(options.memory, environments.size(), options.surprise);
        exploring = Chance.of(seed, 2);
        drawing = Chance.of(seed, 3);
    }

    @Override
    public void learn(long more, Consumer<? super LearningEvent> listener) {
        for (long end = steps + more; steps < end; ) {
            float[] before = environments.observations();
            float[] actions = explore(before);
            VectorEnvironment.Steps step = environments.step(actions);
            for (int i = 0; i < actions.length; i++) {
                memory.add(i, before, (int) actions[i], step.rewards()[i], step.terminal()[i], step.next());
            }
            steps += actions.length;
            for (var episode : step.finished()) {
                listener.accept(new LearningEvent.EpisodeDone(steps, episode.total(), episode.length()));
            }
            if (memory.count() >= Math.max(options.start, options.batch)) {
                for (due += actions.length; due >= options.every; due -= options.every) {
                    update(listener);
                }
            }
        }
    }

    private float[] explore(float[] observations) {
        double share = Math.max(options.randomness, 1 - (1 - options.randomness) * steps / Math.max(1, options.exploring));
        float[] actions = new float[environments.count()];
        boolean[] random = new boolean[actions.length];
        boolean asked = false;
        for (int i = 0; i < actions.length; i++) {
            random[i] = exploring.nextDouble() < share;
            actions[i] = random[i] ? exploring.nextInt(choices) : 0;
            asked |= !random[i];
        }
        if (asked) {
            float[] best = policy().act(environments.batch(observations));
            for (int i = 0; i < actions.length; i++) {
                actions[i] = random[i] ? actions[i] : best[i];
            }
        }
        return actions;
    }

    private void update(Consumer<? super LearningEvent> listener) {
        if (updates % options.copying == 0) {
            Weights.copy(network.parameters(), older.parameters(), evaluator);
        }
        int n = options.batch;
        double beta = Math.min(1, 0.4 + 0.6 * steps / Math.max(1, 2 * options.exploring)); // Schaul et al. 2016, table 3
        var draw = memory.draw(n, beta, drawing);
        Pass pass = Pass.inference();
        Tensor after = environments.batch(draw.nexts());
        Tensor values = older.apply(after, pass); // [N, A]
        Tensor best =
                options.twice
                        ? chosen(values, network.apply(after, pass).argmax(1)) // [N]
                        : values.max(1);
        Tensor aim = Tensor.of(draw.rewards(), n).add(Tensor.of(draw.going(), n).mul(best).mul(options.discount));
        Tensor value = chosen(network.apply(environments.batch(draw.observations()), pass), Tensor.of(draw.actions(), n));
        Tensor error = value.sub(aim.stopGradient()); // [N]
        // Squared, not Huber's: where errors are large that one seeks the median, which ends of episodes do not move, and values grow.
        Tensor loss = error.square().mul(Tensor.of(draw.weights(), n)).mean();
        optimizer.step(loss, error);
        memory.surprised(draw.places(), error.toFloats());
        updates++;
        listener.accept(
                new LearningEvent.Updated(steps, updates)
                        .with("loss", loss));
    }

    // values [N, A], actions [N] -> [N]
    private static Tensor chosen(Tensor values, Tensor actions) {
        return values.takeAlongAxis(1, actions.unsqueeze(1)).squeeze(1);
    }

    /// Q: observations `[N, …]` to values `[N, A]`.
    public Layer network() {
        return network;
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public Policy policy() {
        return policy(network, evaluator);
    }

    /// Always does what is valued most.
    ///
    /// @param network observations `[N, …]` to values `[N, A]`
    public static Policy policy(Layer network, Evaluator evaluator) {
        return observations -> {
            Tensor best = network.apply(observations, Pass.inference()).argmax(1);
            evaluator.evaluate(best);
            return best.toFloats();
        };
    }

    /// A network that fits an environment: ReLU neurons, He's weights.
    ///
    /// @throws AdjointException if actions are numbers
    public static Layer network(Environment environment, Body body, Init init) {
        Init.Scheme head = Init.lecunNormal();
        return body.with(environment.observation(), choices(environment), Activation.RELU, Init.heNormal(), head, init);
    }

    private static int choices(Environment environment) {
        if (!(environment.actions() instanceof Actions.Discrete discrete)) {
            throw new AdjointException(
                    "Q-learning chooses one of some actions, but those of " + environment.name() + " are numbers: use Ppo");
        }
        return discrete.count();
    }

    @Override
    public SequencedMap<String, Parameter> parameters() {
        return network.parameters();
    }
}
