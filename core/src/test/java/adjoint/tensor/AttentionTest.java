package adjoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.grad.GradientCheck;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.plan.Engine;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;

class AttentionTest {
    private static final RandomKey KEY = RandomKey.of(5);
    private static final AttentionOptions STANDARD = AttentionOptions.standard();

    private static Tensor normal(int stream, int... dims) {
        return Tensor.of(Tensor.random(Distribution.NORMAL, KEY.fold(stream), DType.FLOAT64, dims).toDoubles(), dims);
    }

    private static Tensor floats(int stream, int... dims) {
        return Tensor.normal(KEY.fold(stream), dims);
    }

    private static List<AttentionOptions> options(int batch, int heads, int t, int s) {
        Tensor some = Tensor.bernoulli(KEY.fold(9), 0.6, batch, 1, t, s);
        Tensor keys = Tensor.bernoulli(KEY.fold(10), 0.6, batch, 1, 1, s);
        Tensor bias = Tensor.normal(KEY.fold(11), heads, t, s);
        Tensor cut = Tensor.where(some, bias, Tensor.full(DType.FLOAT32, Double.NEGATIVE_INFINITY));
        return List.of(
                STANDARD,
                STANDARD.causal(),
                STANDARD.scale(0.7).mask(some),
                STANDARD.causal().mask(keys),
                STANDARD.mask(bias),
                STANDARD.mask(cut),
                STANDARD.dropout(0.3, KEY.fold(12)),
                STANDARD.causal().mask(cut).dropout(0.5, KEY.fold(13)));
    }

    @TestFactory
    List<DynamicTest> gradientsToSecondOrder() {
        List<DynamicTest> tests = new ArrayList<>();
        int[][] shapes = {{1, 1, 1, 3, 4, 2, 3}, {2, 4, 2, 3, 5, 3, 2}, {1, 2, 1, 5, 3, 1, 1}}; // B H G T S D E
        for (int[] n : shapes) {
            List<AttentionOptions> all = options(n[0], n[1], n[3], n[4]);
            for (int i = 0; i < all.size(); i++) {
                AttentionOptions o = all.get(i);
                tests.add(
                        DynamicTest.dynamicTest(
                                i + " on " + Shape.of(n),
                                () -> {
                                    GradientCheck.Result r =
                                            GradientCheck.of(
                                                    in -> in.get(0).attention(in.get(1), in.get(2), o),
                                                    normal(1, n[0], n[1], n[3], n[5]),
                                                    normal(2, n[0], n[2], n[4], n[5]),
                                                    normal(3, n[0], n[2], n[4], n[6]));
                                    assertThat(r.firstOrder()).as("first order").isLessThan(1e-7);
                                    assertThat(r.secondOrder()).as("second order").isLessThan(1e-6);
                                }));
            }
        }
        return tests;
    }

    @Test
    void aLearnedBiasHasGradientsToSecondOrder() {
        GradientCheck.Result r =
                GradientCheck.of(
                        in -> in.get(0).attention(in.get(1), in.get(2), STANDARD.causal().mask(in.get(3))),
                        normal(1, 2, 4, 3, 2),
                        normal(2, 2, 2, 5, 2),
                        normal(3, 2, 2, 5, 3),
                        normal(4, 4, 1, 5));
        assertThat(r.firstOrder()).isLessThan(1e-7);
        assertThat(r.secondOrder()).isLessThan(1e-6);
    }

    @Test
    void agreesWithTheCompositionOnAwkwardSizes() {
        int[] sizes = {1, 3, 5, 17, 33, 64, 65, 100};
        int trial = 0;
        for (int t : sizes) {
            for (int s : sizes) {
                int d = sizes[(trial * 5 + 3) % sizes.length];
                int e = trial % 3 == 0 ? d : sizes[(trial * 3 + 1) % sizes.length];
                int group = 1 + trial % 2;
                List<AttentionOptions> all = options(2, 2 * group, t, s);
                check(all.get(trial++ % all.size()), 2, 2 * group, 2, t, s, d, e);
            }
        }
    }

    @Test
    void manyTilesAgreeWithTheComposition() {
        for (AttentionOptions o : options(1, 2, 300, 700)) {
            check(o, 1, 2, 2, 300, 700, 19, 32);
        }
        check(STANDARD.causal(), 1, 2, 1, 700, 300, 16, 16); // the first 400 queries see nothing
    }

