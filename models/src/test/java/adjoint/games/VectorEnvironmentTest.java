package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class VectorEnvironmentTest {
    private static List<Object> run(int count, int threads) {
        List<Object> seen = new ArrayList<>();
        var actions = new Chance(5);
        try (var all = new VectorEnvironment(CartPole::new, count, 42, threads)) {
            for (int t = 0; t < 300; t++) {
                float[] chosen = new float[count];
                for (int i = 0; i < count; i++) {
                    chosen[i] = actions.nextInt(2);
                }
                var step = all.step(chosen);
                seen.add(Arrays.toString(step.next()) + Arrays.toString(step.terminal()) + step.finished());
                seen.add(Arrays.toString(all.observations()));
            }
        }
        return seen;
    }

    @Test
    void manyThreadsSeeTheSameAsOne() {
        List<Object> one = run(13, 1);
        for (int threads : new int[] {2, 3, 20}) {
            assertThat(run(13, threads)).isEqualTo(one);
        }
    }

    @Test
    void eachIsTheSameWhateverIsBesideIt() {
        try (var few = new VectorEnvironment(CartPole::new, 2, 42);
                var many = new VectorEnvironment(CartPole::new, 9, 42)) {
            for (int t = 0; t < 100; t++) {
                few.step(new float[2]);
                many.step(new float[9]);
                assertThat(Arrays.copyOf(many.observations(), 8)).isEqualTo(few.observations());
            }
            assertThat(Arrays.copyOfRange(few.observations(), 0, 4)).isNotEqualTo(Arrays.copyOfRange(few.observations(), 4, 8));
        }
    }

    @Test
    void whatIsOverBeginsAnewAndItsEndIsKept() {
        try (var all = new VectorEnvironment(Corridor::new, 1, 1)) {
            int length = 0;
            for (int t = 0; t < 50; t++) {
                int place = at(all.observations());
                var step = all.step(new float[] {1});
                length++;
                if (place == Corridor.PLACES - 1) {
                    assertThat(step.terminal()).containsExactly(true);
                    assertThat(step.cut()).containsExactly(false);
                    assertThat(at(step.next())).isEqualTo(Corridor.PLACES - 1);
                    assertThat(step.finished()).containsExactly(new VectorEnvironment.Episode(1, length));
                    length = 0;
                } else {
                    assertThat(step.finished()).isEmpty();
                    assertThat(at(step.next())).isEqualTo(place + 1).isEqualTo(at(all.observations()));
                }
            }
        }
    }

    @Test
    void anEpisodeIsCutOffAtItsLimit() {
        try (var all = new VectorEnvironment(Corridor::new, 1, 3)) {
            int from = at(all.observations());
            for (int t = 1; t <= 20; t++) {
                boolean back = t % 2 == 0;
                boolean up = from < Corridor.PLACES - 1;
                var step = all.step(new float[] {back == up ? 0 : 1}); // to and fro
                assertThat(step.cut()[0]).isEqualTo(t == 20);
                assertThat(step.terminal()[0]).isFalse();
            }
        }
    }

    private static int at(float[] observation) {
        for (int i = 0; i < observation.length; i++) {
            if (observation[i] == 1) {
                return i;
            }
        }
        throw new AssertionError();
    }

    @Test
    void wrongActionsAreRefused() {
        try (var all = new VectorEnvironment(CartPole::new, 3, 1, 2)) {
            assertThatThrownBy(() -> all.step(new float[2]))
                    .isInstanceOf(AdjointException.class)
                    .hasMessage("3 environments with actions of 1 take 3 numbers, got 2");
            assertThatThrownBy(() -> all.step(new float[] {0, 2, 0}))
                    .isInstanceOf(AdjointException.class)
                    .hasMessage("CartPole-v1 takes one action from 0 to 1, got [2.0]");
        }
        assertThatThrownBy(() -> new VectorEnvironment(CartPole::new, 0, 1)).hasMessageContaining("at least 1 environment");
    }
}
