package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.kernel.DType;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

class WindowsTest {
    private static Tokens counting(int n) {
        return Tokens.of(IntStream.range(0, n).toArray(), n);
    }

    // First tokens of all windows, each of which must be followed by its successors.
    private static List<Integer> starts(Iterable<Batch> batches, int block) {
        List<Integer> starts = new ArrayList<>();
        for (Batch b : batches) {
            assertThat(b.x().type()).isEqualTo(DType.INT32);
            assertThat(b.x().shape()).isEqualTo(b.y().shape());
            assertThat(b.x().dim(1)).isEqualTo(block);
            int[] x = b.x().toInts();
            int[] y = b.y().toInts();
            for (int i = 0; i < x.length; i++) {
                assertThat(x[i]).isEqualTo(x[i / block * block] + i % block);
                assertThat(y[i]).isEqualTo(x[i] + 1);
            }
            IntStream.range(0, b.size()).forEach(i -> starts.add(x[i * block]));
        }
        return starts;
    }

    private static List<Integer> epochs(Dataset data, int count, int block) {
        List<Integer> starts = new ArrayList<>();
        for (int e = 0; e < count; e++) {
            starts.addAll(starts(data.batched(7).epoch(e), block));
        }
        return starts;
    }

    @Test
    void allWindowsInOrder() {
        assertThat(starts(counting(13).windows(4).batched(2), 4)).containsExactly(0, 4, 8);
        assertThat(starts(counting(12).windows(4).batched(2), 4)).containsExactly(0, 4);
        assertThat(starts(counting(5).windows(4).batched(2), 4)).containsExactly(0);
        Dataset d = counting(13).windows(4);
        assertThat(d.exampleShape()).containsExactly(4);
        assertThat(d.classes()).isEmpty();
        assertThat(d.label(0)).isEqualTo(-1);
        assertThat(starts(d.shuffled(1).batched(2), 4)).containsExactlyInAnyOrder(0, 4, 8);
        assertThat(starts(d.select(2, 0).batched(2), 4)).containsExactly(8, 0);
    }

    @Test
    void textsThatAreTooShortAreRefused() {
        for (int n : new int[] {0, 1, 4}) {
            assertThatThrownBy(() -> counting(Math.max(n, 1)).slice(0, n).windows(4))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("windows of 4 tokens need a text of 5 at least")
                    .hasMessageContaining("has " + n + ":");
            assertThatThrownBy(() -> counting(Math.max(n, 1)).slice(0, n).windows(4, 10, 1))
                    .hasMessageContaining("need a text of 5 at least");
        }
        assertThatThrownBy(() -> counting(9).windows(0)).hasMessageContaining("1 token or more, got 0");
        assertThatThrownBy(() -> counting(9).windows(2, 0, 1)).hasMessageContaining("1 window or more, got 0");
    }

    // Each pass has its windows side by side, from an offset below the block, and each once; epochs go on where the
    // last one ended.
    @Test
    void passByPassEachWindowOnce() {
        for (int block : new int[] {1, 3, 10}) {
            for (int perEpoch : new int[] {1, 4, 25, 400}) {
                int size = 101;
                List<Integer> all =
                        epochs(counting(size).windows(block, perEpoch, 5), Math.max(4, 700 / perEpoch), block);
                Set<Integer> offsets = new HashSet<>();
                Set<List<Integer>> orders = new HashSet<>();
                int passes = 0;
                for (int at = 0; ; passes++) {
                    int offset = all.get(at) % block;
                    int count = (size - 1 - offset) / block;
                    if (at + count > all.size()) {
                        break;
                    }
                    List<Integer> pass = all.subList(at, at + count);
                    assertThat(pass)
                            .containsExactlyInAnyOrderElementsOf(
                                    IntStream.range(0, count).mapToObj(w -> offset + w * block).toList());
                    offsets.add(offset);
                    orders.add(pass.stream().map(s -> s / block).toList());
                    at += count;
                    if (at == all.size()) {
                        break;
                    }
                }
                assertThat(offsets.size()).as("offsets").isGreaterThan(block == 1 ? 0 : 1);
                assertThat(orders.size()).as("orders").isGreaterThan(passes > 2 ? passes - 2 : 0);
            }
        }
    }

    @Test
    void epochsDependOnSeedAndNumberAlone() {
        Dataset data = counting(500).windows(8, 100, 5);
        Batches batches = data.batched(9);
        assertThat(data.size()).isEqualTo(100);
        assertThat(starts(batches.epoch(3), 8)).isEqualTo(starts(batches.prefetch(0).epoch(3), 8));
        assertThat(starts(batches.epoch(3), 8)).isNotEqualTo(starts(batches.epoch(4), 8));
        assertThat(starts(batches.epoch(3), 8))
                .isNotEqualTo(starts(counting(500).windows(8, 100, 6).batched(9).epoch(3), 8));
        List<Integer> shuffled = starts(batches.shuffled(1).epoch(3), 8);
        assertThat(shuffled)
                .isNotEqualTo(starts(batches.epoch(3), 8))
                .containsExactlyInAnyOrderElementsOf(starts(batches.epoch(3), 8));
        assertThat(starts(data.select(5, 1).batched(2).epoch(3), 8))
                .containsExactly(starts(batches.epoch(3), 8).get(5), starts(batches.epoch(3), 8).get(1));
        assertThatThrownBy(() -> data.batch(100)).hasMessageContaining("window 100 was asked for in an epoch of 100");
    }

    @Test
    void aTextOfOneWindowGivesItAgainAndAgain() {
        assertThat(epochs(counting(5).windows(4, 3, 1), 2, 4)).containsExactly(0, 0, 0, 0, 0, 0);
        assertThat(epochs(counting(6).windows(4, 50, 1), 2, 4)).containsOnly(0, 1).contains(0, 1);
    }

    @Test
    void offsetsAreDrawnEvenly() {
        int[] count = new int[4];
        for (int start : epochs(counting(8).windows(4, 1000, 9), 4, 4)) {
            count[start]++;
        }
        assertThat(Arrays.stream(count).max().orElse(0)).isLessThan(1150);
        assertThat(Arrays.stream(count).min().orElse(0)).isGreaterThan(850); // 1000 each, standard deviation 27
    }

    @Test
    void permutationsHaveEachNumberOnceAndAtEachPlaceAlikeOften() {
        for (int n : new int[] {1, 2, 3, 4, 5, 7, 16, 17, 100, 1000}) {
            var p = new Permutation(n, 3, n);
            assertThat(LongStream.range(0, n).map(p::at).sorted())
                    .containsExactlyElementsOf(LongStream.range(0, n).boxed().toList());
        }
        int n = 5;
        int[][] seen = new int[n][n];
        for (int stream = 0; stream < 10_000; stream++) {
            for (int i = 0; i < n; i++) {
                seen[i][(int) new Permutation(n, 1, stream).at(i)]++;
            }
        }
        for (int[] row : seen) {
            for (int times : row) {
                assertThat(times).isBetween(1800, 2200); // 2000, standard deviation 40
            }
        }
        var huge = new Permutation(1L << 40, 1, 1);
        assertThat(LongStream.range(0, 1000).map(huge::at).distinct().count()).isEqualTo(1000);
        assertThat(LongStream.range(0, 1000).map(huge::at).average().orElse(0))
                .isBetween(0.45 * (1L << 40), 0.55 * (1L << 40));
    }
}
