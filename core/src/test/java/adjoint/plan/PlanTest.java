package adjoint.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.Gradients;
import adjoint.kernel.Buffer;
import adjoint.kernel.DType;
import adjoint.nn.Activation;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.nn.Sequential;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Conv;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

class PlanTest {
    private final Engine engine = new Engine(2);
    private final Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    private int steps(Tensor... wanted) {
        return engine.plan(List.of(wanted), List.of()).steps();
    }

    @Test
    void elementwiseChainAndReductionAreOneStep() {
        assertThat(steps(x.mul(3.7).add(x).tanh().sum(1))).isEqualTo(1);
        assertThat(steps(x.exp().sum(), x.exp())).isEqualTo(1);
    }

    @Test
    void equalExpressionsAreComputedOnce() {
        Tensor w = Tensor.ones(3, 2).add(x.t());
        assertThat(steps(x.matmul(w).add(x.matmul(w)))).isEqualTo(steps(x.matmul(w).add(1)));
    }

    @Test
    void transposesCostNothing() {
        assertThat(steps(x.t().matmul(x))).isEqualTo(1);
        assertThat(steps(x.matmul(x.t()))).isEqualTo(1);
    }

    @Test
    void neutralElementsVanish() {
        assertThat(steps(x.matmul(x.t()).mul(1).sub(0).neg().neg().to(DType.FLOAT32))).isEqualTo(1);
    }

    @Test
    void viewsCompose() {
        Tensor y = x.t().slice(0, 1, 3).flip(1).unsqueeze(0).expand(2, 2, 2).add(0.25);
        assertThat(steps(y)).isEqualTo(1);
        assertThat(y.toFloats()).containsExactly(5.25f, 2.25f, 6.25f, 3.25f, 5.25f, 2.25f, 6.25f, 3.25f);
        assertThat(x.t().reshape(6).add(0.25).toFloats()).containsExactly(1.25f, 4.25f, 2.25f, 5.25f, 3.25f, 6.25f);
    }

    @Test
    void memoryIsReused() {
        Tensor y = Tensor.uniform(RandomKey.of(1), 64, 64);
        Tensor z = y;
        for (int i = 0; i < 50; i++) {
            z = z.matmul(y);
        }
        assertThat(engine.plan(List.of(z), List.of()).arenaBytes()).isLessThan(6 * 64 * 64 * 4);
    }

    @Test
    void theSecondStepFindsThePlan() {
        Parameter p = Parameter.of(Tensor.ones(3));
        for (int i = 0; i < 10; i++) {
            Tensor next = p.value().sub(p.value().mul(Tensor.scalar(0.1 * i)));
            engine.update(List.of(p.value().sum().mul(2)), List.of(new Update(p, next)));
        }
        assertThat(engine.plans()).isEqualTo(1);
    }

    @Test
    void updatesSeeTheOldValues() {
        Parameter a = Parameter.of(Tensor.of(new float[] {1, 2}));
        Parameter b = Parameter.of(Tensor.of(new float[] {3, 4}));
        Tensor sum = a.value().add(b.value());
        engine.update(List.of(sum), List.of(new Update(a, b.value()), new Update(b, a.value())));
        assertThat(a.value().toFloats()).containsExactly(3, 4);
        assertThat(b.value().toFloats()).containsExactly(1, 2);
        assertThat(sum.toFloats()).containsExactly(4, 6);

        engine.update(
                List.of(),
                List.of(new Update(a, a.value().add(b.value())), new Update(b, b.value().mul(a.value().flip(0)))));
        assertThat(a.value().toFloats()).containsExactly(4, 6);
        assertThat(b.value().toFloats()).containsExactly(4, 6);

        engine.update(List.of(), List.of(new Update(a, a.value().flip(0).mul(0.5))));
        assertThat(a.value().toFloats()).containsExactly(3, 2);
    }

    @Test
    void staleReadsAreRefused() {
        Parameter p = Parameter.of(Tensor.ones(3));
        Tensor before = p.value().mul(2);
        Tensor known = p.value().mul(3);
        assertThat(known.toFloats()).containsExactly(3, 3, 3);
        p.set(Tensor.zeros(3));
        assertThatThrownBy(before::toFloats)
                .isInstanceOf(StaleReadException.class)
                .hasMessageContaining("before an update");
        assertThat(known.toFloats()).containsExactly(3, 3, 3);
        assertThat(p.value().mul(2).toFloats()).containsExactly(0, 0, 0);
    }

