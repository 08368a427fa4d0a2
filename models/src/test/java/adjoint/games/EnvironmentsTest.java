package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.stream.Stream;

/// What holds for every environment.
class EnvironmentsTest {
    static Stream<String> names() {
        return Environments.byName().keySet().stream();
    }

    private static Environment of(String name) {
        return Environments.byName().get(name).get();
    }

    @Test
    void theNamesAreInOrder() {
        assertThat(names())
                .containsExactly(
                        "cart-pole", "mountain-car", "acrobot", "pendulum", "frozen-lake", "snake", "breakout");
        assertThat(Environments.byName().values().stream().map(each -> each.get().name()))
                .containsExactly(
                        "CartPole-v1",
                        "MountainCar-v0",
                        "Acrobot-v1",
                        "Pendulum-v1",
                        "FrozenLake-v1",
                        "Snake",
                        "MinAtar/Breakout-v1");
    }

    @ParameterizedTest
    @MethodSource("names")
    void equalSeedsGiveEqualEpisodesWhateverWasBefore(String name) {
        assertThat(story(of(name), 1)).isEqualTo(story(of(name), 1)).isNotEqualTo(story(of(name), 2));
        var used = of(name);
        story(used, 2);
        assertThat(story(used, 1)).isEqualTo(story(of(name), 1));
    }

    // All that is seen and rewarded in some episodes of random actions.
    private static String story(Environment environment, long seed) {
        var story = new StringBuilder();
        var random = new Chance(seed);
        for (int episode = 0; episode < 3; episode++) {
            environment.reset(random);
            boolean over = false;
            for (int t = 0; t < 100 && !over; t++) {
                var outcome = environment.step(environment.actions().drawn(random));
                over = outcome.terminal();
                story.append(outcome.reward()).append(Arrays.toString(Episodes.observed(environment)));
            }
        }
        return story.toString();
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsObservedIsAllThatIsWritten(String name) {
        var environment = of(name);
        int size = (int) environment.observation().size();
        float[] target = new float[size + 2];
        Arrays.fill(target, Float.NaN);
        environment.observe(target, 1);
        assertThat(target[0]).isNaN();
        assertThat(target[size + 1]).isNaN();
        assertThat(Arrays.copyOfRange(target, 1, size + 1)).isEqualTo(Episodes.observed(environment));
    }

    @ParameterizedTest
    @MethodSource("names")
    void wrongActionsAreRefusedAndChangeNothing(String name) {
        var environment = of(name);
        environment.reset(new Chance(1));
        float[] before = Episodes.observed(environment);
        assertRefused(environment, Float.NaN);
        assertRefused(environment);
        assertRefused(environment, 0, 0);
        if (environment.actions() instanceof Actions.Discrete(int count)) {
            assertRefused(environment, -1);
            assertRefused(environment, count);
            assertRefused(environment, 0.5f);
            environment.step(count - 1);
        } else {
            assertThat(Episodes.observed(environment)).containsExactly(before);
        }
    }

    private static void assertRefused(Environment environment, float... action) {
        float[] before = Episodes.observed(environment);
        assertThatThrownBy(() -> environment.step(action))
                .isInstanceOf(AdjointException.class)
                .hasMessageStartingWith(environment.name());
        assertThat(Episodes.observed(environment)).containsExactly(before);
    }

    @ParameterizedTest
    @MethodSource("names")
    void linesAreEquallyLongAndPicturesShowWhatChanges(String name) {
        var environment = of(name);
        environment.reset(new Chance(1));
        String text = environment.text();
        float[] pixels = environment.picture().pixels();
        assertThat(environment.picture().channels()).isEqualTo(3);
        assertThat(text.lines().mapToInt(String::length).distinct().count()).isEqualTo(1);
        assertThat(text).doesNotEndWith("\n");
        for (float pixel : pixels) {
            assertThat(pixel).isBetween(0f, 1f);
        }
        for (int t = 0; t < 8; t++) {
            environment.step(environment.actions() instanceof Actions.Discrete ? 1 : 2);
        }
        assertThat(environment.text()).isNotEqualTo(text);
        assertThat(environment.picture().pixels()).isNotEqualTo(pixels);
    }
}
