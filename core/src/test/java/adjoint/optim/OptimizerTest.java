package adjoint.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.kernel.DType;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

class OptimizerTest {
    private final Parameter a = Parameter.of(Tensor.of(new double[] {3, -1}, 2));
    private final Parameter b = Parameter.of(Tensor.of(new double[] {0.5}, 1));
    private final SequencedMap<String, Parameter> both = new LinkedHashMap<>();

    OptimizerTest() {
        both.put("a.weight", a);
        both.put("b.bias", b);
    }

    private Tensor loss() { // gradients: 2a and 10
        return a.value().square().sum().add(b.value().sum().mul(10));
    }

    @Test
    void stepComputesLossBeforeTheUpdate() {
        var optimizer = new Optimizer(Sgd.rate(0.1), both);
        assertThat(optimizer.rate()).isEqualTo(0.1);
        Tensor loss = loss();
        Tensor also = a.value().mul(3);
        optimizer.step(loss, also);
        assertThat(loss.item()).isEqualTo(15);
        assertThat(also.toDoubles()).containsExactly(9, -3);
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(2.4, -0.8);
        assertThat(b.value().item()).isCloseTo(-0.5, within(1e-12));
        assertThat(optimizer.steps()).isEqualTo(1);
    }

    @Test
    void allStepsShareOnePlan() {
        var engine = new Engine(1);
        Rule[] rules = {
            Sgd.rate(Schedule.cosine(0.1, 9).warmup(2)).momentum(0.5).dampening(0.5),
            AdamW.rate(Schedule.cosine(0.1, 9)),
            RAdam.rate(0.5),
            NAdam.rate(1),
            Adagrad.rate(1).rateDecay(1)
        };
        for (int i = 0; i < rules.length; i++) {
            var optimizer = new Optimizer(rules[i], both).clipNorm(1).clipValue(2).on(engine);
            for (int k = 0; k < 10; k++) {
                optimizer.step(loss());
            }
            assertThat(engine.plans()).as("plans after %s", rules[i]).isEqualTo(i + 1);
        }
    }

    @Test
    void clipsTheGlobalNorm() {
        var optimizer = new Optimizer(Sgd.rate(1), both).clipNorm(0.5);
        optimizer.step(loss());
        double norm = Math.sqrt(36 + 4 + 100);
        double scale = 0.5 / (norm + 1e-6);
        assertThat(optimizer.gradientNorm().orElseThrow()).isCloseTo(norm, within(1e-12));
        assertThat(a.value().toDoubles())
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(3 - 6 * scale, -1 + 2 * scale);
        assertThat(b.value().item()).isCloseTo(0.5 - 10 * scale, within(1e-12));
    }

    @Test
    void leavesASmallGradientAlone() {
        new Optimizer(Sgd.rate(0.1), both).clipNorm(100).step(loss());
        assertThat(a.value().toDoubles()).containsExactly(3 - 0.1 * 6, -1 + 0.1 * 2);
    }

    @Test
    void clipsValues() {
        new Optimizer(Sgd.rate(1), both).clipValue(3).step(loss());
        assertThat(a.value().toDoubles()).containsExactly(0, 1);
        assertThat(b.value().item()).isEqualTo(-2.5);
    }

    @Test
    void clipsMixedTypesTogether() {
        Parameter c = Parameter.of(Tensor.of(new float[] {1}, 1));
        both.put("c", c);
        var optimizer = new Optimizer(Sgd.rate(1), both).clipNorm(1);
        optimizer.step(loss().add(c.value().mul(5).sum().to(DType.FLOAT64)));
        assertThat(optimizer.gradientNorm().orElseThrow()).isCloseTo(Math.sqrt(165), within(1e-9));
        assertThat(c.value().item()).isCloseTo(1 - 5 / Math.sqrt(165), within(1e-6));
    }

