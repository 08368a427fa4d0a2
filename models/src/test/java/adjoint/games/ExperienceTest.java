package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

/// The arithmetic of policy gradients, against its definitions.
class ExperienceTest {
    private static final double DISCOUNT = 0.9;
    private static final double LAMBDA = 0.7;

    @Test
    void advantagesAreTheSumsOfTheirDefinition() {
        int n = 3;
        int length = 8;
        var random = new Chance(1);
        float[] values = new float[n * length];
        float[] rewards = new float[n * length];
        float[] last = new float[n];
        boolean[] over = new boolean[n * length];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
            rewards[i] = random.nextFloat();
            over[i] = random.nextInt(4) == 0;
        }
        for (int i = 0; i < n; i++) {
            last[i] = random.nextFloat();
        }
        var seen = new Experience.Rollout(n, new float[0], new float[0], new float[0], values, rewards, over, last);
        float[] found = seen.advantages(DISCOUNT, LAMBDA);
        for (int i = 0; i < n; i++) {
            for (int t = 0; t < length; t++) {
                double expected = 0;
                double factor = 1;
                for (int k = t; k < length; k++) { // Σ (γλ)^(k-t) δ_k, up to the end of the episode
                    double next = k + 1 < length ? values[(k + 1) * n + i] : last[i];
                    boolean end = over[k * n + i];
                    expected += factor * (rewards[k * n + i] + (end ? 0 : DISCOUNT * next) - values[k * n + i]);
                    if (end) {
                        break;
                    }
                    factor *= DISCOUNT * LAMBDA;
                }
                assertThat((double) found[t * n + i]).isCloseTo(expected, within(1e-6));
            }
        }
    }

    @Test
    void moreThanAnArrayHoldsIsRefused() {
        var few = new Ppo.Options().environments(6);
        var options =
                new Ppo.Options(
                        6, 1_000_000, few.rate(), 0.9, 0.9, 1, 64, few.clip(), few.entropy(), few.norm(), few.scale());
        Body body = new Body(List.of(2));
        var ppo = new Ppo(Breakout::new, init -> ActorCritic.of(new Breakout(), body, init), options, 1);
        assertThatThrownBy(() -> ppo.learn(1, _ -> {}))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("1000000 steps of 6 environments");
    }

    @Test
    void choicesHaveTheProbabilitiesOfTheirLogits() {
        float[] logits = {1, 2, -1};
        Tensor many = Tensor.of(logits, 1, 3).expand(30_000, 3).add(0);
        var choice = new Categorical(many);
        float[] drawn = choice.draw(new Chance(1));
        double all = Arrays.stream(new double[] {1, 2, -1}).map(Math::exp).sum();
        double entropy = 0;
        for (int a = 0; a < 3; a++) {
            int action = a;
            double p = Math.exp(logits[a]) / all;
            long count = java.util.stream.IntStream.range(0, drawn.length).filter(i -> drawn[i] == action).count();
            assertThat(count / 30_000.0).isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / 30_000)));
            float log = new Categorical(Tensor.of(logits, 1, 3)).logProbability(Tensor.of(new float[] {a}, 1, 1)).toFloats()[0];
            assertThat((double) log).isCloseTo(Math.log(p), within(1e-6));
            entropy -= p * Math.log(p);
        }
        assertThat(choice.entropy().item()).isCloseTo(entropy, within(1e-5));
        assertThat(new Categorical(Tensor.of(logits, 1, 3)).likeliest()).containsExactly(1);
    }

    @Test
    void numbersHaveTheDensityOfTheirDeviation() {
        double deviation = 0.5;
        Tensor log = Tensor.of(new float[] {(float) Math.log(deviation), 0}, 2);
        var choice = new Gaussian(Tensor.of(new float[] {0.3f, -1}, 1, 2).expand(20_000, 2).add(0), log);
        float[] drawn = choice.draw(new Chance(1));
        double mean = 0;
        double square = 0;
        for (int i = 0; i < drawn.length; i += 2) {
            mean += drawn[i] / 20_000.0;
            square += (drawn[i] - 0.3) * (drawn[i] - 0.3) / 20_000.0;
        }
        assertThat(mean).isCloseTo(0.3, within(4 * deviation / Math.sqrt(20_000)));
        assertThat(square).isCloseTo(deviation * deviation, within(4 * deviation * deviation * Math.sqrt(2 / 20_000.0)));
        float found = new Gaussian(Tensor.of(new float[] {0.3f, -1}, 1, 2), log)
                .logProbability(Tensor.of(new float[] {1, 0.5f}, 1, 2))
                .toFloats()[0];
        assertThat((double) found).isCloseTo(density(0.7, deviation) + density(1.5, 1), within(1e-5));
        double entropy = 0.5 * Math.log(2 * Math.PI * Math.E * deviation * deviation) + 0.5 * Math.log(2 * Math.PI * Math.E);
        assertThat(choice.entropy().item()).isCloseTo(entropy, within(1e-5));
    }

    private static double density(double off, double deviation) {
        return -off * off / (2 * deviation * deviation) - Math.log(deviation * Math.sqrt(2 * Math.PI));
    }

    @Test
    void wholeEpisodesCountFromEachActionOn() {
        var kept = new Kept(2, 1, 1);
        // Environment 0 ends after one step with 4; environment 1 is rewarded with 1 and then 2.
        kept.add(new float[2], new float[2], new float[] {4, 1}, new boolean[] {false, false});
        kept.add(new float[2], new float[2], new float[] {9, 2}, new boolean[] {true, false});
        assertThat(kept.totals())
                .containsExactly(new VectorEnvironment.Episode(4, 1), new VectorEnvironment.Episode(3, 2));
        double[] gained = {4, 1 + 0.5 * 2, 2};
        double mean = Arrays.stream(gained).average().orElseThrow();
        double deviation = Math.sqrt(Arrays.stream(gained).map(g -> (g - mean) * (g - mean)).average().orElseThrow());
        float[] weights = kept.weights(0.5);
        assertThat(weights).hasSize(4);
        int[] where = {0, 1, 3};
        for (int i = 0; i < 3; i++) {
            assertThat((double) weights[where[i]]).isCloseTo((gained[i] - mean) / deviation / 3, within(1e-5));
        }
        assertThat(weights[2]).isZero();
    }
}
