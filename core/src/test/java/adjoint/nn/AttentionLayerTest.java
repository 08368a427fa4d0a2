package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

class AttentionLayerTest {
    private static final RandomKey KEY = RandomKey.of(11);
    private static final Init INIT = Init.seeded(5).type(DType.FLOAT64).with(Init.normal(0.5));
    private static final int B = 2;
    private static final int T = 5;
    private static final int C = 8;

    private static Tensor random(long stream, int... dims) {
        return Tensor.of(Tensor.random(Distribution.NORMAL, KEY.fold(stream), DType.FLOAT64, dims).toDoubles(), dims);
    }

    private static Tensor mask(int steps, int... lengths) {
        boolean[] real = new boolean[lengths.length * steps];
        for (int b = 0; b < lengths.length; b++) {
            Arrays.fill(real, b * steps, b * steps + lengths[b], true);
        }
        return Tensor.of(real, lengths.length, steps);
    }

    private static MultiHeadAttention grouped(int heads, int keyHeads) {
        int size = C / heads;
        return new MultiHeadAttention(
                new Linear(C, (heads + 2 * keyHeads) * size, INIT),
                new Linear(C, C, INIT),
                heads,
                keyHeads,
                false,
                0,
                Optional.empty());
    }

    // The definition, step by step: queries of x, keys and values of the memory, sees[b][t][s].
    private static double[] byHand(MultiHeadAttention layer, Tensor x, Tensor memory, boolean[][][] sees) {
        int d = layer.size();
        int h = layer.heads();
        int g = layer.keyHeads();
        double[] qs = layer.in().apply(x, Pass.inference()).toDoubles();
        double[] ms = layer.in().apply(memory, Pass.inference()).toDoubles();
        int width = (h + 2 * g) * d;
        int s = memory.dim(1);
        double[] joined = new double[B * T * h * d];
        for (int b = 0; b < B; b++) {
            for (int t = 0; t < T; t++) {
                for (int head = 0; head < h; head++) {
                    int group = head / (h / g);
                    double[] weight = new double[s];
                    double sum = 0;
                    for (int k = 0; k < s; k++) {
                        double score = 0;
                        for (int i = 0; i < d; i++) {
                            score +=
                                    qs[(b * T + t) * width + head * d + i]
                                            * ms[(b * s + k) * width + (h + group) * d + i];
                        }
                        weight[k] = sees[b][t][k] ? Math.exp(score / Math.sqrt(d)) : 0;
                        sum += weight[k];
                    }
                    for (int k = 0; k < s && sum > 0; k++) {
                        for (int i = 0; i < d; i++) {
                            joined[((b * T + t) * h + head) * d + i] +=
                                    weight[k] / sum * ms[(b * s + k) * width + (h + g + group) * d + i];
                        }
                    }
                }
            }
        }
        return layer.out().apply(Tensor.of(joined, B, T, h * d), Pass.inference()).toDoubles();
    }

    private static boolean[][][] sees(int steps, boolean causal, int... lengths) {
        boolean[][][] sees = new boolean[B][T][steps];
        for (int b = 0; b < B; b++) {
            for (int t = 0; t < T; t++) {
                for (int s = 0; s < steps; s++) {
                    sees[b][t][s] = s < lengths[b] && (!causal || s <= t);
                }
            }
        }
        return sees;
    }

    private static void close(Tensor actual, double[] expected) {
        assertThat(actual.toDoubles()).containsExactly(expected, within(1e-10));
    }

    @Test
    void isItsDefinition() {
        Tensor x = random(1, B, T, C);
        for (MultiHeadAttention layer : List.of(new MultiHeadAttention(C, 2, INIT), grouped(4, 2), grouped(4, 1))) {
            close(layer.apply(x, Pass.inference()), byHand(layer, x, x, sees(T, false, T, T)));
            close(layer.causal().apply(x, Pass.inference()), byHand(layer, x, x, sees(T, true, T, T)));
            Context padded = Context.of().mask(mask(T, 3, 0)); // no step of the second sequence is real
            close(layer.apply(x, padded, Pass.inference()), byHand(layer, x, x, sees(T, false, 3, 0)));
            close(layer.causal().apply(x, padded, Pass.inference()), byHand(layer, x, x, sees(T, true, 3, 0)));
            Tensor memory = random(2, B, 7, C);
            Context crossing = Context.of().memory(memory).memoryMask(mask(7, 7, 2));
            close(layer.causal().apply(x, crossing, Pass.inference()), byHand(layer, x, memory, sees(7, false, 7, 2)));
        }
    }

