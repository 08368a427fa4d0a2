package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

class BatchesTest {
    private static final List<String> CLASSES = List.of("a", "b", "c");

    private static ArrayDataset numbers(int n) {
        float[] x = new float[n];
        int[] y = new int[n];
        for (int i = 0; i < n; i++) {
            x[i] = i;
            y[i] = i % 3;
        }
        return ArrayDataset.classification(x, new int[] {1}, y, CLASSES);
    }

    private static List<Integer> seen(Iterable<Batch> batches) {
        List<Integer> seen = new ArrayList<>();
        for (Batch b : batches) {
            for (float v : b.x().toFloats()) {
                seen.add((int) v);
            }
        }
        return seen;
    }

    @Test
    void everyExampleOnce() {
        Batches batches = numbers(103).shuffled(7).batched(10);
        assertThat(batches.count()).isEqualTo(11);
        assertThat(seen(batches))
                .hasSize(103)
                .doesNotHaveDuplicates()
                .isNotEqualTo(IntStream.range(0, 103).boxed().toList());
        assertThat(seen(batches.droppingLast())).hasSize(100);
    }

    @Test
    void orderDependsOnSeedAndEpochAlone() {
        Batches batches = numbers(50).shuffled(7).batched(8);
        assertThat(seen(batches.epoch(3))).isEqualTo(seen(batches.prefetch(0).epoch(3)));
        assertThat(seen(batches.epoch(3))).isNotEqualTo(seen(batches.epoch(4)));
        assertThat(seen(batches.epoch(3))).isNotEqualTo(seen(numbers(50).shuffled(8).batched(8).epoch(3)));
    }

    @Test
    void splitKeepsTheSharesOfTheClasses() {
        Dataset.Split split = numbers(300).split(0.8, 1);
        assertThat(split.first().size()).isEqualTo(240);
        assertThat(split.second().size()).isEqualTo(60);
        int[] counts = new int[3];
        for (int i = 0; i < 60; i++) {
            counts[split.second().label(i)]++;
        }
        assertThat(counts).containsExactly(20, 20, 20);
        List<Integer> all = seen(split.first().batched(50));
        all.addAll(seen(split.second().batched(50)));
        assertThat(all).hasSize(300).doesNotHaveDuplicates();
    }

    @Test
    void aFailureWhilePrefetchingReachesTheConsumer() {
        Dataset broken =
                numbers(30)
                        .map(b -> {
                            if (b.x().toFloats()[0] == 20) {
                                throw new DataException("broken at 20");
                            }
                            return b;
                        });
        Iterator<Batch> it = broken.batched(10).iterator();
        it.next();
        it.next();
        assertThatThrownBy(it::next).isInstanceOf(DataException.class).hasMessage("broken at 20");
    }

