package adjoint.games;

import adjoint.kernel.Team;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Several environments of one kind, stepped together; an episode that is over is followed by the next.
///
/// Each has its own source of chance, made of the seed and its number: what happens does not depend on the number of threads. For
/// one thread at a time.
public final class VectorEnvironment implements AutoCloseable {
    private final List<Environment> members = new ArrayList<>();
    private final List<Chance> chances = new ArrayList<>();
    private final Shape observation;
    private final int size;
    private final int width;
    private final float[] observations;
    private final double[] totals;
    private final int[] lengths;
    private final int shares;
    private final Team team;

    /// What a step brought, by environment.
    ///
    /// @param next what was observed after the action, `[N, …]`, in episodes that are over as well
    /// @param rewards of the step
    /// @param terminal whether the episode has ended
    /// @param cut whether it was cut off at its limit, without having ended
    /// @param finished the episodes that are over, in the order of the environments
    public record Steps(float[] next, float[] rewards, boolean[] terminal, boolean[] cut, List<Episode> finished) {
        /// Whether an episode is over, ended or cut off.
        boolean isOver(int i) {
            return terminal[i] || cut[i];
        }
    }

    /// One that is over.
    ///
    /// @param total the sum of its rewards
    /// @param length how many steps it took
    public record Episode(double total, int length) {}

    /// On the caller's thread.
    public VectorEnvironment(Supplier<? extends Environment> kind, int count, long seed) {
        this(kind, count, seed, 1);
    }

    /// On several threads: worth it where a step takes some microseconds.
    ///
    /// @throws AdjointException if there is none, or no thread
    public VectorEnvironment(Supplier<? extends Environment> kind, int count, long seed, int threads) {
        if (count < 1 || threads < 1) {
            throw new AdjointException(
                    "at least 1 environment and 1 thread are needed, got " + count + " and " + threads);
        }
        for (int i = 0; i < count; i++) {
            members.add(kind.get());
            chances.add(Chance.of(seed, i));
        }
        observation = members.getFirst().observation();
        size = Math.toIntExact(observation.size());
        width = members.getFirst().actions().width();
        observations = new float[count * size];
        totals = new double[count];
        lengths = new int[count];
        for (int i = 0; i < count; i++) {
            begin(i);
        }
        shares = Math.min(threads, count);
        team = new Team(shares);
    }

    /// How many there are.
    public int count() {
        return members.size();
    }

    /// Of how many numbers an observation consists.
    int size() {
        return size;
    }

    /// Of how many numbers an action consists.
    int width() {
        return width;
    }

    /// One of them, to be looked at.
    public Environment member(int i) {
        return members.get(i);
    }

    /// What is observed now, `[N, …]`: where an episode is over, the beginning of the next one.
    public float[] observations() {
        return observations.clone();
    }

    /// Observations as a network takes them.
    ///
    /// @param values N of them
    Tensor batch(float[] values) {
        return Tensor.of(values, observation.insert(0, values.length / size));
    }

    /// Acts in all of them.
    ///
    /// @param actions `[N, width]`
    /// @throws AdjointException if there are too few or too many
    public Steps step(float[] actions) {
        int n = count();
        if (actions.length != n * width) {
            throw new AdjointException(
                    n + " environments with actions of " + width + " take " + n * width + " numbers, got " + actions.length);
        }
        float[] next = new float[n * size];
        float[] rewards = new float[n];
        boolean[] terminal = new boolean[n];
        boolean[] cut = new boolean[n];
        Episode[] over = new Episode[n];
        team.run(shares, share -> {
            int to = (int) ((long) n * (share + 1) / shares);
            for (int i = (int) ((long) n * share / shares); i < to; i++) {
                float[] action = new float[width];
                System.arraycopy(actions, i * width, action, 0, width);
                Environment.Outcome outcome = members.get(i).step(action);
                members.get(i).observe(next, i * size);
                rewards[i] = (float) outcome.reward();
                totals[i] += outcome.reward();
                lengths[i]++;
                terminal[i] = outcome.terminal();
                cut[i] = !terminal[i] && lengths[i] >= members.get(i).limit();
                if (terminal[i] || cut[i]) {
                    over[i] = new Episode(totals[i], lengths[i]);
                    begin(i);
                } else {
                    System.arraycopy(next, i * size, observations, i * size, size);
                }
            }
        });
        List<Episode> finished = new ArrayList<>();
        for (Episode episode : over) {
            if (episode != null) {
                finished.add(episode);
            }
        }
        return new Steps(next, rewards, terminal, cut, finished);
    }

    private void begin(int i) {
        members.get(i).reset(chances.get(i));
        members.get(i).observe(observations, i * size);
        totals[i] = 0;
        lengths[i] = 0;
    }

    @Override
    public void close() {
        team.close();
    }
}
