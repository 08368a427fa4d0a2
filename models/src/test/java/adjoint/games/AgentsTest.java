package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.data.Picture;
import adjoint.models.Mlp;
import adjoint.nn.Flatten;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.optim.Schedule;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Agents on tasks whose best policy is known.
class AgentsTest {
    private static final double DISCOUNT = 0.9;

    /// One number is to be said that lies near the one that is seen.
    private static final class Echo implements Environment {
        private float seen;

        @Override
        public String name() {
            return "Echo";
        }

        @Override
        public Shape observation() {
            return Shape.of(1);
        }

        @Override
        public Actions actions() {
            return new Actions.Continuous(1, -1, 1);
        }

        @Override
        public int limit() {
            return 1;
        }

        @Override
        public void reset(RandomGenerator random) {
            seen = random.nextFloat(-0.8f, 0.8f);
        }

        @Override
        public Outcome step(float... action) {
            float said = Required.numbers(this, new Actions.Continuous(1, -1, 1), action)[0];
            return new Outcome(-(said - seen) * (said - seen), true);
        }

        @Override
        public void observe(float[] target, int offset) {
            target[offset] = seen;
        }

        @Override
        public String text() {
            return String.valueOf(seen);
        }

        @Override
        public Picture picture() {
            return new Picture(1, 1, 1, new float[1]);
        }
    }

    private static Dqn dqn(boolean twice, double surprise, boolean duelling, long seed, Engine engine) {
        return new Dqn(
                Corridor::new,
                // A weight for each place and action: what is learned is exact.
                init ->
                        duelling
                                ? new Duelling(new Flatten(), Corridor.PLACES, 2, init)
                                : new Linear(Corridor.PLACES, 2, init),
                new Dqn.Options(4, 3e-3, DISCOUNT, 32, 2_000, 100, 1, 50, 1_000, 0.3, twice, surprise),
                seed,
                engine);
    }

    private static Agent agent(String name, long seed, Engine engine) {
        return switch (name) {
            case "dqn" -> dqn(true, 0, false, seed, engine);
            case "a2c" ->
                    new A2c(
                            Corridor::new,
                            init -> ActorCritic.of(new Corridor(), List.of(16), init),
                            new A2c.Options(16, 5, Schedule.constant(5e-3), DISCOUNT, 0.95, 0.005, 0.5, 1),
                            seed,
                            engine);
            case "ppo" ->
                    new Ppo(
                            Corridor::new,
                            init -> ActorCritic.of(new Corridor(), List.of(16), init),
                            new Ppo.Options(8, 32, Schedule.constant(5e-3), DISCOUNT, 0.95, 4, 64, 0.2, Schedule.constant(0.005), 0.5, 1),
                            seed,
                            engine);
            default ->
                    new Reinforce(
                            Corridor::new,
                            init -> ActorCritic.of(new Corridor(), List.of(16), init).actor(),
                            new Reinforce.Options(32, 1e-2, DISCOUNT),
                            seed,
                            engine);
        };
    }

    private static Tensor places() {
        float[] all = new float[Corridor.PLACES * Corridor.PLACES];
        for (int i = 0; i < Corridor.PLACES; i++) {
            all[i * Corridor.PLACES + i] = 1;
        }
        return Tensor.of(all, Corridor.PLACES, Corridor.PLACES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dqn", "a2c", "ppo", "reinforce"})
    void goesWhereTheRewardIs(String name) {
        try (var engine = new Engine(1)) {
            Agent agent = agent(name, 1, engine);
            agent.learn(8_000, _ -> {});
            // From the leftmost place the small reward is worth 0.1, the large one 0.9⁵.
            assertThat(agent.policy().act(places())).containsOnly(1);
            Returns returns = agent.policy().returns(Corridor::new, 50, 9);
            assertThat(returns.mean()).isEqualTo(1);
            assertThat(returns.least()).isEqualTo(1);
            assertThat(agent.steps()).isBetween(8_000L, 9_000L);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 0, false", "true, 0, false", "true, 0.6, false", "true, 0.6, true"})
    void learnsWhatActionsAreWorth(boolean twice, double surprise, boolean duelling) {
        try (var engine = new Engine(1)) {
            Dqn dqn = dqn(twice, surprise, duelling, 3, engine);
            dqn.learn(10_000, _ -> {});
            float[] found = dqn.network().apply(places(), Pass.inference()).toFloats();
            double[][] expected = Corridor.values(DISCOUNT);
            for (int i = 0; i < found.length; i++) {
                assertThat((double) found[i]).as("place %d action %d", i / 2, i % 2).isCloseTo(expected[i / 2][i % 2], within(0.01));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dqn", "a2c", "ppo", "reinforce"})
    void theSameSeedGivesTheSameBits(String name) {
        List<Object> first = weights(name, 5, 1);
        assertThat(weights(name, 5, 1)).isEqualTo(first);
        assertThat(weights(name, 5, 2)).as("with two threads").isEqualTo(first);
        assertThat(weights(name, 6, 1)).isNotEqualTo(first);
    }

    private static List<Object> weights(String name, long seed, int threads) {
        try (var engine = new Engine(threads)) {
            Agent agent = agent(name, seed, engine);
            List<Object> all = new ArrayList<>();
            agent.learn(1_500, all::add);
            assertThat(all).hasAtLeastOneElementOfType(LearningEvent.Updated.class);
            assertThat(all).hasAtLeastOneElementOfType(LearningEvent.EpisodeDone.class);
            agent.parameters().forEach((path, p) -> all.add(path + Arrays.toString(p.value().toFloats())));
            return all;
        }
    }

    @Test
    void numbersAreLearned() {
        try (var engine = new Engine(1)) {
            var ppo =
                    new Ppo(
                            Echo::new,
                            init -> ActorCritic.of(new Echo(), List.of(16), init),
                            new Ppo.Options(32, 16, Schedule.constant(5e-3), DISCOUNT, 0.95, 4, 128, 0.2, step -> 0, 0.5, 1),
                            1,
                            engine);
            double before = ppo.policy().returns(Echo::new, 100, 9).mean();
            ppo.learn(30_000, _ -> {});
            assertThat(before).isLessThan(-0.1);
            assertThat(ppo.policy().returns(Echo::new, 100, 9).mean()).isGreaterThan(-0.005);
        }
    }

    @Test
    void qLearningNeedsChoices() {
        assertThatThrownBy(
                        () ->
                                new Dqn(
                                        Echo::new,
                                        init -> new Mlp(1, List.of(4), 1, new Mlp.Form(), init),
                                        new Dqn.Options(),
                                        1))
                .isInstanceOf(AdjointException.class)
                .hasMessage("Q-learning chooses one of some actions, but those of Echo are numbers: use Ppo");
    }
}
