package adjoint.games;

import java.util.random.RandomGenerator;

/// What an agent has lived through lately, drawn from at random: all alike, or what surprised most more often (Schaul et al. 2016).
final class ReplayMemory {
    private static final double LEAST = 1e-6; // so that everything can be drawn

    private final int capacity;
    private final int size;
    private final double alpha;
    private final float[] observations;
    private final float[] nexts;
    private final int[] actions;
    private final float[] rewards;
    private final float[] going; // 1 where the episode goes on
    private final double[] priorities; // a binary tree of sums; leaves from `capacity` on
    private double highest = 1;
    private int count;
    private int place;

    /// Some of it.
    ///
    /// @param places where they are kept
    /// @param weights what their errors count, so that drawing does not bias
    record Draw(int[] places, float[] observations, int[] actions, float[] rewards, float[] going, float[] nexts, float[] weights) {}

    /// @param alpha how much surprise counts: 0 not at all
    ReplayMemory(int capacity, int size, double alpha) {
        this.capacity = capacity;
        this.size = size;
        this.alpha = alpha;
        observations = new float[Math.multiplyExact(capacity, size)];
        nexts = new float[capacity * size];
        actions = new int[capacity];
        rewards = new float[capacity];
        going = new float[capacity];
        priorities = new double[alpha > 0 ? 2 * capacity : 0];
    }

    int count() {
        return count;
    }

    /// Keeps a step of environment `i`, in place of the oldest one if there is no room.
    void add(int i, float[] before, int action, float reward, boolean terminal, float[] after) {
        System.arraycopy(before, i * size, observations, place * size, size);
        System.arraycopy(after, i * size, nexts, place * size, size);
        actions[place] = action;
        rewards[place] = reward;
        going[place] = terminal ? 0 : 1;
        if (alpha > 0) {
            set(place, highest);
        }
        place = (place + 1) % capacity;
        count = Math.min(count + 1, capacity);
    }

    /// Draws some, each as often as chance has it.
    ///
    /// @param beta how much of the bias is taken back: 1 all
    Draw draw(int n, double beta, RandomGenerator random) {
        int[] places = new int[n];
        float[] weights = new float[n];
        float most = 0;
        for (int i = 0; i < n; i++) {
            places[i] = alpha > 0 ? find((i + random.nextDouble()) / n * priorities[1]) : random.nextInt(count);
            weights[i] = alpha > 0 ? (float) Math.pow(count * priorities[capacity + places[i]] / priorities[1], -beta) : 1;
            most = Math.max(most, weights[i]);
        }
        var draw = new Draw(places, new float[n * size], new int[n], new float[n], new float[n], new float[n * size], weights);
        for (int i = 0; i < n; i++) {
            int p = places[i];
            System.arraycopy(observations, p * size, draw.observations, i * size, size);
            System.arraycopy(nexts, p * size, draw.nexts, i * size, size);
            draw.actions[i] = actions[p];
            draw.rewards[i] = rewards[p];
            draw.going[i] = going[p];
            weights[i] /= most;
        }
        return draw;
    }

    /// Notes how much the drawn ones surprised.
    void surprised(int[] places, float[] errors) {
        if (alpha > 0) {
            for (int i = 0; i < places.length; i++) {
                double priority = Math.pow(Math.abs(errors[i]) + LEAST, alpha);
                highest = Math.max(highest, priority);
                set(places[i], priority);
            }
        }
    }

    private void set(int at, double priority) {
        int node = capacity + at;
        priorities[node] = priority;
        for (node /= 2; node >= 1; node /= 2) {
            priorities[node] = priorities[2 * node] + priorities[2 * node + 1];
        }
    }

    private int find(double sum) {
        int node = 1;
        while (node < capacity) {
            node *= 2;
            if (sum >= priorities[node] && priorities[node + 1] > 0) {
                sum -= priorities[node];
                node++;
            }
        }
        return node - capacity;
    }
}
