package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.AdamW;
import adjoint.optim.Optimizer;
import adjoint.tensor.Evaluator;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.text.LanguageModel;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class TextModelsTest {
    private static final RandomKey KEY = RandomKey.of(3);
    private static final int V = 9;

    private static TextClassifier.Form form(TextClassifier.Kind kind) {
        return new TextClassifier.Form(kind, V, 3).width(8).layers(1).heads(2);
    }

    // Whatever stands behind a text's end, and however far it is filled up.
    @Test
    void paddingChangesNothing() {
        for (TextClassifier.Kind kind : TextClassifier.Kind.values()) {
            var model = new TextClassifier(form(kind), Init.seeded(1));
            assertThat(model.padding()).isEqualTo(V);
            Tensor alone = model.apply(Tensor.of(new int[] {1, 5, 2, 2, 7, 3}, 1, 6), Pass.inference());
            Tensor filled =
                    model.apply(
                            Tensor.of(new int[] {1, 5, 2, 2, 7, 3, V, V, V, 1, 2, 3, 4, 5, 6, 7, 8, 0}, 2, 9),
                            Pass.inference());
            assertThat(filled.select(0, 0).toFloats()).as("%s", kind).containsExactly(alone.toFloats(), within(1e-5f));
            Tensor empty = model.apply(Tensor.of(new int[] {V, V, V, V}, 1, 4), Pass.inference());
            assertThat(empty.toFloats()).as("%s of nothing", kind).containsExactly(new float[3], within(1e-6f));
        }
    }

    // Their inputs have no derivative: the output is multiplied by one that has.
    @TestFactory
    Stream<DynamicTest> gradients() {
        Init init = Init.seeded(4).type(DType.FLOAT64).with(Init.normal(0.5));
        Tensor ids = Tensor.of(new int[] {1, 5, 2, V, V, 3, 3, 0, 8, 2, V, V, V, V, V}, 3, 5); // the last is empty
        Tensor pairs = Tensor.of(new int[] {1, 5, 0, 2, 1, 5, 3, 3, 4, 2, 8, 1}, 2, 6); // sources of 3, one filled up
        record Row(Layer model, Tensor ids) {}
        return Stream.of(
                        new Row(new TextClassifier(form(TextClassifier.Kind.BAG), init), ids),
                        new Row(new TextClassifier(form(TextClassifier.Kind.CNN), init), ids),
                        new Row(new TextClassifier(form(TextClassifier.Kind.TRANSFORMER), init), ids),
                        new Row(spread(new Gpt(new Gpt.Form(V + 1, 5).layers(1).heads(2).width(4), init)), ids),
                        new Row(new CharLstm(new CharLstm.Form(V + 1, 5).width(3).dropout(0.2), init), ids),
                        new Row(
                                new EncoderDecoder(
                                        new EncoderDecoder.Form(V, 3).layers(1).heads(2).width(4), init),
                                pairs))
                .map(row ->
                        DynamicTest.dynamicTest(
                                row.model.getClass().getSimpleName() + " " + row.ids.shape(),
                                () -> {
                                    GradientCheck.Result r =
                                            GradientCheck.of(
                                                    in -> row.model.apply(row.ids, Pass.training(KEY)).mul(in.getFirst()),
                                                    row.model.parameters().values(),
                                                    Tensor.scalar(DType.FLOAT64, 0.7));
                                    assertThat(r.firstOrder()).isLessThan(1e-6);
                                    assertThat(r.secondOrder()).isLessThan(1e-6);
                                }));
    }

    // Weights of a size with the steps of finite differences: GPT's first ones are small in front of its norms.
    private static Layer spread(Layer model) {
        model.parameters()
                .forEach((name, p) -> p.set(p.value().add(Tensor.normal(KEY.fold(name.hashCode()), p.shape().dims()).to(DType.FLOAT64).mul(0.5))));
        return model;
    }

    // Whether the letter 3 comes before the letter 5: a bag of words cannot know.
    @Test
    void classifiersLearnWhatTheyCan() {
        for (TextClassifier.Kind kind : TextClassifier.Kind.values()) {
            var model =
                    new TextClassifier(
                            new TextClassifier.Form(kind, V, 2).width(32).layers(1).heads(2).dropout(0),
                            Init.seeded(1));
            var optimizer = new Optimizer(AdamW.rate(3e-3), model.parameters());
            var random = new Random(1);
            for (int step = 0; step < 150; step++) {
                var batch = order(random, 64);
                optimizer.step(Loss.crossEntropy(model.apply(batch.get(0), Pass.training(KEY.fold(step))), batch.get(1)));
            }
            var batch = order(random, 400);
            int[] said = model.apply(batch.get(0), Pass.inference()).argmax(-1).toInts();
            int[] is = batch.get(1).toInts();
            long right = IntStream.range(0, 400).filter(i -> said[i] == is[i]).count();
            if (kind == TextClassifier.Kind.BAG) {
                assertThat(right / 400.0).isBetween(0.4, 0.6);
            } else {
                assertThat(right / 400.0).as("%s", kind).isGreaterThan(0.98);
            }
        }
    }

    private static List<Tensor> order(Random random, int n) {
        int[] x = new int[n * 8];
        int[] y = new int[n];
        Arrays.fill(x, V);
        for (int b = 0; b < n; b++) {
            int length = 2 + random.nextInt(7);
            for (int t = 0; t < length; t++) {
                x[b * 8 + t] = random.nextInt(3);
            }
            int at = random.nextInt(length - 1);
            y[b] = random.nextInt(2);
            x[b * 8 + at] = y[b] == 0 ? 3 : 5;
            x[b * 8 + at + 1] = y[b] == 0 ? 5 : 3;
        }
        return List.of(Tensor.of(x, n, 8), Tensor.of(y, n));
    }

    @Test
    void anLstmReadsOnWhereItWas() {
        var model = new CharLstm(new CharLstm.Form(V, 8).width(16), Init.seeded(2));
        int[] ids = {1, 5, 2, 7, 3, 3, 0, 8, 2, 4, 6};
        float[] full = model.apply(Tensor.of(ids, 1, ids.length), Pass.inference()).select(1, -1).toFloats();
        LanguageModel.Reading reading = model.reading(Evaluator.standard());
        reading.read(Tensor.of(Arrays.copyOf(ids, 7), 1, 7));
        reading.select(0, 0);
        Tensor rest = Tensor.of(new int[] {8, 2, 4, 6, 1, 1, 1, 1}, 2, 4);
        Tensor logits = reading.read(rest);
        assertThat(logits.select(0, 0).toFloats()).containsExactly(full, within(1e-5f));
        assertThat(logits.select(0, 1).toFloats()).isNotEqualTo(logits.select(0, 0).toFloats());
        assertThat(model.context()).isEqualTo(8);
        assertThat(model.vocabulary()).isEqualTo(V);
        assertThatThrownBy(() -> new CharLstm.Form(0, 8)).hasMessageContaining("vocabulary 0");
    }
}