    private static void check(AttentionOptions o, int b, int h, int g, int t, int s, int d, int e) {
        Tensor q = floats(1, b, h, t, d);
        Tensor k = floats(2, b, g, s, d);
        Tensor v = floats(3, b, g, s, e);
        Tensor u = floats(4, b, h, t, e);
        Tensor y = q.attention(k, v, o);
        List<Tensor> found = new ArrayList<>(Gradients.of(y, u, List.of(q, k, v)));
        found.add(y);

        // The composition in float64.
        List<Tensor> wide = List.of(q.to(DType.FLOAT64), k.to(DType.FLOAT64), v.to(DType.FLOAT64));
        Tensor expectedY = composition(wide, o);
        List<Tensor> expected = new ArrayList<>(Gradients.of(expectedY, u.to(DType.FLOAT64), wide));
        expected.add(expectedY);
        for (int i = 0; i < found.size(); i++) {
            double[] a = expected.get(i).toDoubles();
            double[] f = found.get(i).toDoubles();
            double largest = 1;
            for (double x : a) {
                largest = Math.max(largest, Math.abs(x));
            }
            for (int j = 0; j < a.length; j++) {
                assertThat(f[j])
                        .as("%d at %d of B %d H %d G %d T %d S %d D %d E %d %s", i, j, b, h, g, t, s, d, e, o)
                        .isCloseTo(a[j], within(3e-6 * largest));
            }
        }
    }

    private static Tensor composition(List<Tensor> in, AttentionOptions o) {
        Tensor first = in.get(0).attention(in.get(1), in.get(2), o);
        Tensor op = first.input(0);
        return AttentionFormula.of(((Attention) op.op()).rule(), op.inputs(), Attention.REST).output().transpose(1, 2);
    }

    @Test
    void isTheTextbookFormula() {
        Tensor q = normal(1, 2, 3, 5, 4);
        Tensor k = normal(2, 2, 3, 7, 4);
        Tensor v = normal(3, 2, 3, 7, 6);
        Tensor expected = q.matmul(k.t()).mul(0.5).softmax(-1).matmul(v);
        assertThat(q.attention(k, v).toDoubles()).containsExactly(expected.toDoubles(), within(1e-14));
    }

    @Test
    void theLastOfTheCausalQueriesSeesAllKeys() {
        Tensor q = floats(1, 1, 1, 2, 3);
        Tensor k = floats(2, 1, 1, 4, 3);
        Tensor v = floats(3, 1, 1, 4, 3);
        Tensor y = q.attention(k, v, STANDARD.causal());
        assertThat(y.select(2, 1).toFloats()).containsExactly(q.attention(k, v).select(2, 1).toFloats(), within(1e-6f));
        Tensor changed = Tensor.concat(2, v.slice(2, 0, 3), v.slice(2, 3, 4).add(100));
        assertThat(q.attention(k, changed, STANDARD.causal()).select(2, 0).toFloats())
                .isEqualTo(y.select(2, 0).toFloats());
    }

