package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.data.ArrayDataset;
import adjoint.data.Augment;
import adjoint.data.Batches;
import adjoint.data.Cifar10;
import adjoint.data.Dataset;
import adjoint.data.Standardizer;
import adjoint.models.ResNet;
import adjoint.nn.Init;
import adjoint.nn.Loss;
import adjoint.optim.Schedule;
import adjoint.optim.Sgd;
import adjoint.train.Metric;
import adjoint.train.Trainer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// What the pictures of CIFAR-10 lose as JPEG files: the same network learns the same 4,000 pictures, once from their exact pixels and
/// once from the files, and is tested on 1,000 others of the same kind; three times, on other thousands.
@Tag("slow")
@Timeout(value = 90, unit = TimeUnit.MINUTES)
class JpegCostTest {
    private static final int PICTURES = 5000;
    private static final int TESTED = 1000;
    private static final int TIMES = 3;
    private static final int EPOCHS = 30;
    private static final int BATCH = 128;
    private static final double RATE = 0.2;

    @Test
    void exactPixelsAreLearnedBetter() throws IOException {
        Path folder = Cli.data("cifar-10");
        Path first = folder.resolve("cifar10_subset_train_4000.bin.gz");
        assumeTrue(Files.isRegularFile(first), "no " + first + ": set ADJOINT_DATA to run this");
        ArrayDataset exact = Cifar10.records(first, folder.resolve("cifar10_subset_test_1000.bin.gz"));
        Dataset compressed = twins(exact, Cifar10.train(folder), Cifar10.test(folder), PICTURES - TESTED);
        double exactSum = 0;
        double compressedSum = 0;
        for (int from = 0; from < TIMES * TESTED; from += TESTED) {
            double a = accuracy(exact, from);
            double b = accuracy(compressed, from);
            System.out.printf("tested on %,d to %,d: exact %.4f, JPEG %.4f%n", from, from + TESTED - 1, a, b);
            exactSum += a;
            compressedSum += b;
        }
        System.out.printf("all: exact %.4f, JPEG %.4f%n", exactSum / TIMES, compressedSum / TIMES);
        assertThat(exactSum / TIMES).isGreaterThan(compressedSum / TIMES + 0.01);
    }

    // The n-th file of a class is the n-th official example of that class, and the classes take turns.
    private static Dataset twins(ArrayDataset exact, ArrayDataset train, ArrayDataset test, int trained) {
        int[] seen = new int[exact.classes().size()];
        byte[] pixels = new byte[exact.size() * exact.example(0).length];
        int at = 0;
        for (int i = 0; i < exact.size(); i++) {
            if (i == trained) {
                seen = new int[seen.length];
            }
            int label = exact.label(i);
            int twin = seen.length * seen[label]++ + label;
            ArrayDataset from = i < trained ? train : test;
            float[] compressed = from.example(twin);
            float[] own = exact.example(i);
            double squares = 0;
            for (int k = 0; k < own.length; k++) {
                squares += Math.pow(compressed[k] - own[k], 2);
                pixels[at++] = (byte) Math.round(255 * compressed[k]);
            }
            assertThat(from.label(twin)).isEqualTo(label);
            assertThat(Math.sqrt(squares / own.length)).as("picture " + i).isLessThan(0.1);
        }
        int[] labels = IntStream.range(0, exact.size()).map(exact::label).toArray();
        return ArrayDataset.pixels(pixels, exact.exampleShape(), labels, exact.classes());
    }

    private static double accuracy(Dataset pictures, int from) {
        Dataset train =
                pictures.select(IntStream.range(0, PICTURES).filter(i -> i < from || i >= from + TESTED).toArray());
        Dataset test = pictures.select(IntStream.range(from, from + TESTED).toArray());
        Standardizer standard = Standardizer.perChannel(train);
        Batches batches =
                train.augmented(Augment.of(1).crop(4).flip())
                        .map(standard::apply)
                        .shuffled(1)
                        .batched(BATCH)
                        .droppingLast();
        ResNet model = ResNet.cifar(20, 3, 10, new ResNet.Form(), Init.seeded(1));
        Sgd rule =
                Sgd.rate(Schedule.oneCycle(RATE, (long) EPOCHS * batches.count()))
                        .momentum(0.9)
                        .nesterov()
                        .weightDecay(5e-4);
        return Trainer.of(model, Loss::crossEntropy, rule)
                .seed(1)
                .metric(Metric.accuracy())
                .epochs(EPOCHS)
                .fit(batches, test.map(standard::apply).batched(500))
                .last("test.accuracy");
    }
}
