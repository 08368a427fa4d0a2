package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Conv;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

class LayerTest {
    private final Init init = Init.seeded(42);

    private record Mlp(Linear hidden, Linear head) implements Layer {
        Mlp(Init init) {
            this(new Linear(784, 128, init), new Linear(128, 10, init));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return head.apply(hidden.apply(x.flatten(1), pass).relu(), pass);
        }
    }

    private record Encoder(Linear fc1, Linear fc2) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return fc2.apply(fc1.apply(x, pass), pass);
        }
    }

    private record Holder(Encoder encoder, List<Layer> layers) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            Tensor y = encoder.apply(x, pass);
            for (Layer layer : layers) {
                y = layer.apply(y, pass);
            }
            return y;
        }
    }

    private record Heads(Linear policy, Linear value, int unused) {}

    private record Many(
            Parameter scale,
            List<Layer> list,
            Layer[] array,
            Map<String, Layer> map,
            Optional<Linear> present,
            Optional<Linear> absent,
            Heads heads,
            Linear again)
            implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return heads.value.apply(x, pass);
        }
    }

    private static class Old implements Layer {
        static final Layer NOT_MINE = Activation.RELU;
        private final Linear inner;
        private final int number = 3;

        Old(Linear inner) {
            this.inner = inner;
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return inner.apply(x, pass);
        }
    }

    private static final class Derived extends Old {
        private final Parameter bonus;

        Derived(Linear inner, Parameter bonus) {
            super(inner);
            this.bonus = bonus;
        }
    }

    private static List<String> names(Layer layer) {
        return List.copyOf(layer.parameters().keySet());
    }

    @Test
    void namesComeFromComponents() {
        var mlp = new Mlp(init);
        assertEquals(List.of("hidden.weight", "hidden.bias", "head.weight", "head.bias"), names(mlp));
        assertSame(mlp.head.weight(), mlp.parameters().get("head.weight"));
        assertEquals(784 * 128 + 128 + 128 * 10 + 10, mlp.parameterCount());
        assertEquals(
                List.of("layers.0.weight", "layers.0.bias", "layers.2.inner.weight"),
                names(
                        Sequential.of(
                                new Linear(3, 3, init),
                                Activation.RELU,
                                new Residual(Linear.withoutBias(3, 3, init)))));
    }

    @Test
    void convolutionsHaveNamesShapesAndWords() {
        Conv same = new Conv().padding(Padding.SAME);
        var model =
                Sequential.of(
                        new Conv2d(3, 8, 3, same, init),
                        Conv2d.withoutBias(8, 8, 3, same.stride(2).groups(8), init),
                        new MaxPool(2),
                        new ConvTranspose2d(8, 4, 2, new Conv().stride(2), init),
                        new AveragePool(Window.of(3, 2).stride(1).padding(1)),
                        new GlobalAveragePool());
        assertEquals(
                List.of("layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.3.weight", "layers.3.bias"),
                names(model));
        assertEquals("[2, 4]", model.apply(Tensor.zeros(2, 8, 8, 3), Pass.inference()).shape().toString());
        assertEquals(
                List.of(
                        "Conv2d(3 -> 8, 3x3, padding SAME)",
                        "Conv2d(8 -> 8, 3x3, stride 2, padding SAME, groups 8, no bias)",
                        "MaxPool(2)",
                        "ConvTranspose2d(8 -> 4, 2x2, stride 2)",
                        "AveragePool(3x2, stride 1, padding 1)",
                        "GlobalAveragePool"),
                model.layers().stream().map(Layer::toString).toList());
        assertEquals(3 * 3 * 3 * 8 + 8 + 3 * 3 * 8 + 2 * 2 * 4 * 8 + 4, model.parameterCount());
        assertEquals("Conv1d(4 -> 6, 3, dilation 2)", new Conv1d(4, 6, 3, new Conv().dilation(2), init).toString());
    }

    @Test
    void poolingToASize() {
        float[] x = {1, -2, 5, 3, 0, 7, -1, 4, 2, 8, -6, 9}; // [1, 3, 4, 1]
        Tensor t = Tensor.of(x, 1, 3, 4, 1);
        assertArrayEquals(new float[] {9}, run(new GlobalMaxPool(), t).toFloats());
        assertArrayEquals(
                new float[] {5, -2}, run(new GlobalMaxPool(), Tensor.of(new float[] {5, -2}, 1, 1, 1, 2)).toFloats());
        // Rows 0-1 and 1-2, columns 0-1, 1-2 and 2-3.
        assertArrayEquals(
                new float[] {
                    (1 - 2 + 0 + 7) / 4f,
                    (-2 + 5 + 7 - 1) / 4f,
                    (5 + 3 - 1 + 4) / 4f,
                    (0 + 7 + 2 + 8) / 4f,
                    (7 - 1 + 8 - 6) / 4f,
                    (-1 + 4 - 6 + 9) / 4f
                },
                run(new AdaptiveAveragePool(2, 3), t).toFloats());
        assertArrayEquals(new float[] {7, 7, 5, 8, 8, 9}, run(new AdaptiveMaxPool(2, 3), t).toFloats());
        assertEquals("[5, 2, 2, 3]", run(new AdaptiveMaxPool(2), Tensor.zeros(5, 7, 8, 3)).shape().toString());
        assertEquals("AdaptiveAveragePool(2x3)", new AdaptiveAveragePool(2, 3).toString());
        assertEquals("AdaptiveMaxPool(2)", new AdaptiveMaxPool(2).toString());
        assertEquals(new AdaptiveMaxPool(2), new AdaptiveMaxPool(2));
        assertRefused(
                "GlobalMaxPool needs an input [batch, spatial.., channels], got [2, 3]",
                () -> run(new GlobalMaxPool(), Tensor.zeros(2, 3)));
    }

    @Test
    void convolutionsRefuseWhatDoesNotFit() {
        var conv = new Conv2d(3, 8, 3, new Conv(), init);
        assertRefused(
                "Conv2d(3 -> 8, 3x3) needs an input [batch, height, width, 3], got [2, 3, 8, 8]",
                () -> conv.apply(Tensor.zeros(2, 3, 8, 8), Pass.inference()));
        assertRefused(
                "Conv2d in 3 groups needs channels in a multiple of 3, got 4 -> 6",
                () -> new Conv2d(4, 6, 3, new Conv().groups(3), init));
        assertRefused(
                "Conv1d needs sizes of 1 or more, got 4 -> 6 channels and a window [0]",
                () -> new Conv1d(4, 6, 0, new Conv(), init));
        assertRefused(
                "needs a bias [8], got [3]",
                () -> new Conv2d(conv.weight(), Optional.of(Parameter.of(Tensor.zeros(3))), new Conv()));
        assertRefused(
                "GlobalAveragePool needs an input [batch, spatial.., channels], got [2, 3]",
                () -> new GlobalAveragePool().apply(Tensor.zeros(2, 3), Pass.inference()));
    }

    private static void assertRefused(String message, Runnable what) {
        var e = assertThrows(ShapeException.class, what::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void namesOfEveryKindOfComponent() {
        var shared = Linear.withoutBias(2, 2, init);
        var unordered = Map.<String, Layer>of("b", Linear.withoutBias(2, 2, init), "a", Linear.withoutBias(2, 2, init));
        var state = Parameter.state(Tensor.zeros(2));
        var many =
                new Many(
                        state,
                        List.of(shared, Activation.TANH),
                        new Layer[] {new PRelu(1, init)},
                        unordered,
                        Optional.of(Linear.withoutBias(2, 2, init)),
                        Optional.empty(),
                        new Heads(Linear.withoutBias(2, 2, init), Linear.withoutBias(2, 2, init), 1),
                        shared);
        assertEquals(
                List.of(
                        "scale",
                        "list.0.weight",
                        "array.0.slope",
                        "map.a.weight",
                        "map.b.weight",
                        "present.weight",
                        "heads.policy.weight",
                        "heads.value.weight"),
                names(many));
        assertEquals(4 * 6 + 1, many.parameterCount(), "a state is not trained");
        var ordered = new LinkedHashMap<String, Layer>();
        ordered.put("z", new PRelu(1, init));
        ordered.put("y", new PRelu(1, init));
        var kept =
                new Many(
                        state,
                        List.of(),
                        new Layer[0],
                        ordered,
                        Optional.empty(),
                        Optional.empty(),
                        many.heads,
                        shared);
        assertEquals(List.of("scale", "map.z.slope", "map.y.slope"), names(kept).subList(0, 3));
        var e = assertThrows(ShapeException.class, () -> many.apply(Tensor.zeros(1, 3), Pass.inference()));
        assertTrue(e.getMessage().startsWith("layer 'heads.value': Linear(2 -> 2, no bias) needs"), e.getMessage());
    }

    @Test
    void namesOfFieldsOfClasses() {
        var inner = Linear.withoutBias(2, 2, init);
        assertEquals(List.of("inner.weight"), names(new Old(inner)));
        assertEquals(List.of("bonus", "inner.weight"), names(new Derived(inner, Parameter.of(Tensor.zeros(1)))));
    }

    @Test
    void aLambdaHasNoNamesForParameters() {
        var inner = Linear.withoutBias(2, 2, init);
        Layer lambda = (x, pass) -> inner.apply(x, pass);
        String message =
                "a lambda uses Linear(2 -> 2, no bias), whose parameters have no name there: "
                        + "write a record that implements Layer and has it as a component";
        assertEquals(message, assertThrows(AdjointException.class, lambda::parameters).getMessage());
        Layer hidden = Sequential.of(new Lambda("inner", x -> inner.forward(x, Pass.inference())));
        assertEquals(message, assertThrows(AdjointException.class, hidden::parameters).getMessage());
        Layer pure = (x, pass) -> x.mul(2);
        assertEquals(0, pure.parameterCount());
    }

    private record InSet(Set<Layer> parts) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x;
        }
    }

    @Test
    void aSetHasNoNames() {
        var model = new InSet(Set.of(Activation.RELU));
        var e = assertThrows(AdjointException.class, model::parameters);
        assertTrue(e.getMessage().matches("the layers in 'parts' have no names, being in a \\w+: use a List or a Map"));
    }

    @Test
    void closedModulesAreNamed() throws NoSuchFieldException {
        var field = Optional.class.getDeclaredField("value");
        var e = assertThrows(AdjointException.class, () -> Components.read(Optional.of(1), field));
        assertEquals(
                "the layers and parameters inside java.util.Optional cannot be found: add "
                        + "`opens java.util to adjoint.core;` to the module-info of java.base",
                e.getMessage());
    }

    @Test
    void errorsNameTheLayer() {
        var encoder = new Encoder(new Linear(100, 100, init), new Linear(128, 64, init));
        var model = new Holder(encoder, List.of());
        var e = assertThrows(ShapeException.class, () -> model.apply(Tensor.zeros(32, 100), Pass.inference()));
        String message = e.getMessage();
        assertTrue(
                message.matches(
                        "layer 'encoder\\.fc2': Linear\\(128 -> 64\\) needs a last dimension of 128, got "
                                + "\\[32, 100\\] \\(LayerTest\\.java:\\d+\\)"),
                message);
    }

    @Test
    void errorsNamePositionsInLists() {
        var model =
                new Holder(
                        new Encoder(new Linear(4, 4, init), new Linear(4, 4, init)),
                        List.of(
                                Activation.RELU,
                                Sequential.of(Activation.RELU, Activation.RELU, new Linear(5, 4, init))));
        var e = assertThrows(ShapeException.class, () -> model.apply(Tensor.zeros(2, 4), Pass.inference()));
        assertTrue(e.getMessage().startsWith("layer 'layers.1.layers.2': Linear(5 -> 4) needs"), e.getMessage());
    }

    @Test
    void errorsOfLayers() {
        refused("Linear needs sizes of 1 or more, got 0 -> 3", () -> new Linear(0, 3, init));
        refused(
                "Linear needs a weight [in, out], got [3]",
                () -> new Linear(Parameter.of(Tensor.zeros(3)), Optional.empty()));
        refused(
                "Linear with a weight [3, 2] needs a bias [2], got [3]",
                () -> new Linear(Parameter.of(Tensor.zeros(3, 2)), Optional.of(Parameter.of(Tensor.zeros(3)))));
        refused(
                "Linear(3 -> 2) needs a last dimension of 3, got []",
                () -> run(new Linear(3, 2, init), Tensor.scalar(1)));
        refused(
                "Linear(1 -> 2) has weights of float32, got float64 [1]: use to(DType)",
                () -> run(new Linear(1, 2, init), Tensor.of(new double[1], 1)));
        refused(
                "Embedding(5 x 2) needs int32 or int64 indices, got float32 [3]",
                () -> run(new Embedding(5, 2, init), Tensor.zeros(3)));
        refused("Embedding needs a weight [count, width], got [3]", () -> new Embedding(Parameter.of(Tensor.zeros(3))));
        refused("PRelu(3) needs a last dimension of 3, got [2, 2]", () -> run(new PRelu(3, init), Tensor.zeros(2, 2)));
        refused("Flatten(2) needs at least 2 axes, got [3]", () -> run(new Flatten(2), Tensor.zeros(3)));
        refused(
                "Residual needs an inner layer that keeps the shape, got float32 [4, 3] and from Linear(3 -> 2) float32"
                        + " [4, 2]: use a Residual whose shortcut changes it alike, such as Residual.projected",
                () -> run(new Residual(new Linear(3, 2, init)), Tensor.zeros(4, 3)));
        refused("Dropout needs a probability in [0, 1), got 1.0", () -> new Dropout(1));
        refused("Dropout needs a probability in [0, 1), got NaN", () -> new Dropout(Double.NaN));
        refused("weights are float32 or float64, got int32", () -> init.type(adjoint.kernel.DType.INT32));
        refused(
                "layer '' draws random numbers, and this pass has none: "
                        + "use Pass.inference(RandomKey) or Pass.training(RandomKey)",
                () -> Pass.inference().key());
    }

    static void refused(String message, org.junit.jupiter.api.function.Executable action) {
        String got = assertThrows(AdjointException.class, action).getMessage();
        assertEquals(message, got.replaceFirst(" \\(\\w+\\.java:\\d+\\)$", ""));
    }

    private static Tensor run(Layer layer, Tensor x) {
        return layer.apply(x, Pass.inference());
    }

    @Test
    void texts() {
        assertEquals("Linear(128 -> 64)", new Linear(128, 64, init).toString());
        assertEquals("Linear(2 -> 1, no bias)", Linear.withoutBias(2, 1, init).toString());
        assertEquals(
                "[Embedding(5 x 2), Flatten(1), Dropout(0.5), PRelu(3), Softmax(-1), LogSoftmax(0), Sequential(0),"
                        + " Residual, twice, GELU]",
                List.of(
                                new Embedding(5, 2, init),
                                new Flatten(),
                                new Dropout(0.5),
                                new PRelu(3, init),
                                new Softmax(-1),
                                new LogSoftmax(0),
                                Sequential.of(),
                                new Residual(Activation.RELU),
                                new Lambda("twice", x -> x.mul(2)),
                                Activation.GELU)
                        .toString());
        assertEquals("Mlp", TypeName.of(new Mlp(init)));
        assertEquals("Old", TypeName.of(new Old(Linear.withoutBias(1, 1, init))));
    }

    @Test
    void linearAgainstLoops() {
        var linear =
                new Linear(
                        Parameter.of(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2)),
                        Optional.of(Parameter.of(Tensor.of(new float[] {10, 20}, 2))));
        float[] x = {1, 0, -1, 2, 1, 0};
        float[] expected = {10 + 1 - 5, 20 + 2 - 6, 10 + 2 + 3, 20 + 4 + 4};
        assertArrayEquals(expected, run(linear, Tensor.of(x, 2, 3)).toFloats());
        assertEquals("[2, 1, 2]", run(linear, Tensor.of(x, 2, 1, 3)).shape().toString());
        assertArrayEquals(expected, run(linear, Tensor.of(x, 2, 1, 3)).toFloats());
        assertArrayEquals(new float[] {6, 16}, run(linear, Tensor.of(new float[] {1, 0, -1}, 3)).toFloats());
        var withoutBias = new Linear(linear.weight(), Optional.empty());
        assertArrayEquals(new float[] {-4, -4}, run(withoutBias, Tensor.of(new float[] {1, 0, -1}, 3)).toFloats());
    }

    @Test
    void embeddingPicksRows() {
        var embedding = new Embedding(Parameter.of(Tensor.of(new float[] {0, 1, 10, 11, 20, 21}, 3, 2)));
        Tensor y = run(embedding, Tensor.of(new int[] {2, 0, 1, 2}, 2, 2));
        assertEquals("[2, 2, 2]", y.shape().toString());
        assertArrayEquals(new float[] {20, 21, 0, 1, 10, 11, 20, 21}, y.toFloats());
    }

    @Test
    void smallLayers() {
        Tensor x = Tensor.of(new float[] {-2, 1, 3, -4}, 2, 2);
        assertArrayEquals(new float[] {-0.5f, 1, 3, -1}, run(new PRelu(2, init), x).toFloats());
        assertArrayEquals(new float[] {-0.5f, 1, 3, -1}, run(new PRelu(1, init), x).toFloats());
        assertArrayEquals(new float[] {-2, 2, 6, -4}, run(new Residual(Activation.RELU), x).toFloats());
        assertArrayEquals(new float[] {4, 1, 9, 16}, run(new Lambda("square", Tensor::square), x).toFloats());
        assertSame(x, run(Sequential.of(), x));
        assertEquals("[2, 12]", run(new Flatten(), Tensor.zeros(2, 3, 4)).shape().toString());
        double[] p = run(new Softmax(-1), x).toDoubles();
        assertEquals(1 / (1 + Math.exp(3)), p[0], 1e-7);
        assertEquals(Math.log(p[2]), run(new LogSoftmax(1), x).toDoubles()[2], 1e-6);
    }

    @Test
    void observersSeePathsAndOutputs() {
        var model =
                Sequential.of(
                        Activation.RELU,
                        new Residual(Activation.RELU),
                        Activation.RELU,
                        (x, pass) -> Activation.TANH.apply(x, pass));
        var seen = new ArrayList<String>();
        var count = new int[1];
        Pass pass =
                Pass.inference()
                        .observing((path, layer, output) -> seen.add(path + " " + output.shape()))
                        .observing((path, layer, output) -> count[0]++);
        Tensor y = model.apply(Tensor.zeros(2, 3), pass);
        assertEquals(
                List.of(
                        "layers.0 [2, 3]",
                        "layers.1.inner [2, 3]",
                        "layers.1 [2, 3]",
                        "layers.2 [2, 3]",
                        "layers.3.Activation [2, 3]",
                        "layers.3 [2, 3]",
                        " [2, 3]"),
                seen);
        assertEquals(7, count[0]);
        assertEquals(6, y.shape().size());
    }

    @Test
    void passesGiveKeysAndCollectUpdates() {
        Pass pass = Pass.training(RandomKey.of(5));
        assertTrue(pass.isTraining());
        var keys = IntStream.range(0, 4).mapToObj(i -> pass.into(Activation.RELU).key()).toList();
        assertEquals(4, Set.copyOf(keys).size());
        Pass second = Pass.training(RandomKey.of(5));
        assertEquals(keys, IntStream.range(0, 4).mapToObj(i -> second.key()).toList());
        Parameter mean = Parameter.state(Tensor.zeros(2));
        pass.into(Activation.RELU).record(new Evaluator.Update(mean, Tensor.ones(2)));
        assertEquals(1, pass.updates().size());
        Evaluator.standard().update(List.of(), pass.updates());
        assertArrayEquals(new float[] {1, 1}, mean.value().toFloats());
        assertEquals(List.of(), second.updates());
    }

    @Test
    void dropoutKeepsTheMean() {
        int n = 100_000;
        double p = 0.3;
        var dropout = new Dropout(p);
        float[] y = dropout.apply(Tensor.ones(n), Pass.training(RandomKey.of(1))).toFloats();
        int dropped = 0;
        for (float v : y) {
            assertTrue(v == 0 || Math.abs(v - 1 / (1 - p)) < 1e-6, "value " + v);
            dropped += v == 0 ? 1 : 0;
        }
        double deviation = Math.sqrt(p * (1 - p) / n);
        assertEquals(p, (double) dropped / n, 5 * deviation);
        assertArrayEquals(y, dropout.apply(Tensor.ones(n), Pass.training(RandomKey.of(1))).toFloats());
        Pass pass = Pass.training(RandomKey.of(1));
        float[] first = dropout.apply(Tensor.ones(n), pass).toFloats();
        float[] second = dropout.apply(Tensor.ones(n), pass).toFloats();
        assertArrayEquals(y, first);
        int both = 0;
        for (int i = 0; i < n; i++) {
            both += first[i] == 0 && second[i] == 0 ? 1 : 0;
        }
        assertEquals(p * p, (double) both / n, 5 * Math.sqrt(p * p / n), "two calls are independent");
    }

    @Test
    void dropoutRestsInInference() {
        Tensor x = Tensor.ones(3);
        assertSame(x, run(new Dropout(0.5), x));
        assertSame(x, new Dropout(0).forward(x, Pass.training(RandomKey.of(1))));
    }
}