    @Test
    void whatNobodySeesIsZeroAndNoNaN() {
        var attention =
                new MultiHeadAttention(
                        Linear.withoutBias(C, 3 * C, INIT),
                        Linear.withoutBias(C, C, INIT),
                        2,
                        2,
                        false,
                        0,
                        Optional.empty());
        Tensor y = attention.apply(random(1, B, T, C), Context.of().mask(mask(T, 2, 0)), Pass.inference());
        assertThat(y.select(0, 1).toDoubles()).containsOnly(0);
        assertThat(y.select(0, 0).toDoubles()).doesNotContain(0);
    }

    // The product of a turned query and a turned key depends on the distance alone.
    @Test
    void rotaryPositionsAreRelative() {
        var rotary = new Rotary();
        Tensor q = random(1, 1, 1, 1, C).expand(1, 1, 9, C);
        Tensor k = random(2, 1, 1, 1, C).expand(1, 1, 9, C);
        Tensor scores = rotary.turn(q, Optional.empty()).matmul(rotary.turn(k, Optional.empty()).transpose(2, 3));
        double[] s = scores.toDoubles();
        for (int i = 0; i + 1 < 9; i++) {
            for (int j = 0; j + 1 < 9; j++) {
                assertThat(s[i * 9 + j]).isCloseTo(s[(i + 1) * 9 + j + 1], within(1e-12));
            }
        }
        assertThat(s[0]).isNotCloseTo(s[1], within(1e-3));
        Tensor late = rotary.turn(q.slice(2, 0, 1), Optional.of(Tensor.of(new long[] {4}).reshape()));
        close(late, rotary.turn(q, Optional.empty()).slice(2, 4, 5).toDoubles());
        double[] turned = rotary.turn(q, Optional.empty()).slice(2, 3, 4).toDoubles();
        double[] plain = q.slice(2, 3, 4).toDoubles();
        for (int i = 0; i < C / 2; i++) {
            double angle = 3 * Math.pow(10_000, -2.0 * i / C);
            assertThat(turned[i])
                    .isCloseTo(plain[i] * Math.cos(angle) - plain[i + C / 2] * Math.sin(angle), within(1e-12));
        }
    }

    @Test
    void sinusoidsAreThePapers() {
        double[] y =
                new SinusoidalPositions().apply(Tensor.full(DType.FLOAT64, 0, 1, 4, 6), Pass.inference()).toDoubles();
        for (int t = 0; t < 4; t++) {
            for (int i = 0; i < 3; i++) {
                double angle = t / Math.pow(10_000, 2.0 * i / 6);
                assertThat(y[t * 6 + 2 * i]).isCloseTo(Math.sin(angle), within(1e-12));
                assertThat(y[t * 6 + 2 * i + 1]).isCloseTo(Math.cos(angle), within(1e-12));
            }
        }
    }

    private record Decoder(ContextLayer positions, List<TransformerBlock> blocks) implements ContextLayer {
        @Override
        public Tensor forward(Tensor x, Context context, Pass pass) {
            Tensor y = positions.apply(x, context, pass);
            for (TransformerBlock block : blocks) {
                y = block.apply(y, context, pass);
            }
            return y;
        }
    }

    private static List<Decoder> decoders(int most) {
        var form = new TransformerBlock.Form(4).causal();
        return List.of(
                new Decoder(
                        new LearnedPositions(most, C, INIT.with(Init.normal(1))),
                        TransformerBlock.several(2, C, form, INIT)),
                new Decoder(
                        new SinusoidalPositions(),
                        TransformerBlock.several(2, C, form.keyHeads(2).rotary(new Rotary()).swiGlu().rmsNorm(), INIT)),
                new Decoder(new SinusoidalPositions(), TransformerBlock.several(2, C, form.postNorm(), INIT)));
    }

