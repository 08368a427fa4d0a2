package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SnakeTest {
    private static final Environment.Outcome NOTHING = new Environment.Outcome(0, false);
    private static final Environment.Outcome DEATH = new Environment.Outcome(-1, true);

    // Fields of a 4 x 4 snake have the numbers 0 … 15, row by row.
    private final Snake snake = new Snake(4);

    @Test
    void itEatsAndGrowsAndTheFoodIsAnother() {
        snake.set(2, 5, 4);
        snake.feed(6);
        assertThat(snake.step(2)).isEqualTo(new Environment.Outcome(1, false));
        assertThat(snake.text().replaceAll("[ \n]", "")).matches("[.*]{4}oo@[.*]{9}").containsOnlyOnce("*");
    }

    @Test
    void whatIsObserved() {
        snake.set(2, 6, 5, 4);
        snake.feed(15);
        float[] expected = new float[48];
        expected[6 * 3] = 1;
        expected[5 * 3 + 1] = 1;
        expected[4 * 3 + 1] = 0.5f;
        expected[15 * 3 + 2] = 1;
        assertThat(Episodes.observed(snake)).containsExactly(expected);
    }

    @Test
    void wallsAndItselfKill() {
        snake.feed(15);
        int[] heads = {4, 13, 7, 2}; // at the border that lies each way
        for (int way = 0; way < 4; way++) {
            snake.set(way, heads[way]);
            assertThat(snake.step(way)).as("way %d", way).isEqualTo(DEATH);
            assertThat(snake.step(way)).isEqualTo(new Environment.Outcome(0, true));
        }
        snake.set(0, 5, 6, 2, 1, 0);
        assertThat(snake.step(3)).isEqualTo(DEATH);
        snake.set(0, 5, 6, 2, 1); // the tail makes room
        assertThat(snake.step(3)).isEqualTo(NOTHING);
    }

    @Test
    void itDoesNotTurnIntoItsNeck() {
        snake.feed(15);
        snake.set(2, 5, 4);
        assertThat(snake.step(0)).isEqualTo(NOTHING);
        assertThat(snake.text()).contains(". o @ .");
    }

    @Test
    void itStarvesAfterAsManyStepsAsThereAreFields() {
        snake.set(0, 0, 1, 5, 4);
        snake.feed(15);
        for (int i = 1; i < 16; i++) {
            assertThat(snake.step(i % 4 == 1 ? 1 : i % 4 == 2 ? 2 : i % 4 == 3 ? 3 : 0)).isEqualTo(NOTHING);
        }
        assertThat(snake.step(0)).isEqualTo(DEATH);
    }

    @Test
    void whoFillsTheFieldHasWon() {
        snake.set(0, 1, 2, 3, 7, 6, 5, 4, 8, 9, 10, 11, 15, 14, 13, 12);
        snake.feed(0);
        assertThat(snake.step(0)).isEqualTo(new Environment.Outcome(1, true));
        assertThat(Episodes.observed(snake)[2]).isZero();
        assertThat(snake.text()).doesNotContain("*").contains("@ o o o");
        assertThat(snake.picture().height()).isEqualTo(64);
    }

    @Test
    void foodLiesOnFreeFieldsOnlyEachAsLikely() {
        int[] counts = new int[16];
        for (int i = 0; i < 1300; i++) {
            snake.reset(new Chance(i));
            counts[snake.text().replaceAll("[ \n]", "").indexOf('*')]++;
        }
        for (int field = 0; field < 16; field++) {
            if (field >= 8 && field <= 10) {
                assertThat(counts[field]).isZero();
            } else {
                assertThat(counts[field]).isBetween(60, 140); // 100 on average, standard deviation 10
            }
        }
    }

    @Test
    void theGreedyPlayerEatsAndARandomOneDoesNot() {
        var large = new Snake();
        var random = new Chance(1);
        assertThat(Episodes.meanReturn(large, large::greedy, 50)).isBetween(20.0, 35.0);
        assertThat(Episodes.meanReturn(large, () -> random.nextInt(4), 200)).isBetween(-1.0, -0.5);
    }

    @Test
    void fieldsThatAreTooSmallAreRefused() {
        assertThatThrownBy(() -> new Snake(3)).hasMessageContaining("4 to 64");
    }
}
