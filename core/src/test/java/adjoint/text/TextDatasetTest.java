package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.LabelledText;
import adjoint.kernel.DType;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

class TextDatasetTest {
    private static final Tokenizer LETTERS = CharacterTokenizer.of("abc");
    private static final List<String> CLASSES = List.of("x", "y");

    private static TextDataset of(int maxLength, String... texts) {
        int[] labels = IntStream.range(0, texts.length).map(i -> i % 2).toArray();
        return TextDataset.of(new LabelledText(List.of(texts), labels, CLASSES), LETTERS, maxLength);
    }

    // The label of each is its own number, the length up to 199 and few are long.
    private static TextDataset many(int n) {
        var random = new Random(3);
        List<String> texts = new ArrayList<>();
        List<String> classes = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            double u = random.nextDouble();
            texts.add("a".repeat((int) (200 * u * u)));
            classes.add("c" + i);
        }
        return TextDataset.of(new LabelledText(texts, IntStream.range(0, n).toArray(), classes), LETTERS, 200);
    }

    private static List<Integer> seen(Iterable<Batch> batches) {
        List<Integer> seen = new ArrayList<>();
        for (Batch b : batches) {
            Arrays.stream(b.y().toInts()).forEach(seen::add);
        }
        return seen;
    }

    private static double padding(Iterable<Batch> batches) {
        long padding = 0;
        long all = 0;
        for (Batch b : batches) {
            int[] x = b.x().toInts();
            padding += Arrays.stream(x).filter(t -> t == 3).count();
            all += x.length;
        }
        return (double) padding / all;
    }

    @Test
    void batchesAreAsLongAsTheirLongestTextNeeds() {
        TextDataset d = of(20, "ab", "", "abcabcabc", "c".repeat(30));
        Batch b = d.batch(0, 1);
        assertThat(b.x().type()).isEqualTo(DType.INT32);
        assertThat(b.x().shape().dims()).containsExactly(2, 8);
        assertThat(b.x().toInts()).containsExactly(0, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3);
        assertThat(b.y().type()).isEqualTo(DType.INT32);
        assertThat(b.y().toInts()).containsExactly(0, 1);
        assertThat(d.batch(2, 0).x().shape().dims()).containsExactly(2, 16);
        assertThat(d.batch(3).x().toInts()).hasSize(20).containsOnly(2);
        assertThat(d.batch(1).x().shape().dims()).containsExactly(1, 8);
        assertThat(of(3, "").batch(0).x().toInts()).containsExactly(3, 3, 3);
        assertThat(of(3, "abca", "a").batch(0, 1).x().toInts()).containsExactly(0, 1, 2, 0, 3, 3);
        assertThat(d.padding()).isEqualTo(3);
        assertThat(d.vocabulary()).isEqualTo(4);
        assertThat(d.exampleShape()).containsExactly(20);
        assertThat(d.classes()).isEqualTo(CLASSES);
        assertThat(d.label(3)).isEqualTo(1);
    }

    @Test
    void everyTextOncePerEpochWithLittlePadding() {
        TextDataset d = many(3003);
        Dataset plain = d.map(b -> b).map(b -> b);
        Batches batches = d.shuffled(7).batched(16);
        assertThat(seen(batches)).hasSize(3003).doesNotHaveDuplicates();
        assertThat(seen(batches.epoch(2))).isEqualTo(seen(batches.prefetch(0).epoch(2)));
        assertThat(seen(batches.epoch(2))).isNotEqualTo(seen(batches.epoch(3)));
        assertThat(seen(batches.epoch(2))).isNotEqualTo(seen(d.shuffled(8).batched(16).epoch(2)));
        double unsorted = padding(new Batches(d.select(Dataset.shuffledIndices(3003, 7, 0)), 16));
        assertThat(unsorted).isGreaterThan(0.5);
        assertThat(padding(batches)).isLessThan(0.15);
        assertThat(padding(plain.shuffled(7).batched(16))).isEqualTo(padding(batches));
        assertThat(padding(plain.select(IntStream.range(0, 3000).toArray()).shuffled(7).batched(16))).isLessThan(0.15);
        assertThat(padding(d.take(3000).shuffled(7).batched(16))).isLessThan(0.15);
        assertThat(padding(d.split(0.8, 1).first().shuffled(7).batched(16))).isLessThan(0.15);
    }

    // Batches of short and of long texts come mixed, and the smaller last one is no worse than others.
    @Test
    void batchesAreShuffled() {
        TextDataset d = many(1003);
        int rising = 0;
        Set<Integer> last = new HashSet<>();
        for (int e = 0; e < 20; e++) {
            List<Integer> lengths = new ArrayList<>();
            List<Integer> sizes = new ArrayList<>();
            for (Batch b : d.shuffled(1).batched(10).epoch(e)) {
                lengths.add(b.x().dim(1));
                sizes.add(b.size());
                if (b.size() < 10) {
                    Arrays.stream(b.y().toInts()).forEach(last::add);
                }
            }
            assertThat(sizes.getLast()).isEqualTo(3);
            assertThat(sizes.subList(0, 100)).containsOnly(10);
            rising += (int) IntStream.range(1, 101).filter(i -> lengths.get(i) >= lengths.get(i - 1)).count();
        }
        assertThat(rising / 20.0).isBetween(45.0, 62.0);
        assertThat(last.size()).isGreaterThan(50);
        assertThat(last.stream().mapToInt(i -> d.batch(i).x().dim(1)).average().orElse(0)).isBetween(50.0, 90.0);
    }

    @Test
    void fewTextsAreOneBatch() {
        TextDataset d = of(8, "a", "b", "c", "a");
        assertThat(d.order(1, 0, 8)).containsExactlyInAnyOrder(0, 1, 2, 3); // less than a batch
        assertThat(seen(d.shuffled(1).batched(4).droppingLast())).hasSize(4);
    }

    @Test
    void refusals() {
        assertThatThrownBy(() -> of(0, "a")).isInstanceOf(DataException.class).hasMessageContaining("maxLength of 0");
        assertThatThrownBy(() -> of(8, "a", "bx"))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("text 1: the character 'x'");
        assertThatThrownBy(() -> of(8, "a").select(1))
                .hasMessageContaining("example 1 was selected from a dataset of 1");
    }
}
