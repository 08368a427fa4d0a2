package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

import java.util.List;

class GridWorldTest {
    @Test
    void theWaysGoWhereTheyAreSaidTo() {
        var lake = GridWorld.frozenLake(false);
        int[] arrived = {8, 13, 10, 5}; // of field 9, below hole 5
        for (int way = 0; way < 4; way++) {
            lake.set(9);
            assertThat(lake.step(way)).isEqualTo(new Environment.Outcome(0, way == 3));
            assertThat(place(lake)).isEqualTo(arrived[way]);
        }
        lake.set(0);
        lake.step(0);
        lake.step(3);
        assertThat(place(lake)).isZero();
    }

    @Test
    void theGoalIsRewardedOnce() {
        var lake = GridWorld.frozenLake(false);
        lake.set(14);
        assertThat(lake.step(2)).isEqualTo(new Environment.Outcome(1, true));
        assertThat(lake.step(2)).isEqualTo(new Environment.Outcome(0, true));
        assertThat(lake.text().replace("\n", "")).isEqualTo("SFFFFHFHFFFHHFF@");
    }

    /// 30,000 steps: the share's standard deviation is 0.0027.
    @Test
    void oneSlipsToEitherSideInAThirdOfTheSteps() {
        var lake = GridWorld.frozenLake(true);
        lake.reset(new Chance(1));
        double[] shares = new double[16];
        for (int i = 0; i < 30_000; i++) {
            lake.set(9);
            lake.step(2);
            shares[place(lake)] += 1 / 30_000.0;
        }
        assertThat(shares[5]).isCloseTo(1 / 3.0, within(0.01));
        assertThat(shares[10]).isCloseTo(1 / 3.0, within(0.01));
        assertThat(shares[13]).isCloseTo(1 / 3.0, within(0.01));
    }

    /// The best policy (value iteration) reaches the goal within 100 steps in 0.74 of the episodes, as Gymnasium says: the share's
    /// standard deviation is 0.01.
    @Test
    void theBestPolicyIsAsGoodAsPublished() {
        int[] best = {0, 3, 3, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 2, 1, 0};
        var lake = GridWorld.frozenLake(true);
        assertThat(Episodes.meanReturn(lake, () -> best[place(lake)], 2000)).isCloseTo(0.74, within(0.03));
    }

    @Test
    void mapsThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new GridWorld("x", List.of("SF", "G"), false, 9))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("lines of equal length");
        assertThatThrownBy(() -> new GridWorld("x", List.of("SX", "FG"), false, 9)).hasMessageContaining("letters");
        assertThatThrownBy(() -> new GridWorld("x", List.of("SF", "FF"), false, 9)).hasMessageContaining("goal G");
        assertThatThrownBy(() -> new GridWorld("x", List.of(), false, 9)).hasMessageContaining("got []");
        assertThatThrownBy(() -> new GridWorld("x", List.of("SG"), false, 0)).hasMessageContaining("1 step");
    }

    @Test
    void ofSeveralStartsEachIsTaken() {
        var world = new GridWorld("x", List.of("SFG", "FFS"), false, 9);
        boolean[] begun = new boolean[6];
        for (int i = 0; i < 50; i++) {
            world.reset(new Chance(i));
            begun[place(world)] = true;
        }
        assertThat(begun).containsExactly(true, false, false, false, false, true);
    }

    private static int place(GridWorld world) {
        float[] observed = Episodes.observed(world);
        int place = 0;
        while (observed[place] == 0) {
            place++;
        }
        return place;
    }
}
