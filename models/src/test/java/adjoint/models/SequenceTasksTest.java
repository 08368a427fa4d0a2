package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.nn.CrossEntropy;
import adjoint.nn.Embedding;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.nn.Rotary;
import adjoint.nn.Sequential;
import adjoint.nn.TransformerBlock;
import adjoint.optim.AdamW;
import adjoint.optim.Optimizer;
import adjoint.optim.Schedule;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/// Tasks that only the right machinery solves: attention over 100 steps, carrying digits, looking at a source.
class SequenceTasksTest {
    private static final int NOTHING = -100; // a label that does not count

    /// Inputs and labels, side by side.
    private record Rows(int[][] x, int[][] y) {
        private static Tensor tensor(int[]... rows) {
            return Tensor.of(Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray(), rows.length, rows[0].length);
        }

        Tensor inputs() {
            return tensor(x);
        }

        Tensor labels() {
            return tensor(y);
        }
    }

    private interface Task {
        Rows rows(Random random, int n);
    }

    private static void train(Layer model, Task task, int steps, int batch, double rate) {
        var loss = new CrossEntropy().ignoreLabel(NOTHING);
        var schedule = Schedule.cosine(rate, steps).warmup(steps / 20);
        var optimizer = new Optimizer(AdamW.rate(schedule).weightDecay(0.01), model.parameters()).clipNorm(1);
        var random = new Random(1);
        for (int step = 0; step < steps; step++) {
            Rows rows = task.rows(random, batch);
            Tensor logits = model.apply(rows.inputs(), Pass.training(RandomKey.of(step)));
            Tensor l = loss.of(logits, rows.labels());
            optimizer.step(l);
        }
    }

    // The share of rows all of whose labels that count are the most likely.
    private static double exact(Layer model, Rows rows) {
        int[] best = model.apply(rows.inputs(), Pass.inference()).argmax(-1).toInts();
        int steps = rows.y[0].length;
        long right =
                IntStream.range(0, rows.y.length)
                        .filter(b ->
                                IntStream.range(0, steps)
                                        .allMatch(t -> rows.y[b][t] == NOTHING || rows.y[b][t] == best[b * steps + t]))
                        .count();
        return (double) right / rows.y.length;
    }

    // 50 letters, a sign, and the letters once more: 101 steps.
    @Test
    void aTransformerCopiesOverAHundredSteps() {
        int n = 50;
        int letters = 8;
        Task copying =
                (random, batch) -> {
                    int[][] x = new int[batch][2 * n];
                    int[][] y = new int[batch][2 * n];
                    for (int b = 0; b < batch; b++) {
                        int[] text = random.ints(n, 0, letters).toArray();
                        System.arraycopy(text, 0, x[b], 0, n);
                        x[b][n] = letters;
                        System.arraycopy(text, 0, x[b], n + 1, n - 1);
                        Arrays.fill(y[b], 0, n, NOTHING);
                        System.arraycopy(text, 0, y[b], n, n);
                    }
                    return new Rows(x, y);
                };
        var init = Init.seeded(1).with(Init.normal(0.1));
        var form = new TransformerBlock.Form(1).causal().rotary(new Rotary());
        var model =
                Sequential.of(
                        new Embedding(letters + 1, 32, init),
                        TransformerBlock.of(32, form, init),
                        TransformerBlock.of(32, form, init),
                        new Linear(32, letters + 1, init));
        train(model, copying, 150, 32, 3e-3);
        assertThat(exact(model, copying.rows(new Random(2), 200))).isGreaterThan(0.99);
    }

    // 37+85=122, the sum from its last digit on, as one adds by hand. A fifth of all pairs is never seen in training.
    @Test
    void aGptAddsNumbersItHasNeverSeen() {
        int plus = 10;
        int equals = 11;
        int[] pairs = IntStream.range(0, 10_000).toArray();
        var shuffle = new Random(3);
        for (int i = pairs.length - 1; i > 0; i--) {
            int j = shuffle.nextInt(i + 1);
            int p = pairs[i];
            pairs[i] = pairs[j];
            pairs[j] = p;
        }
        int[] seen = Arrays.copyOf(pairs, 8000);
        int[] unseen = Arrays.copyOfRange(pairs, 8000, 10_000);
        class Sums {
            Rows of(int... chosen) {
                int[][] x = new int[chosen.length][];
                int[][] y = new int[chosen.length][];
                for (int i = 0; i < chosen.length; i++) {
                    int a = chosen[i] / 100;
                    int b = chosen[i] % 100;
                    int s = a + b;
                    int[] all = {a / 10, a % 10, plus, b / 10, b % 10, equals, s % 10, s / 10 % 10, s / 100};
                    x[i] = Arrays.copyOf(all, 8);
                    y[i] = Arrays.copyOfRange(all, 1, 9);
                    Arrays.fill(y[i], 0, 5, NOTHING);
                }
                return new Rows(x, y);
            }
        }
        var gpt = new Gpt(new Gpt.Form(12, 8).layers(2).heads(4).width(64), Init.seeded(1));
        var sums = new Sums();
        train(
                gpt,
                (random, n) -> sums.of(random.ints(n, 0, seen.length).map(i -> seen[i]).toArray()),
                900,
                128,
                3e-3);
        assertThat(exact(gpt, sums.of(unseen))).isGreaterThan(0.99);
    }

    @Test
    void anEncoderDecoderReversesStrings() {
        int letters = 12;
        int most = 10;
        int start = letters + 1;
        int end = letters + 2;
        Task reversing =
                (random, n) -> {
                    int[][] x = new int[n][2 * most + 1];
                    int[][] y = new int[n][most + 1];
                    for (int b = 0; b < n; b++) {
                        int length = 1 + random.nextInt(most);
                        Arrays.fill(y[b], NOTHING);
                        x[b][most] = start;
                        for (int i = 0; i < length; i++) {
                            int letter = 1 + random.nextInt(letters);
                            x[b][i] = letter;
                            x[b][most + length - i] = letter;
                            y[b][length - 1 - i] = letter;
                        }
                        y[b][length] = end;
                    }
                    return new Rows(x, y);
                };
        var model = new EncoderDecoder(new EncoderDecoder.Form(letters + 3, most).width(48), Init.seeded(1));
        train(model, reversing, 600, 64, 3e-3);
        Rows fresh = reversing.rows(new Random(9), 300);
        int[][] sources = Arrays.stream(fresh.x).map(row -> Arrays.copyOf(row, most)).toArray(int[][]::new);
        int[][] written = model.write(Rows.tensor(sources), start, end, most + 1);
        long right = 0;
        for (int b = 0; b < written.length; b++) {
            int[] wanted = Arrays.stream(fresh.y[b]).filter(id -> id != NOTHING && id != end).toArray();
            right += Arrays.equals(written[b], wanted) ? 1 : 0;
        }
        assertThat(right / 300.0).isGreaterThan(0.99);
    }
}
