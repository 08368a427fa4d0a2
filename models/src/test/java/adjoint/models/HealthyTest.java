package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.data.ArrayDataset;
import adjoint.data.Batch;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.data.Standardizer;
import adjoint.doctor.Checkup;
import adjoint.doctor.Doctor;
import adjoint.doctor.Patient;
import adjoint.nn.Activation;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.optim.AdamW;
import adjoint.optim.Rule;
import adjoint.optim.Sgd;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// The doctor accuses none of the models, trained as one trains them.
class HealthyTest {
    private static final int STEPS = 12;

    private record Training(String name, Layer model, Rule rule) {}

    // Digits of 32 by 32 pixels, each in a colour of its own on another, with a little noise: as in photographs, no direction of
    // colour is without any variance.
    private static Dataset coloured() {
        Dataset digits = Digits.train(3).take(512);
        float[] x = new float[512 * 32 * 32 * 3];
        int[] y = new int[512];
        var random = new Random(4);
        for (int i = 0; i < 512; i++) {
            float[] p = digits.batch(i).x().toFloats();
            y[i] = digits.label(i);
            for (int k = 0; k < 3; k++) {
                float paper = random.nextFloat() / 2;
                float ink = 1 - random.nextFloat() / 2;
                for (int at = 0; at < 32 * 32; at++) {
                    int r = at / 32 - 2;
                    int c = at % 32 - 2;
                    float drawn = r >= 0 && r < 28 && c >= 0 && c < 28 ? p[r * 28 + c] : 0;
                    x[(i * 32 * 32 + at) * 3 + k] =
                            paper + (ink - paper) * drawn + 0.03f * (float) random.nextGaussian();
                }
            }
        }
        Dataset raw = ArrayDataset.classification(x, new int[] {32, 32, 3}, y, digits.classes());
        return raw.map(Standardizer.perChannel(raw)::apply);
    }

    @TestFactory
    Stream<DynamicTest> noModelIsAccused() {
        Dataset data = coloured();
        Rule adam = AdamW.rate(1e-3);
        Rule sgd = Sgd.rate(0.1).momentum(0.9).weightDecay(1e-4);
        var first = data.batch(java.util.stream.IntStream.range(0, 256).toArray()).x();
        return Stream.of(
                        new Training("Mlp", new Mlp(3072, List.of(64, 32), 10, new Mlp.Form(), init()), adam),
                        new Training(
                                "deep Mlp with norms and residuals",
                                Mlp.deep(
                                        3072,
                                        32,
                                        30,
                                        10,
                                        new Mlp.Form().norm(true).residual(true).activation(Activation.TANH),
                                        init()),
                                adam),
                        new Training("LeNet", new LeNet(32, 3, 10, new LeNet.Form(), init()), adam),
                        new Training("ResNet-20", ResNet.cifar(20, 3, 10, new ResNet.Form(), init()), sgd),
                        new Training(
                                "plain-20",
                                ResNet.cifar(20, 3, 10, new ResNet.Form().shortcut(ResNet.Shortcut.NONE), init()),
                                sgd),
                        new Training(
                                "ResNet-56, pre-activation",
                                ResNet.cifar(56, 3, 10, new ResNet.Form().preActivation(true).width(0.5), init()),
                                sgd),
                        new Training(
                                "ResNet-20 with blocks that start at zero",
                                ResNet.cifar(20, 3, 10, new ResNet.Form().zero(true), init()),
                                sgd),
                        new Training(
                                "Vgg-11", new Vgg(11, 3, 10, new Vgg.Form().width(0.25), init()), adam),
                        new Training(
                                "MobileNet",
                                new MobileNet(3, 10, new MobileNet.Form().small(true).width(0.5), init()),
                                adam),
                        new Training(
                                "Airbench",
                                new Airbench(3, 10, new Airbench.Form().widths(16, 32, 32), init()).whiten(first),
                                Sgd.rate(0.05).momentum(0.85).nesterov()),
                        new Training(
                                "ResNet-18 for large pictures",
                                ResNet.imageNet(18, 3, 10, new ResNet.Form().width(0.25), init()),
                                sgd))
                .map(t -> test(t, data, STEPS));
    }

    // Texts of 24 letters of eight, each mostly followed by the same one; to be told apart by how often the first stands in them.
    private record Letters(boolean told) implements Dataset {
        static final int LENGTH = 24;
        static final int ALPHABET = 8;

        @Override
        public int size() {
            return 512;
        }

        @Override
        public int[] exampleShape() {
            return new int[] {LENGTH};
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public Batch batch(int... indices) {
            int[] x = new int[indices.length * LENGTH];
            int[] next = new int[x.length];
            int[] often = new int[indices.length];
            for (int i = 0; i < indices.length; i++) {
                var random = new SplittableRandom(indices[i]);
                int letter = random.nextInt(ALPHABET);
                double faithful = indices[i] % 2 == 0 ? 0.9 : 0.3;
                for (int t = 0; t < LENGTH; t++) {
                    x[i * LENGTH + t] = letter;
                    often[i] += letter == 0 ? 1 : 0;
                    letter = random.nextDouble() < faithful ? (letter * 3 + 1) % ALPHABET : random.nextInt(ALPHABET);
                    next[i * LENGTH + t] = letter;
                }
                often[i] = Math.min(2, often[i] / 2);
            }
            Tensor text = Tensor.of(x, indices.length, LENGTH);
            return new Batch(text, told ? Tensor.of(often, indices.length) : Tensor.of(next, indices.length, LENGTH));
        }
    }

    @TestFactory
    Stream<DynamicTest> noModelOfTextIsAccused() {
        int letters = Letters.ALPHABET;
        Stream<Training> writing =
                Stream.of(
                        new Training("Gpt", new Gpt(new Gpt.Form(letters, Letters.LENGTH).layers(4).width(32), init()), adam()),
                        new Training("CharLstm", new CharLstm(new CharLstm.Form(letters, Letters.LENGTH).width(32), init()), adam()));
        Stream<Training> telling =
                Stream.of(TextClassifier.Kind.values())
                        .map(k ->
                                new Training(
                                        "TextClassifier " + k,
                                        new TextClassifier(new TextClassifier.Form(k, letters, 3).width(32), init()),
                                        adam()));
        return Stream.concat(writing.map(t -> test(t, new Letters(false), 60)), telling.map(t -> test(t, new Letters(true), 60)));
    }

    private static Rule adam() {
        return AdamW.rate(1e-3);
    }

    private static DynamicTest test(Training t, Dataset data, int steps) {
        return DynamicTest.dynamicTest(
                t.name,
                () -> {
                    var patient = new Patient(t.model, Loss::crossEntropy, t.rule, data.shuffled(1).batched(64));
                    Checkup checkup = Doctor.examine(patient, steps);
                    assertThat(checkup.findings()).as("%s", checkup.describe()).isEmpty();
                    assertThat(checkup.losses()).hasSize(steps);
                });
    }

    private static Init init() {
        return Init.seeded(1);
    }
}
