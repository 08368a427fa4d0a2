package adjoint.games;

import adjoint.games.VectorEnvironment.Episode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Whole episodes, one of each environment, for [Reinforce]: rows of which those behind an episode's end count nothing.
final class Kept {
    private final int n;
    private final int size;
    private final int width;
    private float[] observations = new float[0];
    private float[] actions = new float[0];
    private float[] rewards = new float[0];
    private boolean[] counts = new boolean[0];
    private int length;

    Kept(int n, int size, int width) {
        this.n = n;
        this.size = size;
        this.width = width;
    }

    /// @param over which episodes were over before this step
    void add(float[] seen, float[] done, float[] gained, boolean[] over) {
        if (length * n == rewards.length) { // room by powers of two: each has a plan
            int room = Math.max(1, 2 * length) * n;
            observations = Arrays.copyOf(observations, room * size);
            actions = Arrays.copyOf(actions, room * width);
            rewards = Arrays.copyOf(rewards, room);
            counts = Arrays.copyOf(counts, room);
        }
        System.arraycopy(seen, 0, observations, length * n * size, n * size);
        System.arraycopy(done, 0, actions, length * n * width, n * width);
        for (int i = 0; i < n; i++) {
            rewards[length * n + i] = over[i] ? 0 : gained[i];
            counts[length * n + i] = !over[i];
        }
        length++;
    }

    /// How many rows there are, with those that count nothing.
    int count() {
        return rewards.length;
    }

    float[] observations() {
        return observations;
    }

    float[] actions() {
        return actions;
    }

    List<Episode> totals() {
        List<Episode> episodes = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double total = 0;
            int steps = 0;
            for (int at = i; at < length * n; at += n) {
                total += rewards[at];
                steps += counts[at] ? 1 : 0;
            }
            episodes.add(new Episode(total, steps));
        }
        return episodes;
    }

    /// What each action counts: what was gained from it on, less the mean and divided by the deviation of all, over their number.
    float[] weights(double discount) {
        double[] gained = new double[rewards.length];
        double sum = 0;
        double squares = 0;
        int steps = 0;
        for (int at = length * n - 1; at >= 0; at--) {
            gained[at] = rewards[at] + (at + n < gained.length ? discount * gained[at + n] : 0);
            if (counts[at]) {
                sum += gained[at];
                squares += gained[at] * gained[at];
                steps++;
            }
        }
        double mean = sum / steps;
        double deviation = Math.sqrt(Math.max(0, squares / steps - mean * mean)) + 1e-8;
        float[] weights = new float[rewards.length];
        for (int at = 0; at < length * n; at++) {
            weights[at] = counts[at] ? (float) ((gained[at] - mean) / deviation / steps) : 0;
        }
        return weights;
    }
}