    @Test
    void accumulatingEqualsTheBigBatch() {
        double[] x = {0.3, -1.2, 2.2, 0.7, -0.4, 1.9};
        Parameter w = Parameter.of(Tensor.of(new double[] {1, 2}, 2));
        Parameter v = Parameter.of(Tensor.of(new double[] {1, 2}, 2));
        var big = new Optimizer(Adam.rate(0.1), Map.of("w", w)).clipNorm(2);
        var small = new Optimizer(Adam.rate(0.1), Map.of("w", v)).clipNorm(2).accumulate(3);
        for (int step = 1; step <= 4; step++) {
            big.step(error(w, x));
            for (int i = 0; i < 3; i++) {
                assertThat(small.accumulated()).isEqualTo(i);
                small.step(error(v, x[2 * i], x[2 * i + 1]));
            }
            assertThat(small.steps()).isEqualTo(step);
            assertThat(v.value().toDoubles())
                    .usingComparatorWithPrecision(1e-13)
                    .containsExactly(w.value().toDoubles());
        }
        assertThat(small.state().sequencedKeySet()).containsExactly("w.mean", "w.square", "w.accumulated");
    }

    private static Tensor error(Parameter w, double... x) {
        Tensor t = Tensor.of(x, x.length, 1);
        return t.mul(w.value()).sum(1).sub(t.squeeze(1).square()).square().mean();
    }

    @Test
    void accumulatingTakesMissingGradientsAsZero() {
        var optimizer = new Optimizer(Sgd.rate(1), both).accumulate(2).allowUnused();
        optimizer.step(a.value().sum());
        optimizer.step(b.value().sum());
        assertThat(a.value().toDoubles()).containsExactly(2.5, -1.5);
        assertThat(b.value().item()).isEqualTo(0);
    }

