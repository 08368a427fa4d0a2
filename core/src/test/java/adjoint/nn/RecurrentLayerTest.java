package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.grad.Gradients;
import adjoint.plan.Engine;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

class RecurrentLayerTest {
    private static final Init INIT = Init.seeded(3);

    private static Tensor random(int stream, int... dims) {
        return Tensor.of(Tensor.normal(RandomKey.of(stream), dims).toFloats(), dims);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    // y = x W (+ b), with b optional and W [in, out], in doubles.
    private static double[] product(double[] x, Parameter weight, Parameter bias) {
        double[] w = weight.value().toDoubles();
        double[] y = bias == null ? new double[w.length / x.length] : bias.value().toDoubles();
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < y.length; j++) {
                y[j] += x[i] * w[i * y.length + j];
            }
        }
        return y;
    }

    private static void randomBias(Layer layer) {
        layer.parameters()
                .forEach((name, p) -> {
                    if (name.toLowerCase(Locale.ROOT).endsWith("bias")) {
                        p.set(random(name.length(), p.shape().dims()));
                    }
                });
    }

    // Gates as documented: i f g o.
    @Test
    void lstmIsItsFormula() {
        var lstm = new Lstm(3, 2, INIT);
        randomBias(lstm);
        Tensor x = random(1, 1, 5, 3);
        double[] h = new double[2];
        double[] c = new double[2];
        Unrolled y = lstm.unroll(x);
        for (int t = 0; t < 5; t++) {
            double[] a = product(x.select(1, t).toDoubles(), lstm.inputWeight(), lstm.bias());
            double[] b = product(h, lstm.recurrentWeight(), null);
            for (int j = 0; j < 2; j++) {
                double forget = sigmoid(a[2 + j] + b[2 + j]);
                c[j] = forget * c[j] + sigmoid(a[j] + b[j]) * Math.tanh(a[4 + j] + b[4 + j]);
                h[j] = sigmoid(a[6 + j] + b[6 + j]) * Math.tanh(c[j]);
            }
            assertArrayEquals(h, y.outputs().select(1, t).toDoubles(), 1e-6, "step " + t);
        }
        assertArrayEquals(new double[] {h[0], h[1], c[0], c[1]}, y.state().toDoubles(), 1e-6);
    }

    // Gates as documented: r z n, the reset gate after the product.
    @Test
    void gruIsItsFormula() {
        var gru = new Gru(3, 2, INIT);
        randomBias(gru);
        Tensor x = random(1, 1, 5, 3);
        double[] extra = gru.candidateBias().value().toDoubles();
        double[] h = new double[2];
        Unrolled y = gru.unroll(x);
        for (int t = 0; t < 5; t++) {
            double[] a = product(x.select(1, t).toDoubles(), gru.inputWeight(), gru.bias());
            double[] b = product(h, gru.recurrentWeight(), null);
            for (int j = 0; j < 2; j++) {
                double n = Math.tanh(a[4 + j] + sigmoid(a[j] + b[j]) * (b[4 + j] + extra[j]));
                double z = sigmoid(a[2 + j] + b[2 + j]);
                h[j] = (1 - z) * n + z * h[j];
            }
            assertArrayEquals(h, y.outputs().select(1, t).toDoubles(), 1e-6, "step " + t);
        }
        assertArrayEquals(h, y.state().toDoubles(), 1e-6);
    }

    @Test
    void rnnIsItsFormula() {
        for (Activation activation : List.of(Activation.TANH, Activation.RELU)) {
            var rnn = new Rnn(3, 2, INIT).activation(activation);
            randomBias(rnn);
            Tensor x = random(1, 1, 5, 3);
            double[] h = new double[2];
            for (int t = 0; t < 5; t++) {
                double[] a = product(x.select(1, t).toDoubles(), rnn.inputWeight(), rnn.bias());
                double[] b = product(h, rnn.recurrentWeight(), null);
                for (int j = 0; j < 2; j++) {
                    h[j] = activation == Activation.TANH ? Math.tanh(a[j] + b[j]) : Math.max(0, a[j] + b[j]);
                }
            }
            assertArrayEquals(h, rnn.unroll(x).state().toDoubles(), 1e-6);
        }
    }

    // A short sequence in a batch is the sequence alone, whatever stands behind its end.
    @Test
    void lengthsCutSequencesOff() {
        int[] lengths = {3, 5, 0};
        float[] values = random(2, 3, 5, 4).toFloats();
        for (int i = 3 * 4; i < 5 * 4; i++) {
            values[i] = Float.NaN;
        }
        Tensor x = Tensor.of(values, 3, 5, 4);
        Optional<Tensor> given = Optional.of(Tensor.of(lengths, 3));
        for (RecurrentLayer one : List.of(new Lstm(4, 17, INIT), new Gru(4, 16, INIT), new Rnn(4, 3, INIT))) {
            for (RecurrentLayer layer : List.of(one, new Reversed(one))) {
                Unrolled all = layer.unroll(x, Optional.empty(), given);
                for (int b = 0; b < 2; b++) {
                    Tensor cut = x.slice(0, b, b + 1).slice(1, 0, lengths[b]);
                    Unrolled alone = layer.unroll(cut);
                    float[] expected = alone.outputs().toFloats();
                    float[] actual = all.outputs().slice(0, b, b + 1).slice(1, 0, lengths[b]).toFloats();
                    assertArrayEquals(expected, actual, 1e-6f, layer + " outputs " + b);
                    assertArrayEquals(
                            alone.state().toFloats(), all.state().get(b).toFloats(), 1e-6f, layer + " state " + b);
                }
                assertEquals(0, all.state().get(2).abs().sum().item(), "no step, no change");
                Tensor dx = Gradients.of(all.state().get(0).sum().add(all.outputs().get(0).sum()), x);
                assertEquals(0, dx.get(0).slice(0, 3, 5).abs().sum().item(), layer + " gradient behind the end");
            }
        }
    }

    @Test
    void stateGoesOnWhereItStopped() {
        Tensor x = random(4, 3, 6, 4);
        for (RecurrentLayer layer : List.of(new Lstm(4, 5, INIT), new Gru(4, 16, INIT), new Rnn(4, 3, INIT))) {
            Tensor half = layer.unroll(x.slice(1, 0, 2)).state();
            Unrolled rest = layer.unroll(x.slice(1, 2, 6), Optional.of(half), Optional.empty());
            Unrolled whole = layer.unroll(x);
            assertArrayEquals(whole.state().toFloats(), rest.state().toFloats(), layer.toString());
            assertArrayEquals(whole.outputs().slice(1, 2, 6).toFloats(), rest.outputs().toFloats(), layer.toString());
        }
    }

    @Test
    void stacksAndNamesItsParameters() {
        var deep = Sequential.of(new Lstm(4, 8, INIT), new Reversed(new Gru(8, 3, INIT)));
        assertEquals(
                List.of(2, 7, 3),
                Arrays.stream(deep.apply(random(5, 2, 7, 4), Pass.inference()).shape().dims()).boxed().toList());
        assertEquals(
                List.of(
                        "layers.0.inputWeight",
                        "layers.0.recurrentWeight",
                        "layers.0.bias",
                        "layers.1.layer.inputWeight",
                        "layers.1.layer.recurrentWeight",
                        "layers.1.layer.bias",
                        "layers.1.layer.candidateBias"),
                List.copyOf(deep.parameters().keySet()));
        assertEquals("Lstm(4 -> 8)", deep.layers().getFirst().toString());
    }

    @Test
    void forgetBiasIsThatOfTheForgetGate() {
        float[] b = new Lstm(2, 2, INIT).forgetBias(1).bias().value().toFloats();
        assertArrayEquals(new float[] {0, 0, 1, 1, 0, 0, 0, 0}, b);
    }

    @Test
    void refusesWhatDoesNotFit() {
        var lstm = new Lstm(4, 8, INIT);
        var e = assertThrows(ShapeException.class, () -> lstm.unroll(random(1, 2, 3, 5)));
        assertTrue(e.getMessage().contains("Lstm(4 -> 8) needs sequences [B, T, 4] of 1 step or more, got [2, 3, 5]"));
        assertThrows(ShapeException.class, () -> lstm.unroll(random(1, 2, 0, 4)));
        Optional<Tensor> state = Optional.of(random(1, 2, 8));
        e = assertThrows(ShapeException.class, () -> lstm.unroll(random(1, 2, 3, 4), state, Optional.empty()));
        assertTrue(e.getMessage().contains("a state [B, 2 H]"), e.getMessage());
        Optional<Tensor> lengths = Optional.of(random(1, 2));
        e = assertThrows(ShapeException.class, () -> lstm.unroll(random(1, 2, 3, 4), Optional.empty(), lengths));
        assertTrue(e.getMessage().contains("int32 or int64 lengths [2]"), e.getMessage());
        assertThrows(ShapeException.class, () -> new Rnn(2, 2, INIT).activation(Activation.GELU));
        assertThrows(ShapeException.class, () -> new Gru(0, 2, INIT));
        var gru = new Gru(2, 2, INIT);
        assertThrows(
                ShapeException.class, () -> new Gru(gru.inputWeight(), gru.recurrentWeight(), gru.bias(), gru.bias()));
        assertThrows(ShapeException.class, () -> new Lstm(gru.inputWeight(), gru.recurrentWeight(), gru.bias()));
    }

    // The sweep asks for each input's cotangent by itself, and slices of the output send back zeros around theirs.
    @Test
    void aStepRunsTheAdjointOnceAndPadsNothing() {
        for (RecurrentLayer layer : List.of(new Lstm(4, 8, INIT), new Gru(4, 8, INIT), new Rnn(4, 8, INIT))) {
            List<Tensor> ps = layer.parameters().values().stream().map(Parameter::value).toList();
            Tensor loss = layer.unroll(random(1, 2, 3, 4)).outputs().square().sum();
            String plan = new Engine().plan(Gradients.of(loss, ps), List.of()).describe();
            assertEquals(1, plan.lines().filter(line -> line.contains("-adjoint")).count(), plan);
            assertEquals(0, plan.lines().filter(line -> line.contains(" pad ")).count(), plan);
        }
    }
}
