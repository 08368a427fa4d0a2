package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ReplayMemoryTest {
    private static ReplayMemory filled(int capacity, int count, double alpha) {
        var memory = new ReplayMemory(capacity, 2, alpha);
        for (int i = 0; i < count; i++) {
            memory.add(1, new float[] {-1, -1, i, i}, i % 3, i, i % 5 == 0, new float[] {-1, -1, i + 1, i + 1});
        }
        return memory;
    }

    @Test
    void whatIsDrawnBelongsTogetherAndTheOldestIsForgotten() {
        ReplayMemory memory = filled(10, 25, 0);
        assertThat(memory.count()).isEqualTo(10);
        int[] seen = new int[25];
        ReplayMemory.Draw draw = memory.draw(2000, 1, new Chance(1));
        for (int i = 0; i < 2000; i++) {
            int number = (int) draw.rewards()[i];
            seen[number]++;
            assertThat(draw.observations()[2 * i]).isEqualTo(number);
            assertThat(draw.nexts()[2 * i + 1]).isEqualTo(number + 1);
            assertThat(draw.actions()[i]).isEqualTo(number % 3);
            assertThat(draw.going()[i]).isEqualTo(number % 5 == 0 ? 0 : 1);
            assertThat(draw.weights()[i]).isEqualTo(1);
        }
        for (int i = 0; i < 25; i++) {
            assertThat(seen[i]).isBetween(i < 15 ? 0 : 140, i < 15 ? 0 : 260); // 200, deviation 13
        }
    }

    @Test
    void whatSurprisedIsDrawnMoreOften() {
        for (int capacity : new int[] {8, 11}) {
            double alpha = 0.5;
            ReplayMemory memory = filled(capacity, capacity, alpha);
            int[] places = new int[capacity];
            float[] errors = new float[capacity];
            double all = 0;
            for (int i = 0; i < capacity; i++) {
                places[i] = i;
                errors[i] = i % 2 == 0 ? i : -i;
                all += Math.sqrt(i + 1e-6);
            }
            memory.surprised(places, errors);
            int n = 40_000;
            ReplayMemory.Draw draw = memory.draw(n, 1, new Chance(2));
            int[] seen = new int[capacity];
            for (int place : draw.places()) {
                seen[place]++;
            }
            double least = Math.sqrt(1e-6) / all;
            for (int i = 0; i < capacity; i++) {
                double p = Math.sqrt(i + 1e-6) / all;
                assertThat(seen[i] / (double) n).isCloseTo(p, within(0.005));
                for (int k = 0; k < n; k++) {
                    if (draw.places()[k] == i && seen[0] > 0) {
                        assertThat((double) draw.weights()[k]).isCloseTo(least / p, within(1e-3)); // (1 / (N p)), over the largest
                        break;
                    }
                }
            }
        }
    }
}