    @Test
    void groupsChangeTheRule() {
        new Optimizer(Sgd.rate(0.1).weightDecay(1), both)
                .group(name -> name.endsWith("bias"), rule -> rule.weightDecay(0))
                .group(Pattern.compile("^b\\.").asPredicate(), rule -> rule.scheduled(rule.rate().times(0.5)))
                .step(loss());
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(3 - 0.9, -1 + 0.3);
        assertThat(b.value().item()).isCloseTo(0.5 - 0.05 * 10, within(1e-12));
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), both).group(n -> n.equals("c"), rule -> rule))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("[a.weight, b.bias]");
    }

    // The gradients are 0, so that only the decay moves anything.
    @Test
    void decayOnlyMatricesLeavesBiasesAndGains() {
        for (Rule rule :
                List.of(
                        Sgd.rate(0.1).weightDecay(0.5),
                        AdamW.rate(0.1).weightDecay(0.5),
                        Lion.rate(0.1).weightDecay(0.5))) {
            SequencedMap<String, Parameter> mixed = new LinkedHashMap<>();
            for (int[] dims : new int[][] {{}, {4}, {2, 2}, {1, 4, 1}}) {
                mixed.put("rank" + dims.length, Parameter.of(Tensor.full(DType.FLOAT64, 2, dims)));
            }
            Tensor still = mixed.values().stream().map(p -> p.value().mul(0).sum()).reduce(Tensor::add).orElseThrow();
            new Optimizer(rule, mixed).group("rank3", r -> r.weightDecay(0.25)).decayOnlyMatrices().step(still);
            assertThat(mixed.get("rank0").value().toDoubles()).as("%s", rule).containsOnly(2);
            assertThat(mixed.get("rank1").value().toDoubles()).as("%s", rule).containsOnly(2);
            assertThat(mixed.get("rank2").value().toDoubles()).as("%s", rule).containsOnly(2 - 0.1 * 0.5 * 2);
            assertThat(mixed.get("rank3").value().toDoubles()).as("%s", rule).containsOnly(2 - 0.1 * 0.25 * 2);
        }
    }

    @Test
    void decayOnlyMatricesNeedsNoneOfEither() {
        new Optimizer(Sgd.rate(0.1).weightDecay(1), both).decayOnlyMatrices().step(loss());
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(3 - 0.6, -1 + 0.2);
        var matrix = Parameter.of(Tensor.full(DType.FLOAT64, 2, 2, 2));
        var optimizer = new Optimizer(Sgd.rate(0.1).weightDecay(1), Map.of("w", matrix)).decayOnlyMatrices();
        optimizer.step(matrix.value().mul(0).sum());
        assertThat(matrix.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsOnly(1.8);
        var plain = new Optimizer(Sgd.rate(0.1), both).decayOnlyMatrices();
        double before = b.value().item();
        plain.step(loss());
        assertThat(b.value().item()).as("a rule without decay").isCloseTo(before - 0.1 * 10, within(1e-12));
    }

    @Test
    void groupsTakePatterns() {
        new Optimizer(Sgd.rate(0.1).weightDecay(1), both).group("*.bias", rule -> rule.weightDecay(0)).step(loss());
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(3 - 0.9, -1 + 0.3);
        assertThat(b.value().item()).isCloseTo(0.5 - 0.1 * 10, within(1e-12));
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), both).group("bias", rule -> rule))
                .hasMessage(
                        "a parameter group 'bias' matches none of the trainable parameters, which are"
                                + " [a.weight, b.bias]");
    }

    @Test
    void patternsMatchWholeNames() {
        Names head = Names.like("head.*", "b?dy.0.weight");
        assertThat(List.of("head.weight", "head.0.bias", "body.0.weight", "bidy.0.weight")).allMatch(head);
        assertThat(
                        List.of(
                                "header.weight",
                                "my.head.weight",
                                "head",
                                "body.0.weights",
                                "bdy.0.weight",
                                "body_0.weight"))
                .noneMatch(head)
                .allMatch(Names.except("head.*", "b?dy.0.weight"))
                .allMatch(head.negate());
        assertThat(head).hasToString("head.*, b?dy.0.weight");
        assertThat(head.negate()).hasToString("all but head.*, b?dy.0.weight").isNotEqualTo(head);
        assertThatThrownBy(Names::like).hasMessageContaining("need a pattern or more");
    }

    @Test
    void frozenParametersStayAndNothingIsKeptForThem() {
        var all = new Optimizer(Sgd.rate(0.1).momentum(0.5), both).group("a.*", rule -> rule.weightDecay(0));
        var optimizer = all.freeze("a.*").clipNorm(1000);
        optimizer.step(loss());
        assertThat(a.value().toDoubles()).containsExactly(3, -1);
        assertThat(b.value().item()).isCloseTo(-0.5, within(1e-12));
        assertThat(optimizer.gradientNorm().orElseThrow()).isCloseTo(10, within(1e-12));
        assertThat(optimizer.parameters().sequencedKeySet()).containsExactly("b.bias");
        assertThat(optimizer.frozen()).isEqualTo(Map.of("a.weight", a));
        assertThat(optimizer.state().sequencedKeySet()).containsExactly("b.bias.momentum");
        assertThat(all.frozen()).isEmpty();
        all.step(loss()); // thawed
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(2.4, -0.8);
    }

    @Test
    void senselessFreezingIsRefused() {
        var optimizer = new Optimizer(Sgd.rate(0.1), both);
        assertThatThrownBy(() -> optimizer.freeze("c.*"))
                .isInstanceOf(AdjointException.class)
                .hasMessage("freezing 'c.*' matches none of the trainable parameters, which are [a.weight, b.bias]");
        assertThatThrownBy(() -> optimizer.freeze(name -> true))
                .hasMessage(
                        "freezing matches all trainable parameters and would leave nothing to train:"
                                + " [a.weight, b.bias]");
        assertThatThrownBy(() -> optimizer.freeze("a.*").freeze(Names.except("a.*"))).hasMessageContaining("nothing");
        assertThat(optimizer.freeze("a.*").freeze("a.weight").parameters()).containsOnlyKeys("b.bias");
        optimizer.step(loss());
        assertThatThrownBy(() -> optimizer.freeze("a.*")).hasMessageContaining("fixed at its first step");
    }

    @Test
    void unusedParametersAreRefused() {
        var optimizer = new Optimizer(Sgd.rate(0.1), both);
        assertThatThrownBy(() -> optimizer.step(a.value().sum()))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("parameter 'b.bias' (float64 [1]) gets no gradient")
                .hasMessageContaining("allowUnused()");
        assertThat(optimizer.steps()).isZero();
        new Optimizer(Sgd.rate(0.5), both).allowUnused().step(a.value().sum());
        assertThat(a.value().toDoubles()).containsExactly(2.5, -1.5);
        assertThat(b.value().item()).isEqualTo(0.5);
    }

    @Test
    void oldLossesAreRefusedWithTheReason() {
        var optimizer = new Optimizer(Sgd.rate(0.1), both);
        Tensor loss = loss();
        Tensor unread = loss();
        optimizer.step(loss);
        assertThatThrownBy(() -> optimizer.step(loss)).hasMessageContaining("record it anew for each step");
        assertThatThrownBy(() -> optimizer.step(unread)).hasMessageContaining("before an update");
    }

    @Test
    void ownGradients() {
        var optimizer = new Optimizer(Sgd.rate(1), both);
        optimizer.apply(Map.of(a, Tensor.of(new double[] {1, 2}, 2), b, Tensor.of(new double[] {3}, 1)));
        assertThat(a.value().toDoubles()).containsExactly(2, -3);
        assertThatThrownBy(() -> optimizer.apply(Map.of(a, a.value()))).hasMessageContaining("'b.bias'");
        assertThatThrownBy(() -> optimizer.apply(Map.of(a, b.value(), b, b.value())))
                .hasMessageContaining("float64 [1]");
        Parameter other = Parameter.of(Tensor.ones(1));
        assertThatThrownBy(() -> optimizer.apply(Map.of(other, other.value()))).hasMessageContaining("not trained");
    }

    @Test
    void otherUpdatesGoAlong() {
        Parameter mean = Parameter.state(Tensor.of(new double[] {0, 0}, 2));
        var optimizer = new Optimizer(Sgd.rate(1), both);
        optimizer.step(loss(), List.of(new Update(mean, a.value().mul(2))));
        assertThat(mean.value().toDoubles()).containsExactly(6, -2);
        assertThatThrownBy(() -> optimizer.step(loss(), List.of(new Update(a, a.value()))))
                .hasMessageContaining("trains");
    }

    @Test
    void resumesWithTheSameBits() {
        Parameter w = Parameter.of(Tensor.of(new float[] {1, 2, 3}, 3));
        Rule rule = AdamW.rate(Schedule.cosine(0.1, 50).warmup(5)).amsgrad();
        var first = new Optimizer(rule, Map.of("w", w)).accumulate(2);
        for (int i = 0; i < 7; i++) {
            first.step(w.value().square().sum());
        }
        Parameter v = Parameter.of(w.value());
        var second = new Optimizer(rule, Map.of("w", v)).accumulate(2);
        second.state().forEach((name, state) -> state.set(first.state().get(name).value()));
        second.restore(first.steps(), first.accumulated());
        assertThat(second.rate()).isEqualTo(first.rate());
        for (int i = 0; i < 6; i++) {
            first.step(w.value().square().sum());
            second.step(v.value().square().sum());
        }
        assertThat(v.value().toFloats()).containsExactly(w.value().toFloats());
        assertThat(second.rate()).isEqualTo(first.rate());
        assertThatThrownBy(() -> second.restore(-1)).isInstanceOf(AdjointException.class);
    }

    @Test
    void sharedParametersAreTrainedOnceAndStatesNotAtAll() {
        both.put("tied", a);
        both.put("mean", Parameter.state(Tensor.ones(2)));
        var optimizer = new Optimizer(Sgd.rate(0.1).momentum(0.5), both);
        optimizer.step(loss());
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(2.4, -0.8);
        assertThat(optimizer.parameters().sequencedKeySet()).containsExactly("a.weight", "b.bias");
        assertThat(optimizer.state().sequencedKeySet()).containsExactly("a.weight.momentum", "b.bias.momentum");
    }

    @Test
    void senselessUseIsRefused() {
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), Map.of("s", Parameter.state(Tensor.ones(1)))))
                .hasMessageContaining("at least one trainable");
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), Map.of("i", Parameter.of(Tensor.of(new int[] {1}, 1)))))
                .hasMessageContaining("int32");
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), both).accumulate(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), both).clipNorm(0)).hasMessageContaining("got 0");
        var nan = new Optimizer(Sgd.rate(step -> Double.NaN), both);
        assertThatThrownBy(() -> nan.step(loss())).hasMessageContaining("learning rate of step 0");
        var started = new Optimizer(Sgd.rate(1), both);
        started.step(loss());
        assertThatThrownBy(() -> started.clipNorm(1)).hasMessageContaining("first step");
    }

    // ---------------------------------------------------------------- averaging

    @Test
    void exponentialAverage() {
        var average = Averaging.exponential(0.75, both);
        double sum = 0;
        double weights = 0;
        for (int i = 0; i < 5; i++) {
            b.set(Tensor.of(new double[] {i + 2}, 1));
            average.observe();
            sum = 0.75 * sum + i + 2;
            weights = 0.75 * weights + 1;
        }
        assertThat(average.state().get("b.bias").value().item()).isCloseTo(sum / weights, within(1e-12));
        assertThat(average.count()).isEqualTo(5);
    }

    @Test
    void equalAverageSwapsInAndOut() {
        var average = Averaging.equal(both);
        for (int i = 0; i < 4; i++) {
            b.set(Tensor.of(new double[] {i}, 1));
            average.observe();
        }
        average.swap();
        assertThat(b.value().item()).isCloseTo(1.5, within(1e-12));
        assertThat(a.value().toDoubles()).containsExactly(3, -1);
        assertThatThrownBy(average::observe).hasMessageContaining("swap() back");
        average.swap();
        assertThat(b.value().item()).isEqualTo(3);
        Parameter copy = Parameter.of(Tensor.of(new double[1], 1));
        assertThatThrownBy(() -> average.applyTo(Map.of("b.bias", copy))).hasMessageContaining("'a.weight'");
        assertThat(copy.value().item()).isZero();
        average.applyTo(Map.of("b.bias", copy, "a.weight", Parameter.of(Tensor.of(new double[2], 2))));
        assertThat(copy.value().item()).isCloseTo(1.5, within(1e-12));
    }

    @Test
    void runningStatisticsAreAveragedWithTheWeightsTheyBelongTo() {
        Parameter mean = Parameter.state(Tensor.of(new double[] {0}, 1));
        var average = Averaging.equal(Map.of("b.bias", b, "norm.mean", mean));
        for (int i = 0; i < 3; i++) {
            b.set(Tensor.of(new double[] {i}, 1));
            mean.set(Tensor.of(new double[] {2 * i}, 1));
            average.observe();
        }
        average.swap();
        assertThat(b.value().item()).isCloseTo(1, within(1e-12));
        assertThat(mean.value().item()).isCloseTo(2, within(1e-12));
        average.swap();
        assertThat(mean.value().item()).isEqualTo(4);
    }

    @Test
    void averagesAreNotTrainedByMistake() {
        var average = Averaging.equal(both);
        assertThatThrownBy(average::swap).hasMessageContaining("before the first observe()");
        average.observe();
        average.swap();
        new Optimizer(Sgd.rate(1), both).step(loss());
        assertThatThrownBy(average::swap).hasMessageContaining("trained while it held the averages");
    }

    // ---------------------------------------------------------------- what is left over, what comes late

    @Test
    void whatWasAccumulatedIsAppliedByItsOwnNumber() {
        Parameter v = Parameter.of(Tensor.of(new double[] {0}, 1));
        var optimizer = new Optimizer(Sgd.rate(1), Map.of("v", v)).accumulate(4).clipNorm(100);
        for (int i = 1; i <= 6; i++) {
            optimizer.step(v.value().mul(i).sum());
        }
        assertThat(v.value().item()).isCloseTo(-2.5, within(1e-5)); // the mean of 1 to 4
        optimizer.flush();
        assertThat(v.value().item()).isCloseTo(-2.5 - 5.5, within(1e-5)); // and that of 5 and 6
        assertThat(optimizer.steps()).isEqualTo(2);
        assertThat(optimizer.accumulated()).isZero();
        optimizer.flush();
        assertThat(optimizer.steps()).isEqualTo(2);
    }

    // torch.optim.Adam counts the steps of each parameter: the first one of each is as long as the rate.
    @Test
    void aParameterThatComesLateBeginsAtItsFirstStep() {
        var optimizer = new Optimizer(Adam.rate(0.1).epsilon(0), both).allowUnused();
        for (int i = 0; i < 3; i++) {
            optimizer.step(a.value().sum());
        }
        double before = b.value().item();
        optimizer.step(b.value().sum());
        assertThat(b.value().item()).isCloseTo(before - 0.1, within(1e-12));
        assertThat(optimizer.missed()).isEqualTo(Map.of("b.bias", 3L, "a.weight", 1L));
        Map<String, Parameter> copies = Map.of("a.weight", Parameter.of(a.value()), "b.bias", Parameter.of(b.value()));
        var resumed = new Optimizer(Adam.rate(0.1).epsilon(0), copies).allowUnused();
        resumed.state().forEach((name, state) -> state.set(optimizer.state().get(name).value()));
        resumed.restore(optimizer.steps(), 0, optimizer.missed());
        optimizer.step(b.value().square().sum());
        resumed.step(copies.get("b.bias").value().square().sum());
        assertThat(copies.get("b.bias").value().item()).isEqualTo(b.value().item());
    }

    @Test
    void aSkippedStepIsAsIfItHadNotBeen() {
        var optimizer = new Optimizer(Adam.rate(0.1).epsilon(0), both).keepFinite();
        optimizer.step(loss().mul(b.value().sub(0.5).log().sum())); // log 0
        assertThat(optimizer.skipped()).isTrue();
        assertThat(optimizer.steps()).isZero();
        assertThat(a.value().toDoubles()).containsExactly(3, -1);
        optimizer.step(loss());
        assertThat(optimizer.skipped()).isFalse();
        assertThat(a.value().toDoubles()).usingComparatorWithPrecision(1e-12).containsExactly(2.9, -0.9);
        assertThat(b.value().item()).isCloseTo(0.4, within(1e-12));
    }

    @Test
    void aSkippedStepAddsNothingToWhatIsAccumulated() {
        var optimizer = new Optimizer(Sgd.rate(1), both).accumulate(2).keepFinite();
        double[] factors = {1, 2, Double.NaN, 4, Double.POSITIVE_INFINITY, 6};
        for (double factor : factors) {
            optimizer.step(a.value().add(b.value()).sum().mul(factor));
            assertThat(optimizer.skipped()).isEqualTo(!Double.isFinite(factor));
        }
        assertThat(optimizer.steps()).isEqualTo(2);
        assertThat(a.value().toDoubles()).containsExactly(3 - 1.5 - 5, -1 - 1.5 - 5);
    }

    @Test
    void weightsWithoutABiasAreKeptFiniteToo() {
        Parameter w = Parameter.of(Tensor.of(new double[2], 2, 1));
        var optimizer = new Optimizer(Sgd.rate(1), Map.of("weight", w)).keepFinite();
        optimizer.step(w.value().square().sum().sqrt()); // 0, with a derivative that is none
        assertThat(optimizer.skipped()).isTrue();
        assertThat(w.value().toDoubles()).containsExactly(0, 0);
    }
}