    // In pieces of any sizes, over the growth of the cache, with sequences picked on the way.
    @Test
    void theCacheGivesWhatTheFullPassGives() {
        int steps = 70;
        Tensor x = random(1, B, steps, C);
        for (Decoder decoder : decoders(steps)) {
            Tensor full = decoder.apply(x, Pass.inference());
            var cache = new KeyValueCache(steps);
            Tensor input = x;
            int from = 0;
            for (int size : new int[] {3, 1, 1, 4, 30, 1, 8, 1, 20, 1}) {
                Tensor y = cache.run(decoder, input.slice(1, from, from + size));
                close(y, full.slice(1, from, from + size).toDoubles());
                from += size;
                if (from == 39) {
                    cache.select(1, 1, 0);
                    Tensor index = Tensor.of(new int[] {1, 1, 0}, 3);
                    input = x.gather(0, index);
                    full = full.gather(0, index);
                }
            }
            assertThat(cache.length()).isEqualTo(steps);
            Tensor more = input.slice(1, 0, 1);
            assertThatThrownBy(() -> cache.run(decoder, more)).hasMessageContaining("holds 70 of 70");
        }
    }

    // Positions and caches are values, and no part of the plan.
    @Test
    void everyStepUsesTheSamePlan() {
        var decoder = decoders(64).getFirst();
        try (var engine = new Engine(1)) {
            var cache = new KeyValueCache(20, engine);
            Tensor x = random(1, 1, 20, C);
            cache.run(decoder, x.slice(1, 0, 4));
            cache.run(decoder, Tensor.of(x.slice(1, 4, 5).toDoubles(), 1, 1, C));
            int plans = engine.plans();
            for (int i = 5; i < 20; i++) {
                cache.run(decoder, Tensor.of(x.slice(1, i, i + 1).toDoubles(), 1, 1, C));
            }
            assertThat(engine.plans()).isEqualTo(plans);
        }
    }

    @TestFactory
    Stream<DynamicTest> gradients() {
        var form = new TransformerBlock.Form(2);
        Tensor x = random(1, B, T, C);
        Tensor memory = random(2, B, 3, C);
        Context padded = Context.of().mask(mask(T, 3, T));
        Context nothing = Context.of().mask(mask(T, 0, 4));
        Context crossing = padded.memory(memory).memoryMask(mask(3, 3, 1));
        record Row(String name, ContextLayer layer, Context context) {}
        var rows = new ArrayList<Row>();
        for (Context context : List.of(Context.of(), padded, nothing)) {
            rows.add(new Row("attention", new MultiHeadAttention(C, 2, INIT), context));
            rows.add(new Row("causal", grouped(4, 2).causal(), context));
            rows.add(new Row("rotary, dropout", grouped(4, 2).rotary(new Rotary()).dropout(0.3), context));
            rows.add(new Row("pre-norm", TransformerBlock.of(C, form.causal().dropout(0.2), INIT), context));
            rows.add(new Row("post-norm", TransformerBlock.of(C, form.postNorm(), INIT), context));
        }
        rows.add(
                new Row(
                        "Llama",
                        TransformerBlock.of(
                                C, form.causal().swiGlu().rmsNorm().withoutBias().rotary(new Rotary()), INIT),
                        padded));
        rows.add(new Row("crossing", TransformerBlock.of(C, form.causal().crossing(), INIT), crossing));
        rows.add(new Row("positions", new LearnedPositions(9, C, INIT), Context.of()));
        rows.add(new Row("sinusoids", new SinusoidalPositions(), Context.of()));
        return rows.stream()
                .map(row ->
                        DynamicTest.dynamicTest(
                                row.name + " " + row.context.mask().map(m -> "masked").orElse(""),
                                () -> {
                                    GradientCheck.Result r =
                                            GradientCheck.of(
                                                    in ->
                                                            row.layer.apply(
                                                                    in.getFirst(), row.context, Pass.training(KEY)),
                                                    row.layer.parameters().values(),
                                                    x);
                                    assertThat(r.firstOrder()).isLessThan(1e-6);
                                    assertThat(r.secondOrder()).isLessThan(1e-6);
                                }));
    }

    // With respect to the memory too.
    @Test
    void gradientsReachTheMemory() {
        var block = TransformerBlock.of(C, new TransformerBlock.Form(2).crossing(), INIT);
        GradientCheck.Result r =
                GradientCheck.of(
                        in ->
                                block.apply(
                                        in.get(0),
                                        Context.of().memory(in.get(1)).memoryMask(mask(3, 3, 0)),
                                        Pass.training(KEY)),
                        random(1, B, T, C),
                        random(2, B, 3, C));
        assertThat(r.passed()).isTrue();
    }

