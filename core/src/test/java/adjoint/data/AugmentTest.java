package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.kernel.DType;
import adjoint.nn.Loss;
import adjoint.tensor.Tensor;
import adjoint.train.Metric;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

class AugmentTest {
    private static final int SIDE = 8;
    private static final int WIDTH = SIDE * SIDE * 3;
    private static final List<String> CLASSES = List.of("a", "b", "c", "d");

    // Pictures whose values are 1/255 … 1, all zeros come from padding.
    private static ArrayDataset pictures(int n) {
        byte[] pixels = new byte[n * WIDTH];
        var random = new Random(5);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (1 + random.nextInt(255));
        }
        int[] labels = IntStream.range(0, n).map(i -> i % 4).toArray();
        return ArrayDataset.pixels(pixels, new int[] {SIDE, SIDE, 3}, labels, CLASSES);
    }

    private static float[] view(Dataset data, long epoch, int example) {
        return data.epoch(epoch).batch(example).x().toFloats();
    }

    private static float[] mirrored(float[] x) {
        float[] mirrored = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int column = i / 3 % SIDE;
            mirrored[i + (SIDE - 1 - 2 * column) * 3] = x[i];
        }
        return mirrored;
    }

    // The value at (y, x) of a picture moved by (down, right).
    private static float[] moved(float[] picture, int down, int right, boolean reflect) {
        float[] moved = new float[picture.length];
        for (int i = 0; i < picture.length; i++) {
            int y = i / 3 / SIDE + down;
            int x = i / 3 % SIDE + right;
            if (reflect) {
                y = y < 0 ? -y : y >= SIDE ? 2 * SIDE - 2 - y : y;
                x = x < 0 ? -x : x >= SIDE ? 2 * SIDE - 2 - x : x;
            }
            boolean inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
            moved[i] = inside ? picture[(y * SIDE + x) * 3 + i % 3] : 0;
        }
        return moved;
    }

    private static boolean isFlipped(Dataset flipped, ArrayDataset plain, long epoch, int example) {
        float[] seen = view(flipped, epoch, example);
        if (Arrays.equals(seen, plain.example(example))) {
            return false;
        }
        assertThat(seen).isEqualTo(mirrored(plain.example(example)));
        return true;
    }

    @Test
    void halfOfThePicturesAreMirrored() {
        ArrayDataset plain = pictures(400);
        Dataset flipped = plain.augmented(Augment.of(1).flip());
        for (int epoch = 0; epoch < 2; epoch++) {
            int e = epoch;
            assertThat(IntStream.range(0, 400).filter(i -> isFlipped(flipped, plain, e, i)).count())
                    .isBetween(160L, 240L);
        }
        // Independent from epoch to epoch: about half of them do as they did before.
        assertThat(
                        IntStream.range(0, 400)
                                .filter(i -> isFlipped(flipped, plain, 0, i) == isFlipped(flipped, plain, 1, i))
                                .count())
                .isBetween(160L, 240L);
        Picture one = new Picture(SIDE, SIDE, 3, plain.example(0));
        assertThat(one.mirrored().mirrored().pixels()).isEqualTo(one.pixels());
        assertThat(new Picture(1, 3, 1, new float[] {1, 2, 3}).mirrored().pixels()).containsExactly(3, 2, 1);
    }

    @Test
    void twoEpochsInARowShowBothSidesOfEachPicture() {
        ArrayDataset plain = pictures(200);
        Dataset flipped = plain.augmented(Augment.of(1).alternatingFlip());
        int first = 0;
        for (int i = 0; i < 200; i++) {
            first += isFlipped(flipped, plain, 0, i) ? 1 : 0;
            for (int epoch = 0; epoch < 5; epoch++) {
                assertThat(isFlipped(flipped, plain, epoch, i)).isNotEqualTo(isFlipped(flipped, plain, epoch + 1, i));
            }
        }
        assertThat(first).isBetween(70, 130);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCropIsOneOfAllPlacesAndAllAreUsed(boolean reflect) {
        int margin = 2;
        ArrayDataset plain = pictures(1000);
        Dataset cropped = plain.augmented(Augment.of(3).crop(margin, reflect ? Padding.REFLECT : Padding.ZERO));
        Map<List<Integer>, Integer> places = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            float[] seen = view(cropped, 0, i);
            for (int down = -margin; down <= margin; down++) {
                for (int right = -margin; right <= margin; right++) {
                    if (Arrays.equals(seen, moved(plain.example(i), down, right, reflect))) {
                        places.merge(List.of(down, right), 1, Integer::sum);
                    }
                }
            }
        }
        assertThat(places).hasSize(25);
        assertThat(places.values().stream().mapToInt(n -> n).sum()).isEqualTo(1000);
        assertThat(places.values()).allMatch(n -> n > 15 && n < 75);
    }

    @Test
    void aPictureCanBeMovedOutOfSight() {
        Picture one = new Picture(2, 2, 1, new float[] {1, 2, 3, 4});
        assertThat(one.shifted(0, 5, Padding.ZERO).pixels()).containsExactly(0, 0, 0, 0);
        assertThat(one.shifted(-9, 0, Padding.ZERO).pixels()).containsExactly(0, 0, 0, 0);
        assertThat(one.shifted(0, 5, Padding.REFLECT).pixels()).containsExactly(2, 1, 4, 3);
        assertThat(one.shifted(0, -3, Padding.REFLECT).pixels()).containsExactly(2, 1, 4, 3);
        assertThat(new Picture(1, 1, 1, new float[] {7}).shifted(3, 3, Padding.REFLECT).pixels()).containsExactly(7);
    }

    @Test
    void aCutoutIsASquareClippedAtTheBorder() {
        ArrayDataset plain = pictures(300);
        Dataset cut = plain.augmented(Augment.of(4).cutout(4));
        var areas = new HashMap<Integer, Integer>();
        for (int i = 0; i < 300; i++) {
            float[] seen = view(cut, 0, i);
            float[] whole = plain.example(i);
            int[] box = {SIDE, SIDE, 0, 0};
            int area = 0;
            for (int p = 0; p < SIDE * SIDE; p++) {
                if (seen[3 * p] != whole[3 * p]) {
                    assertThat(Arrays.copyOfRange(seen, 3 * p, 3 * p + 3)).containsExactly(0, 0, 0);
                    box =
                            new int[] {
                                Math.min(box[0], p / SIDE),
                                Math.min(box[1], p % SIDE),
                                Math.max(box[2], p / SIDE + 1),
                                Math.max(box[3], p % SIDE + 1)
                            };
                    area++;
                }
            }
            int height = box[2] - box[0];
            int width = box[3] - box[1];
            assertThat(area).isEqualTo(height * width);
            assertThat(height == 4 || box[0] == 0 || box[2] == SIDE).isTrue();
            assertThat(width == 4 || box[1] == 0 || box[3] == SIDE).isTrue();
            assertThat(Math.max(height, width)).isBetween(2, 4);
            areas.merge(area, 1, Integer::sum);
        }
        // Of 8 places for the middle, 5 give all 4 rows, 2 give 3, 1 gives 2 (0 is 2 rows, 1 is 3, 7 is 3): at both
        // axes.
        assertThat(areas.get(16)).isBetween(80, 160); // 300 · 25/64 = 117
        assertThat(areas.keySet()).containsExactlyInAnyOrder(4, 6, 8, 9, 12, 16);
    }

    @Test
    void coloursChangeAsTheFormulasSay() {
        Picture one = new Picture(1, 2, 3, new float[] {0.2f, 0.4f, 0.6f, 0.1f, 0.1f, 0.1f});
        assertThat(one.recoloured(1, 1, 1).pixels()).containsExactly(one.pixels(), within(1e-6f));
        assertThat(one.recoloured(1.5f, 1, 1).pixels())
                .containsExactly(new float[] {0.3f, 0.6f, 0.9f, 0.15f, 0.15f, 0.15f}, within(1e-6f));
        assertThat(one.recoloured(3, 1, 1).pixels())
                .containsExactly(new float[] {0.6f, 1, 1, 0.3f, 0.3f, 0.3f}, within(1e-6f));
        float grey = 0.299f * 0.2f + 0.587f * 0.4f + 0.114f * 0.6f;
        assertThat(one.recoloured(1, 1, 0).pixels())
                .containsExactly(new float[] {grey, grey, grey, 0.1f, 0.1f, 0.1f}, within(1e-6f));
        float mean = (grey + 0.1f) / 2;
        assertThat(one.recoloured(1, 0, 1).pixels())
                .containsExactly(new float[] {mean, mean, mean, mean, mean, mean}, within(1e-6f));
        Dataset jittered = pictures(50).augmented(Augment.of(5).colourJitter(0.4, 0.4, 0.4));
        for (int i = 0; i < 50; i++) {
            for (float v : view(jittered, 0, i)) {
                assertThat(v).isBetween(0f, 1f);
            }
        }
        assertThat(view(jittered, 0, 1)).isNotEqualTo(view(jittered, 1, 1));
    }

    @Test
    void turningAndMoving() {
        Picture one = new Picture(3, 3, 1, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
        assertThat(one.turned(0, 0, 0, Padding.ZERO).pixels()).isEqualTo(one.pixels());
        assertThat(one.turned(Math.PI / 2, 0, 0, Padding.ZERO).pixels())
                .containsExactly(new float[] {7, 4, 1, 8, 5, 2, 9, 6, 3}, within(1e-5f));
        assertThat(one.turned(0, 1, 0, Padding.ZERO).pixels()).isEqualTo(one.shifted(-1, 0, Padding.ZERO).pixels());
        assertThat(one.turned(0, 0, -0.25, Padding.ZERO).pixels())
                .containsExactly(
                        new float[] {1.25f, 2.25f, 2.25f, 4.25f, 5.25f, 4.5f, 7.25f, 8.25f, 6.75f}, within(1e-5f));
        Picture even = new Picture(SIDE, SIDE, 3, pictures(1).example(0));
        assertThat(even.turned(Math.PI, 0, 0, Padding.ZERO).mirrored().pixels())
                .containsExactly(upsideDown(even.pixels()), within(1e-4f));
        var angles = new Augmentation.Rotation(15, Padding.REFLECT);
        var moves = new Augmentation.Translation(2, Padding.ZERO);
        for (int i = 0; i < 20; i++) {
            Draws draws = Draws.of(1, 0, 0, i);
            assertThat(angles.apply(even, draws).pixels()).isNotEqualTo(even.pixels());
            double down = draws.uniform(0, -2, 2);
            double right = draws.uniform(1, -2, 2);
            assertThat(moves.apply(even, draws).pixels()).isEqualTo(even.turned(0, down, right, Padding.ZERO).pixels());
        }
    }

    private static float[] upsideDown(float[] x) {
        float[] down = new float[x.length];
        for (int y = 0; y < SIDE; y++) {
            System.arraycopy(x, y * SIDE * 3, down, (SIDE - 1 - y) * SIDE * 3, SIDE * 3);
        }
        return down;
    }

    @Test
    void mixupLaysTwoPicturesOverEachOther() {
        ArrayDataset plain = pictures(40);
        Dataset mixed = plain.augmented(Augment.of(6).mixup(1));
        Batch batch = mixed.epoch(2).batch(7, 8, 9);
        float[] y = batch.y().toFloats();
        assertThat(batch.y().shape().dims()).containsExactly(3, 4);
        for (int i = 0; i < 3; i++) {
            int partner = Augment.of(6).partner(40, 2, 7 + i);
            float share = (float) Draws.of(6, -2, 2, 7 + i).beta(1);
            float[] expected = new float[4];
            expected[plain.label(7 + i)] += share;
            expected[plain.label(partner)] += 1 - share;
            assertThat(Arrays.copyOfRange(y, 4 * i, 4 * i + 4)).containsExactly(expected, within(1e-6f));
            float[] x = Arrays.copyOfRange(batch.x().toFloats(), i * WIDTH, (i + 1) * WIDTH);
            float[] a = plain.example(7 + i);
            float[] b = plain.example(partner);
            for (int p = 0; p < WIDTH; p++) {
                assertThat(x[p]).isCloseTo(share * a[p] + (1 - share) * b[p], within(1e-6f));
            }
        }
        // What was mixed is what the steps made of both.
        Augment flipping = Augment.of(6).alternatingFlip();
        int partner = flipping.partner(40, 0, 3);
        float share = (float) Draws.of(6, -2, 0, 3).beta(1);
        float[] a = view(plain.augmented(flipping), 0, 3);
        float[] b = view(plain.augmented(flipping), 0, partner);
        assertThat(view(plain.augmented(flipping.mixup(1)), 0, 3)[5])
                .isCloseTo(share * a[5] + (1 - share) * b[5], within(1e-6f));
    }

    @Test
    void cutmixTakesTheSharesOfTheAreas() {
        ArrayDataset plain = pictures(200);
        Dataset mixed = plain.augmented(Augment.of(7).cutmix(1));
        double sum = 0;
        int edges = 0;
        for (int i = 0; i < 200; i++) {
            int partner = Augment.of(7).partner(200, 0, i);
            float[] seen = view(mixed, 0, i);
            float[] own = plain.example(i);
            float[] other = plain.example(partner);
            int kept = 0;
            for (int p = 0; p < SIDE * SIDE; p++) {
                float[] pixel = Arrays.copyOfRange(seen, 3 * p, 3 * p + 3);
                boolean isOwn = Arrays.equals(pixel, Arrays.copyOfRange(own, 3 * p, 3 * p + 3));
                kept += isOwn ? 1 : 0;
                assertThat(isOwn || Arrays.equals(pixel, Arrays.copyOfRange(other, 3 * p, 3 * p + 3))).isTrue();
            }
            float[] expected = new float[4];
            expected[plain.label(i)] += kept / 64f;
            expected[plain.label(partner)] += 1 - kept / 64f;
            if (partner != i) {
                assertThat(mixed.batch(i).y().toFloats()).containsExactly(expected, within(1e-6f));
                sum += kept / 64.0;
                edges += seen[0] == own[0] ? 0 : 1;
            }
        }
        assertThat(sum / 200).isBetween(0.6, 0.85); // boxes of area 1 - λ, of which some lie beyond the border
        assertThat(edges).isBetween(5, 80);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.2, 1, 4})
    void sharesHaveTheBetaDistributionsMoments(double alpha) {
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double x = Draws.of(8, 0, 0, i).beta(alpha);
            assertThat(x).isBetween(0.0, 1.0);
            sum += x;
            squares += (x - 0.5) * (x - 0.5);
        }
        double variance = 1 / (4 * (2 * alpha + 1));
        assertThat(sum / n).isCloseTo(0.5, within(4 * Math.sqrt(variance / n)));
        assertThat(squares / n).isCloseTo(variance, within(0.03 * variance));
    }

    @Test
    void softTargetsSuitLossAndAccuracy() {
        Batch batch = pictures(40).augmented(Augment.of(9).mixup(1)).batch(IntStream.range(0, 40).toArray());
        Tensor logits = batch.y().add(1e-9).log();
        double entropy = 0;
        for (float p : batch.y().toFloats()) {
            entropy -= p == 0 ? 0 : p * Math.log(p);
        }
        assertThat(Loss.crossEntropy(logits, batch.y()).item()).isCloseTo(entropy / 40, within(1e-4));
        var tally = Metric.accuracy().tally();
        tally.add(logits, batch.y());
        assertThat(tally.value()).isEqualTo(1);
    }

    @Test
    void severalMixingsAreUsedInTurn() {
        ArrayDataset plain = pictures(100);
        Dataset mixed = plain.augmented(Augment.of(10).mixup(1).cutmix(1));
        int boxes = 0;
        for (int i = 0; i < 100; i++) {
            float[] seen = view(mixed, 0, i);
            float[] own = plain.example(i);
            int same = 0;
            for (int p = 0; p < WIDTH; p++) {
                same += seen[p] == own[p] ? 1 : 0;
            }
            boxes += same > WIDTH / 4 ? 1 : 0;
        }
        assertThat(boxes).isBetween(25, 65);
    }

    @Test
    void theSameBitsOnAnyNumberOfThreadsAndForAnEpochAskedForDirectly() throws Exception {
        Augment all =
                Augment.of(11)
                        .crop(2, Padding.REFLECT)
                        .alternatingFlip()
                        .flip()
                        .colourJitter(0.2, 0.3, 0.4)
                        .rotation(20)
                        .translation(1.5)
                        .cutout(3)
                        .mixup(0.4)
                        .cutmix(1);
        Batches batches = pictures(130).augmented(all).shuffled(1).batched(16);
        List<float[]> expected = values(batches.prefetch(0), 3);
        for (int prefetch : new int[] {1, 8}) {
            for (int epoch = 0; epoch < 4; epoch++) { // as in training, one after the other
                List<float[]> seen = values(batches.prefetch(prefetch), epoch);
                if (epoch == 3) {
                    assertThat(seen).usingRecursiveComparison().isEqualTo(expected);
                } else {
                    assertThat(seen.getFirst()).isNotEqualTo(expected.getFirst());
                }
            }
        }
        // Whatever batch an example is in, and whoever reads at the same time.
        Dataset third = batches.data().epoch(3);
        float[] whole = third.batch(IntStream.range(0, 130).toArray()).x().toFloats();
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 130; i++) {
                int example = i;
                float[] alone = threads.submit(() -> third.batch(example).x().toFloats()).get();
                assertThat(alone).isEqualTo(Arrays.copyOfRange(whole, i * WIDTH, (i + 1) * WIDTH));
            }
        }
        Dataset other = pictures(130).augmented(new Augment(12, all.steps(), all.mixings()));
        assertThat(view(other, 3, 5)).isNotEqualTo(view(third, 3, 5));
    }

    private static List<float[]> values(Batches batches, int epoch) {
        List<float[]> values = new ArrayList<>();
        for (Batch batch : batches.epoch(epoch)) {
            values.add(batch.x().toFloats());
            values.add(batch.y().toFloats());
        }
        return values;
    }

    @Test
    void aStepOfOnesOwn() {
        Dataset dark =
                pictures(3)
                        .augmented(
                                Augment.of(1)
                                        .then((picture, draws) ->
                                                new Picture(
                                                        picture.height(),
                                                        picture.width(),
                                                        picture.channels(),
                                                        new float[picture.pixels().length])));
        assertThat(view(dark, 0, 1)).containsOnly(0f);
        assertThat(dark.size()).isEqualTo(3);
        assertThat(dark.label(2)).isEqualTo(2);
        Dataset smaller = pictures(3).augmented(Augment.of(1).then((p, d) -> p.crop(0, 0, 4, 4)));
        assertThatThrownBy(() -> smaller.batch(2))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("made a picture of 8 by 8 by 3 into one of 4 by 4 by 3");
    }

    @Test
    void refusals() {
        Dataset table = ArrayDataset.regression(new float[4], new int[] {2}, new float[2], 1);
        assertThatThrownBy(() -> table.augmented(Augment.of(1).flip()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("got examples of [2]");
        assertThatThrownBy(() -> pictures(3).augmented(Augment.of(1).crop(8)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a crop by 8 pixels may leave nothing of a picture of 8x8");
        assertThatThrownBy(() -> pictures(3).augmented(Augment.of(1).flip().cutout(8)))
                .hasMessageContaining("a cutout of 8 pixels may leave nothing of a picture of 8x8");
        assertThatThrownBy(() -> Augment.of(1).crop(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> Augment.of(1).cutout(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> Augment.of(1).rotation(181)).hasMessageContaining("got 181");
        assertThatThrownBy(() -> Augment.of(1).translation(Double.NaN)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> Augment.of(1).colourJitter(0, 2, 0)).hasMessageContaining("got 2");
        assertThatThrownBy(() -> Augment.of(1).mixup(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> Augment.of(1).cutmix(Double.NaN)).hasMessageContaining("got NaN");
    }

    @Test
    void whatHasNoSharesIsNotMixed() {
        Dataset numbers =
                ArrayDataset.regression(new float[3 * 4], new int[] {2, 2, 1}, new float[] {1, 5, 9}, 1)
                        .map(b -> new Batch(b.x(), b.y().reshape(-1)));
        Augment mixup = Augment.of(1).mixup(1);
        assertThat(numbers.augmented(mixup).batch(0, 1).y().shape().dims()).containsExactly(2); // [B] stays [B]
        Dataset labels = numbers.map(b -> new Batch(b.x(), b.y().to(DType.INT32))).augmented(mixup);
        assertThatThrownBy(() -> labels.batch(0, 1))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the classes' names")
                .hasMessageContaining("0 classes");
        Dataset other =
                ArrayDataset.classification(new float[3 * 4], new int[] {2, 2, 1}, new int[3], List.of("cat", "dog"))
                        .map(b -> new Batch(b.x(), b.y().add(2)))
                        .augmented(mixup);
        assertThatThrownBy(() -> other.batch(0))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("labels of 0 to 1, got 2");
    }
}