    @Test
    void doubleUpdateIsRefused() {
        Parameter p = Parameter.of(Tensor.ones(3));
        assertThatThrownBy(() ->
                        engine.update(
                                List.of(), List.of(new Update(p, Tensor.ones(3)), new Update(p, Tensor.zeros(3)))))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void emptyTensorsWork() {
        assertThat(Tensor.zeros(0, 3).sum().item()).isZero();
        assertThat(Tensor.zeros(2, 0).matmul(Tensor.zeros(0, 3)).toFloats()).containsExactly(0, 0, 0, 0, 0, 0);
        assertThat(Tensor.concat(0, Tensor.zeros(0, 3), x).shape()).isEqualTo(x.shape());
        assertThat(Tensor.zeros(0).add(1.5).toFloats()).isEmpty();
    }

    /// Queries, keys and values are parts of one matrix, as one product makes them.
    @Test
    void attentionsGradientIsComputedWhereItBelongs() {
        Tensor all = Tensor.of(Tensor.uniform(RandomKey.of(1), 2, 5, 24).toFloats(), 2, 5, 24);
        List<Tensor> apart = IntStream.of(0, 8, 16).mapToObj(i -> all.slice(2, i, i + 8)).map(PlanTest::leaf).toList();
        List<Tensor> parts = IntStream.of(0, 8, 16).mapToObj(i -> all.slice(2, i, i + 8)).toList();
        Tensor together = Gradients.of(attended(parts), Tensor.ones(2, 2, 5, 4), List.of(all)).getFirst();
        List<Tensor> expected = Gradients.of(attended(apart), Tensor.ones(2, 2, 5, 4), apart);
        expected.forEach(Tensor::toFloats); // so that they are no longer computed in place
        assertThat(engine.plan(List.of(together), List.of()).describe()).contains("attention").doesNotContain("concat");
        assertThat(together.mul(3).toFloats())
                .containsExactly(Tensor.concat(2, expected.toArray(Tensor[]::new)).mul(3).toFloats());
    }

    /// Where elements of a part would lie apart, where only some parts are computed in place, where one is there twice or asked for too.
    @Test
    void attentionsGradientIsCopiedWhereItMustBe() {
        List<Tensor> parts =
                IntStream.of(1, 2, 3).mapToObj(i -> leaf(Tensor.uniform(RandomKey.of(i), 2, 1, 5, 4))).toList();
        Tensor y = parts.get(0).attention(parts.get(1), parts.get(2)).sin();
        List<Tensor> known = Gradients.of(y, Tensor.ones(2, 1, 5, 4), parts).stream().map(PlanTest::leaf).toList();
        List<Tensor> g = Gradients.of(y, Tensor.ones(2, 1, 5, 4), parts);
        assertThat(stacked(g).toFloats()).containsExactly(stacked(known).toFloats());
        Tensor one = g.get(1).exp();
        assertThat(Tensor.concat(2, g.get(0), one, g.get(2)).mul(3).toFloats())
                .containsExactly(Tensor.concat(2, known.get(0), known.get(1).exp(), known.get(2)).mul(3).toFloats());
        assertThat(Tensor.concat(3, g.get(0), g.get(0)).mul(3).toFloats())
                .containsExactly(Tensor.concat(3, known.get(0), known.get(0)).mul(3).toFloats());
        List<Tensor> again = Gradients.of(y, Tensor.ones(2, 1, 5, 4), parts);
        Tensor together = Tensor.concat(3, again.toArray(Tensor[]::new)).mul(3);
        List<Buffer> both = engine.run(List.of(together, again.get(2)), List.of());
        assertThat(both.get(0).segment().toArray(ValueLayout.JAVA_FLOAT))
                .containsExactly(Tensor.concat(3, known.toArray(Tensor[]::new)).mul(3).toFloats());
        assertThat(both.get(1).segment().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(known.get(2).toFloats());
    }

    private static Tensor stacked(List<Tensor> parts) {
        return Tensor.stack(4, parts.toArray(Tensor[]::new)).mul(3);
    }

    private static Tensor attended(List<Tensor> parts) {
        List<Tensor> heads = parts.stream().map(p -> p.reshape(2, 5, 2, 4).permute(0, 2, 1, 3)).toList();
        return heads.get(0).attention(heads.get(1), heads.get(2)).sin();
    }

    private static Tensor leaf(Tensor x) {
        return Tensor.of(x.toFloats(), x.shape().dims());
    }

    /// Of steps that take a thread long, also those that are slow for their size; if they are worth waking others at all.
    @Test
    void theTeamSharesLongSteps() {
        Tensor a = Tensor.uniform(RandomKey.of(1), 400, 400);
        Plan large = engine.plan(List.of(a.matmul(a), x.matmul(x.t())), List.of());
        assertThat(IntStream.range(0, large.steps()).filter(large::isShared))
                .hasSize(2); // the numbers by chance, and one product
        Tensor b = Tensor.of(new float[100 * 100], 100, 100);
        assertThat(engine.plan(List.of(b.matmul(b)), List.of()).isShared(0)).isFalse();
        assertThat(engine.plan(List.of(b.matmul(b), Tensor.uniform(RandomKey.of(1), 100, 400)), List.of()).isShared(0))
                .isTrue();
    }

    @Test
    void theFirstLayersInputHasNoGradient() {
        Init init = Init.seeded(1);
        Layer model =
                Sequential.of(
                        new Conv2d(1, 2, 3, new Conv(), init), Activation.RELU, new Conv2d(2, 2, 3, new Conv(), init));
        Tensor loss = model.apply(Tensor.of(new float[2 * 64], 2, 8, 8, 1), Pass.inference()).square().sum();
        List<Tensor> gradients =
                Gradients.of(loss, model.parameters().values().stream().map(Parameter::value).toList());
        String plan = engine.plan(gradients, List.of()).describe();
        assertThat(plan.lines().filter(l -> l.contains("conv-transpose"))).as(plan).hasSize(1);
        assertThat(plan.lines().filter(l -> l.contains("conv-kernel-adjoint"))).as(plan).hasSize(2);
    }

    @Test
    void aProfileHasEachStepWithItsTime() {
        Tensor a = Tensor.of(new float[64 * 64], 64, 64);
        Plan plan = engine.plan(List.of(a.matmul(a).relu()), List.of());
        Profile profile = engine.profile(List.of(a.matmul(a).relu()), List.of());
        assertThat(profile.rows()).hasSize(plan.steps());
        assertThat(profile.rows().stream().mapToLong(Profile.Row::flops).sum()).isEqualTo(plan.flops());
        assertThat(profile.rows()).allMatch(r -> r.nanoseconds() > 0 && r.bytes() > 0);
        assertThat(profile.describe()).contains("matmul", "relu", "of the peak of");
    }

    @Test
    void aProfileOfNothingIsEmpty() {
        Profile none = engine.profile(List.of(), List.of());
        assertThat(none.rows()).isEmpty();
        assertThat(none.describe()).contains("0 steps on ", ": 0.000 ms, - GFLOP").doesNotContain("NaN");
    }

    @Test
    void aProfileRunsOnCopies() {
        Parameter w = Parameter.of(Tensor.of(new float[] {1, 2}, 2));
        Tensor value = w.value();
        engine.profile(List.of(), List.of(new Update(w, value.add(1))));
        assertThat(value.toFloats()).containsExactly(1, 2); // which is refused if the parameter has changed
        // A second run that went on from the first would read beyond the end.
        Parameter at = Parameter.state(Tensor.of(new int[] {1}, 1));
        engine.profile(List.of(x.gather(0, at.value())), List.of(new Update(at, at.value().add(1))));
        Tensor index = Tensor.of(new int[] {5}, 1);
        assertThatThrownBy(() -> engine.profile(List.of(x.gather(0, index)), List.of())).hasMessageContaining("5");
    }

    @Test
    void describesItsSteps() {
        assertThat(engine.plan(List.of(x.matmul(x.t()).relu()), List.of()).describe())
                .contains("matmul", "relu", "float32 [2, 3]", "2 steps");
    }

    @Test
    void everyElementTypeComputes() {
        Tensor i = Tensor.of(new int[] {3, -4}, 2);
        assertThat(i.mul(2).sub(1).abs().toInts()).containsExactly(5, 9);
        Tensor l = Tensor.of(new long[] {1L << 40, 2}, 2);
        assertThat(l.add(l).toLongs()).containsExactly(1L << 41, 4);
        assertThat(i.gt(0).and(i.lt(10)).not().toBooleans()).containsExactly(false, true);
        assertThat(x.gt(2).any(1).toBooleans()).containsExactly(true, true);
        assertThat(x.gt(2).all(1).toBooleans()).containsExactly(false, true);
        assertThat(x.to(DType.FLOAT64).div(3).toDoubles()[0]).isEqualTo(1.0 / 3);
        assertThat(x.div(2).to(DType.INT64).toLongs()).containsExactly(0, 1, 1, 2, 2, 3);
        assertThat(i.oneHot(4).toFloats()).containsExactly(0, 0, 0, 1, 0, 0, 0, 0);
    }
}