    @Test
    void aQueryThatSeesNothingGivesZeroAndNoGradient() {
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Tensor q = floats(1, 1, 2, 3, 4).to(type);
            Tensor k = floats(2, 1, 2, 5, 4).to(type);
            Tensor v = floats(3, 1, 2, 5, 4).to(type);
            Tensor rows = Tensor.of(new boolean[] {true, false, true}, 1, 1, 3, 1).expand(1, 1, 3, 5);
            for (Tensor mask :
                    List.of(
                            rows,
                            Tensor.where(rows, Tensor.full(type, 0), Tensor.full(type, Double.NEGATIVE_INFINITY)))) {
                Tensor y = q.attention(k, v, STANDARD.mask(mask));
                List<Tensor> g = Gradients.of(y.square().sum(), List.of(q, k, v));
                assertThat(y.select(2, 1).toDoubles()).containsOnly(0);
                assertThat(g.get(0).select(2, 1).toDoubles()).containsOnly(0);
                for (Tensor x : List.of(y, g.get(0), g.get(1), g.get(2))) {
                    assertThat(x.isFinite().all().toBooleans()).containsExactly(true);
                }
                assertThat(g.get(1).abs().sum().item()).isGreaterThan(0);
            }
            Tensor none = q.attention(k, v, STANDARD.mask(Tensor.full(DType.BOOL, 0, 5)));
            assertThat(none.toDoubles()).containsOnly(0);
            for (Tensor x : Gradients.of(none.sum(), List.of(q, k, v))) {
                assertThat(x.toDoubles()).containsOnly(0);
            }
        }
    }

    @Test
    void largeScoresStayFinite() {
        Tensor q = floats(1, 1, 2, 70, 4).mul(100);
        Tensor k = floats(2, 1, 2, 70, 4).mul(100);
        Tensor v = floats(3, 1, 2, 70, 4);
        Tensor y = q.attention(k, v, STANDARD.scale(1));
        assertThat(q.matmul(k.t()).abs().max().item()).isGreaterThan(1e4);
        assertThat(y.abs().max().item()).isLessThanOrEqualTo(v.abs().max().item() * (1 + 1e-6));
        for (Tensor g : Gradients.of(y.square().sum(), List.of(q, k, v))) {
            assertThat(g.isFinite().all().toBooleans()).containsExactly(true);
        }
    }

    @Test
    void dropoutKeepsTheMeanAndDropsAsAsked() {
        int t = 200;
        int s = 300;
        Tensor q = Tensor.zeros(1, 1, t, 1);
        Tensor k = Tensor.zeros(1, 1, s, 1);
        Tensor each = Tensor.eye(s).reshape(1, 1, s, s); // the output is the weights themselves
        float[] weights = q.attention(k, each, STANDARD.dropout(0.25, KEY)).mul(s).toFloats();
        int dropped = 0;
        for (float w : weights) {
            assertThat(w == 0 || Math.abs(w - 1 / 0.75f) < 1e-5).isTrue();
            dropped += w == 0 ? 1 : 0;
        }
        double n = t * s;
        assertThat(dropped / n).isCloseTo(0.25, within(5 * Math.sqrt(0.25 * 0.75 / n)));
        float[] same = q.attention(k, each, STANDARD.dropout(0.25, KEY)).mul(s).toFloats();
        float[] other = q.attention(k, each, STANDARD.dropout(0.25, KEY.fold(1))).mul(s).toFloats();
        assertThat(same).isEqualTo(weights);
        assertThat(other).isNotEqualTo(weights);
    }

    @Test
    void oneStepForTheForwardAndOneForTheBackwardPass() {
        Tensor x = Tensor.of(new float[2 * 6 * 24], 2, 6, 24); // [B, T, 3 C], as a linear layer makes it
        Tensor[] qkv = x.chunk(-1, 3);
        Tensor y = heads(qkv[0]).attention(heads(qkv[1]), heads(qkv[2]), STANDARD.causal());
        Tensor merged = y.transpose(1, 2).reshape(2, 6, 8);
        var engine = new Engine(1);
        String forward = engine.plan(List.of(merged.neg()), List.of()).describe();
        assertThat(forward.lines().filter(l -> l.matches(" +\\d+ .*"))).hasSize(2); // attention, neg
        String both = engine.plan(List.of(Gradients.of(merged.square().sum(), x)), List.of()).describe();
        assertThat(both.lines().filter(l -> l.contains("attention gradient"))).hasSize(1);
        assertThat(both.lines().filter(l -> l.contains("attention log-sum"))).hasSize(1);
    }

    // [B, T, C] -> [B, 4, T, C / 4]
    private static Tensor heads(Tensor x) {
        return x.reshape(x.dim(0), x.dim(1), 4, x.dim(2) / 4).transpose(1, 2);
    }

    @Test
    void theBitsDoNotDependOnTheThreads() {
        Tensor q = floats(1, 1, 2, 600, 20);
        Tensor k = floats(2, 1, 1, 600, 20);
        Tensor v = floats(3, 1, 1, 600, 20);
        List<float[]> first = null;
        for (int threads : new int[] {1, 2, 3, 7}) {
            Tensor y = q.attention(k, v, STANDARD.causal().dropout(0.1, KEY));
            List<Tensor> wanted = new ArrayList<>(Gradients.of(y.square().sum(), List.of(q, k, v)));
            wanted.add(y);
            new Engine(threads).evaluate(wanted.toArray(Tensor[]::new));
            List<float[]> found = wanted.stream().map(Tensor::toFloats).toList();
            if (first == null) {
                first = found;
            }
            for (int i = 0; i < found.size(); i++) {
                assertThat(found.get(i)).isEqualTo(first.get(i));
            }
        }
    }

    @Test
    void noKeysAndNoQueries() {
        Tensor y = floats(1, 2, 3, 4, 5).attention(Tensor.zeros(2, 3, 0, 5), Tensor.zeros(2, 3, 0, 6));
        assertThat(y.toFloats()).hasSize(2 * 3 * 4 * 6).containsOnly(0);
        assertThat(Tensor.zeros(2, 3, 0, 5).attention(floats(1, 2, 3, 4, 5), floats(2, 2, 3, 4, 6)).toFloats())
                .isEmpty();
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor q = Tensor.zeros(2, 4, 5, 8);
        assertThatThrownBy(() -> q.attention(Tensor.zeros(2, 3, 7, 8), Tensor.zeros(2, 3, 7, 8)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("heads of queries that are a multiple")
                .hasMessageContaining("queries [batch 2, heads 4, length 5, width 8]")
                .hasMessageContaining("keys [batch 2, heads 3, length 7, width 8]");
        assertThatThrownBy(() -> q.attention(Tensor.zeros(2, 7, 8), q)).hasMessageContaining("keys [B, G, S, D]");
        assertThatThrownBy(() -> q.attention(q.to(DType.FLOAT64), q)).hasMessageContaining("one floating type");
        assertThatThrownBy(() -> q.attention(q, q, STANDARD.mask(Tensor.zeros(2, 5, 5))))
                .hasMessageContaining("broadcasts to [batch, heads, queries, keys] = [2, 4, 5, 5], got [2, 5, 5]");
        assertThatThrownBy(() -> STANDARD.mask(Tensor.arange(5))).hasMessageContaining("use mask.ne(0)");
        assertThatThrownBy(() -> STANDARD.dropout(1, KEY)).hasMessageContaining("[0, 1), got 1");
        assertThatThrownBy(() -> STANDARD.dropout(0.1, null)).hasMessageContaining("needs a random key");
    }
}