    @Test
    void asManyBatchesAsWantedArePreparedAtOnceAndGivenInOrder() {
        var together = new CountDownLatch(3);
        var running = new AtomicInteger();
        var most = new AtomicInteger();
        Dataset slow =
                numbers(300)
                        .map(b -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            together.countDown();
                            try {
                                assertThat(together.await(10, TimeUnit.SECONDS)).isTrue();
                                Thread.sleep((long) (3 - b.x().toFloats()[0] % 4)); // later ones are done first
                            } catch (InterruptedException e) {
                                throw new AssertionError(e);
                            }
                            running.decrementAndGet();
                            return b;
                        });
        assertThat(seen(slow.batched(10).prefetch(3))).isEqualTo(IntStream.range(0, 300).boxed().toList());
        assertThat(most.get()).isEqualTo(3);
    }

    @Test
    void aFailureStaysWhereItIs() {
        Dataset broken =
                numbers(90)
                        .map(b -> {
                            if (b.x().toFloats()[0] == 10) {
                                throw new AssertionError("broken at 10");
                            }
                            return b;
                        });
        Iterator<Batch> it = broken.batched(10).prefetch(5).iterator();
        assertThat(it.next().x().toFloats()[0]).isEqualTo(0);
        for (int i = 0; i < 2; i++) {
            assertThat(it.hasNext()).isTrue();
            assertThatThrownBy(it::next).isInstanceOf(AssertionError.class).hasMessage("broken at 10");
        }
    }

    @Test
    void nothingIsPreparedFartherAhead() throws InterruptedException {
        var made = new AtomicInteger();
        Iterator<Batch> it =
                numbers(100)
                        .map(b -> {
                            made.incrementAndGet();
                            return b;
                        })
                        .batched(1)
                        .prefetch(4)
                        .iterator();
        it.next();
        it.next();
        Thread.sleep(50);
        assertThat(made.get()).isEqualTo(6);
    }

    @Test
    void anEpochReachesTheDatasetThroughSelectionsAndMaps() {
        Dataset data = new InEpoch(0).map(b -> b).select(1, 0).map(b -> b);
        for (int prefetch : new int[] {0, 2}) {
            Batches batches = data.batched(2).prefetch(prefetch);
            assertThat(batches.epoch(3).iterator().next().x().toFloats()).containsExactly(31, 30);
            assertThat(batches.iterator().next().x().toFloats()).containsExactly(1, 0);
        }
    }

    // Two examples that tell their epoch and number.
    private record InEpoch(long n) implements Dataset {
        @Override
        public int size() {
            return 2;
        }

        @Override
        public int[] exampleShape() {
            return new int[] {1};
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public Dataset epoch(long epoch) {
            return new InEpoch(epoch);
        }

        @Override
        public Batch batch(int... indices) {
            float[] x = new float[indices.length];
            for (int i = 0; i < x.length; i++) {
                x[i] = 10 * n + indices[i];
            }
            return new Batch(Tensor.of(x, x.length, 1), Tensor.of(new int[x.length], x.length));
        }
    }

    @Test
    void refusals() {
        assertThatThrownBy(() -> numbers(3).take(0).batched(2)).hasMessageContaining("no examples");
        assertThatThrownBy(() -> numbers(3).batched(64).droppingLast())
                .hasMessageContaining("has 3 examples, fewer than one batch of 64");
        assertThatThrownBy(() -> numbers(3).batched(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> ArrayDataset.classification(new float[2], new int[] {1}, new int[] {0, 3}, CLASSES))
                .hasMessage("the label of example 1 is 3, outside 0 to 2");
        assertThatThrownBy(() -> ArrayDataset.classification(new float[3], new int[] {1}, new int[] {0, 1}, CLASSES))
                .hasMessageContaining("needs 2 values, got 3");
    }

    @Test
    void aColumnThatIsTheSameInAllExamplesIsNotDividedByRoundingNoise() {
        float[] x = new float[300];
        for (int i = 0; i < 100; i++) {
            x[3 * i] = 0.7f;
            x[3 * i + 1] = i % 2 == 0 ? 16_777_216 : 16_777_224; // apart by what float32 rounds away
            x[3 * i + 2] = 1e-9f * (i % 2); // small, but it varies
        }
        Dataset data = ArrayDataset.regression(x, new int[] {3}, new float[100], 1);
        float[] deviation = Standardizer.perFeature(data).deviation().toFloats();
        assertThat(deviation[0]).isEqualTo(1);
        assertThat(deviation[1]).isEqualTo(1);
        assertThat(deviation[2]).isCloseTo(5e-10f, org.assertj.core.data.Offset.offset(1e-15f));
    }

    @Test
    void standardized() {
        Dataset data = numbers(50);
        Batch b = data.map(Standardizer.perFeature(data)::apply).batched(50).iterator().next();
        assertThat(b.x().mean().item()).isCloseTo(0, org.assertj.core.data.Offset.offset(1e-6));
        assertThat(b.x().std().item()).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void channelsHaveTheirOwnStatistics() {
        float[] x = {1, 10, 3, 20, 5, 30, 7, 40}; // two examples of two places with two channels
        Dataset data = ArrayDataset.classification(x, new int[] {2, 1, 2}, new int[2], CLASSES);
        Standardizer perChannel = Standardizer.perChannel(data);
        assertThat(perChannel.mean().toFloats()).containsExactly(4, 25);
        assertThat(perChannel.deviation().toFloats()).containsExactly((float) Math.sqrt(5), (float) Math.sqrt(125));
        float[] z = data.map(perChannel::apply).batch(1).x().toFloats();
        assertThat(z[1]).isCloseTo(5 / (float) Math.sqrt(125), org.assertj.core.data.Offset.offset(1e-6f));
        assertThat(z[2]).isCloseTo(3 / (float) Math.sqrt(5), org.assertj.core.data.Offset.offset(1e-6f));
        assertThat(Standardizer.perChannel(numbers(3)).mean().toFloats()).containsExactly(1);
    }

    @Test
    void bothPartsOfASplitSeeEachClass() {
        int[] labels = new int[100];
        for (int i = 0; i < 100; i++) {
            labels[i] = i / 2;
        }
        List<String> classes = java.util.stream.IntStream.range(0, 50).mapToObj(String::valueOf).toList();
        Dataset.Split split = ArrayDataset.classification(new float[100], new int[] {1}, labels, classes).split(0.8, 1);
        assertThat(split.first().size()).isEqualTo(50);
        assertThat(split.second().size()).isEqualTo(50);
    }
}