    @Test
    void observersSeeThePartsByName() {
        List<String> seen = new ArrayList<>();
        decoders(9)
                .getFirst()
                .apply(random(1, 1, 3, C), Pass.inference().observing((path, layer, y) -> seen.add(path)));
        assertThat(seen).contains("positions", "blocks.0.attention.in", "blocks.1.forward.down", "blocks.1", "");
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> new MultiHeadAttention(10, 3, INIT))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("heads that divide the width");
        assertThatThrownBy(() -> TransformerBlock.of(10, new TransformerBlock.Form(3), INIT))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("got width 10, 3 heads");
        Tensor x = random(1, B, T, C);
        var plain = new MultiHeadAttention(C, 2, INIT);
        assertThatThrownBy(() -> plain.apply(x.select(0, 0), Pass.inference())).hasMessageContaining("[B, T, 8]");
        assertThatThrownBy(() -> new KeyValueCache(9).run(plain, x))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("not causal");
        assertThatThrownBy(() -> new LearnedPositions(4, C, INIT).apply(x, Pass.inference()))
                .hasMessageContaining("vectors for 4 steps, got 5");
        assertThatThrownBy(() -> Context.of().mask(x)).hasMessageContaining("truth values");
        assertThatThrownBy(() -> Context.of().memoryMask(mask(3, 3, 3))).hasMessageContaining("got none");
        var crossing = TransformerBlock.of(C, new TransformerBlock.Form(2).crossing(), INIT);
        assertThatThrownBy(() -> crossing.apply(x, Pass.inference())).hasMessageContaining("there is none");
        assertThatThrownBy(() -> new Rotary(1)).hasMessageContaining("above 1");
    }

    private record Net(TransformerBlock block) implements ContextLayer {
        @Override
        public Tensor forward(Tensor x, Context context, Pass pass) {
            return block.apply(x, context, pass);
        }
    }

    @Test
    void aContextReachesWhatIsInsideOtherLayers() {
        var block = TransformerBlock.of(C, new TransformerBlock.Form(2), INIT);
        Tensor x = random(1, B, T, C);
        Context padded = Context.of().mask(mask(T, 3, 4));
        Pass training = Pass.training(KEY);
        double[] expected = block.apply(x, padded, Pass.inference()).toDoubles();
        assertThat(block.apply(x, Pass.inference()).toDoubles()).isNotEqualTo(expected);
        var net = new Net(block);
        for (ContextLayer around :
                List.of(
                        Sequential.of(block),
                        Checkpoint.of(block),
                        Patched.of(block),
                        Patched.of(net).around("block", b -> Sequential.of(Activation.IDENTITY, b)),
                        Patched.of(net).around("block", Checkpoint::of))) {
            close(around.apply(x, padded, Pass.inference()), expected);
            close(around.apply(x, padded, training), expected);
        }
        close(new Residual(block).apply(x, padded, training), x.add(block.apply(x, padded, training)).toDoubles());
        Patched linear = Patched.of(net).with("block", new Linear(C, C, INIT));
        assertThatThrownBy(() -> linear.apply(x, padded, Pass.inference()))
                .hasMessageContaining("the layer in the place of 'block' must be a ContextLayer");
        assertThat(linear.apply(x, Pass.inference()).shape()).isEqualTo(x.shape());
        Context crossing = Context.of().memory(x);
        assertThatThrownBy(() -> Checkpoint.of(block).apply(x, crossing, training))
                .hasMessageContaining("looks at a memory");
    }

    @Test
    void whatStandsInThePlaceOfTheFirstLayerReadsTheMemoryToo() {
        var attention = new MultiHeadAttention(C, 2, INIT);
        var other = new Linear(C, 3 * C, INIT);
        var changed = new MultiHeadAttention(other, attention.out(), 2, 2, false, 0, Optional.empty());
        Tensor x = random(1, B, T, C);
        Context crossing = Context.of().memory(random(2, B, 7, C));
        close(
                Patched.of(attention).with("in", other).apply(x, crossing, Pass.inference()),
                changed.apply(x, crossing, Pass.inference()).toDoubles());
    }
}
