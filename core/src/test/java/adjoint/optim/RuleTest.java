package adjoint.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Formula;
import adjoint.tensor.Op;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/// Every rule against loops over doubles, written from the papers and PyTorch's documentation.
class RuleTest {
    private static final double[] START = {0.7, -1.3, 2.1, -0.02, 5};
    private static final double[] SLOPE = {0.9, 2.3, -0.4, 1.1, 0.05};
    private static final double[] SHIFT = {-0.3, 0.8, 0.6, 0.5, -2};
    private static final int STEPS = 12;

    /// One weight's memory: takes weight, gradient and step (from 1), gives the next weight.
    @FunctionalInterface
    private interface Weight {
        double next(double w, double g, int t);
    }

    static Stream<Arguments> rules() {
        return Stream.of(
                rule(Sgd.rate(0.1), () -> sgd(0.1, 0, 0, false, 0)),
                rule(Sgd.rate(0.1).weightDecay(0.03), () -> sgd(0.1, 0, 0, false, 0.03)),
                rule(Sgd.rate(0.1).momentum(0.9), () -> sgd(0.1, 0.9, 0, false, 0)),
                rule(Sgd.rate(0.1).momentum(0.9).dampening(0.4), () -> sgd(0.1, 0.9, 0.4, false, 0)),
                rule(Sgd.rate(0.1).momentum(0.8).nesterov().weightDecay(0.03), () -> sgd(0.1, 0.8, 0, true, 0.03)),
                rule(Adam.rate(0.02), () -> adam(0.02, 0.9, 0.999, 1e-8, false, 0, 0)),
                rule(Adam.rate(0.02).betas(0.8, 0.95).epsilon(1e-3), () -> adam(0.02, 0.8, 0.95, 1e-3, false, 0, 0)),
                rule(Adam.rate(0.3).betas(0.9, 0.6).amsgrad(), () -> adam(0.3, 0.9, 0.6, 1e-8, true, 0, 0)),
                rule(Adam.rate(0.02).weightDecay(0.1), () -> adam(0.02, 0.9, 0.999, 1e-8, false, 0.1, 0)),
                rule(AdamW.rate(0.02), () -> adam(0.02, 0.9, 0.999, 1e-8, false, 0, 0.01)),
                rule(AdamW.rate(0.02).weightDecay(0), () -> adam(0.02, 0.9, 0.999, 1e-8, false, 0, 0)),
                rule(
                        AdamW.rate(0.2).betas(0.7, 0.5).epsilon(1e-2).amsgrad().weightDecay(0.2),
                        () -> adam(0.2, 0.7, 0.5, 1e-2, true, 0, 0.2)),
                rule(RmsProp.rate(0.02), () -> rmsProp(0.99, 1e-8, 0, false, 0)),
                rule(
                        RmsProp.rate(0.02).alpha(0.8).epsilon(1e-2).momentum(0.7).weightDecay(0.1),
                        () -> rmsProp(0.8, 1e-2, 0.7, false, 0.1)),
                rule(RmsProp.rate(0.02).alpha(0.9).epsilon(0.1).centered(), () -> rmsProp(0.9, 0.1, 0, true, 0)),
                rule(
                        RmsProp.rate(0.02).alpha(0.9).epsilon(0.1).centered().momentum(0.5),
                        () -> rmsProp(0.9, 0.1, 0.5, true, 0)),
                rule(Adagrad.rate(0.2), () -> adagrad(0, 0, 1e-10, 0)),
                rule(
                        Adagrad.rate(0.2).rateDecay(0.1).initial(0.5).epsilon(1e-3).weightDecay(0.1),
                        () -> adagrad(0.1, 0.5, 1e-3, 0.1)),
                rule(Adadelta.rate(1), () -> adadelta(0.9, 1e-6, 0)),
                rule(Adadelta.rate(1).rho(0.7).epsilon(1e-2).weightDecay(0.1), () -> adadelta(0.7, 1e-2, 0.1)),
                rule(NAdam.rate(0.02), () -> nadam(0.9, 0.999, 1e-8, 4e-3, 0)),
                rule(
                        NAdam.rate(0.02).betas(0.7, 0.9).epsilon(1e-2).momentumDecay(0.3).weightDecay(0.1),
                        () -> nadam(0.7, 0.9, 1e-2, 0.3, 0.1)),
                rule(RAdam.rate(0.02), () -> radam(0.9, 0.999, 1e-8, 0)),
                rule(
                        RAdam.rate(0.02).betas(0.8, 0.97).epsilon(1e-2).weightDecay(0.1),
                        () -> radam(0.8, 0.97, 1e-2, 0.1)),
                rule(RAdam.rate(0.02).betas(0.8, 0.5), () -> radam(0.8, 0.5, 1e-8, 0)),
                rule(Lion.rate(0.03), () -> lion(0.9, 0.99, 0)),
                rule(Lion.rate(0.03).betas(0.6, 0.8).weightDecay(0.5), () -> lion(0.6, 0.8, 0.5)));
    }

    private static Arguments rule(Rule rule, Supplier<Weight> weight) {
        return Arguments.of(rule, weight);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void followsItsFormula(Rule rule, Supplier<Weight> reference) {
        Parameter w = Parameter.of(Tensor.of(START, START.length));
        var optimizer = new Optimizer(rule, Map.of("w", w));
        double[] expected = START.clone();
        List<Weight> weights = Stream.generate(reference).limit(START.length).toList();
        for (int t = 1; t <= STEPS; t++) {
            optimizer.step(loss(w));
            for (int i = 0; i < expected.length; i++) {
                expected[i] = weights.get(i).next(expected[i], SLOPE[i] * expected[i] + SHIFT[i], t);
            }
            double[] got = w.value().toDoubles();
            for (int i = 0; i < expected.length; i++) {
                assertThat(got[i])
                        .as("weight %d after step %d", i, t)
                        .isCloseTo(expected[i], within(tolerance(expected[i])));
            }
        }
        assertThat(optimizer.state()).hasSize(rule.states().size());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void isTheSameInSinglePrecision(Rule rule, Supplier<Weight> reference) {
        Parameter wide = Parameter.of(Tensor.of(START, START.length));
        Parameter narrow = Parameter.of(Tensor.of(START, START.length).to(DType.FLOAT32));
        var a = new Optimizer(rule, Map.of("w", wide));
        var b = new Optimizer(rule, Map.of("w", narrow));
        for (int t = 1; t <= STEPS; t++) {
            a.step(loss(wide));
            b.step(loss(narrow));
        }
        assertThat(reference).isNotNull();
        assertThat(narrow.value().toDoubles())
                .usingComparatorWithPrecision(2e-4)
                .containsExactly(wide.value().toDoubles());
    }

    // The sign of Lion's momentum matters, however small it is.
    static Stream<Arguments> rulesThatSettle() {
        return rules().filter(arguments -> !(arguments.get()[0] instanceof Lion));
    }

    @ParameterizedTest
    @MethodSource("rulesThatSettle")
    void keepsNoSubnormalNumbers(Rule rule, Supplier<Weight> reference) {
        assertThat(reference).isNotNull();
        Parameter w = Parameter.of(Tensor.of(new float[] {1, 1, 1, 1}, 4));
        var optimizer = new Optimizer(rule.weightDecay(0), Map.of("w", w));
        optimizer.apply(Map.of(w, Tensor.of(new float[] {1, 1e-36f, 4e-18f, 0}, 4)));
        for (int t = 0; t < 400; t++) { // 1e-36 · 0.9^400 would be 5e-55, 0.001 · 4e-18² · 0.999^400 1.1e-38
            optimizer.apply(Map.of(w, Tensor.zeros(4)));
            optimizer
                    .state()
                    .forEach((name, state) -> {
                        for (float x : state.value().toFloats()) {
                            assertThat(x == 0 || Math.abs(x) >= Float.MIN_NORMAL).as(name + " " + x).isTrue();
                        }
                    });
        }
    }

    @Test
    void keepsWhatIsNormalInItsType() {
        Parameter w = Parameter.of(Tensor.of(new double[] {1, 1, 1}, 3));
        var optimizer = new Optimizer(Sgd.rate(1).momentum(0.5), Map.of("w", w));
        optimizer.apply(Map.of(w, Tensor.of(new double[] {Double.NaN, -1e-300, 4e-308}, 3)));
        optimizer.apply(Map.of(w, Tensor.of(new double[3], 3)));
        assertThat(optimizer.state().get("w.momentum").value().toDoubles()).containsExactly(Double.NaN, -5e-301, 0);
    }

    @Test
    void squaresThatNoEpsilonHidesAreKept() {
        Parameter w = Parameter.of(Tensor.of(new float[] {1}, 1));
        var optimizer = new Optimizer(Adam.rate(0.25).epsilon(0), Map.of("w", w));
        for (int t = 0; t < 5; t++) {
            optimizer.apply(Map.of(w, Tensor.of(new float[] {1e-19f}, 1)));
        }
        assertThat(w.value().toFloats()[0]).isCloseTo(-0.25f, within(0.01f));
    }

    private static double tolerance(double value) {
        return 1e-12 * Math.max(1, Math.abs(value));
    }

    private static Tensor loss(Parameter w) {
        Tensor slope = Tensor.of(SLOPE, SLOPE.length).to(w.type());
        Tensor shift = Tensor.of(SHIFT, SHIFT.length).to(w.type());
        return w.value().square().mul(slope).mul(0.5).add(w.value().mul(shift)).sum();
    }

    // ---------------------------------------------------------------- the formulas

    private static Weight sgd(double rate, double mu, double tau, boolean nesterov, double decay) {
        var b = new double[1];
        return (w, g0, t) -> {
            double g = g0 + decay * w;
            b[0] = t == 1 ? g : mu * b[0] + (1 - tau) * g;
            return w - rate * (mu == 0 ? g : nesterov ? g + mu * b[0] : b[0]);
        };
    }

    private static Weight adam(
            double rate, double b1, double b2, double eps, boolean ams, double l2, double decoupled) {
        var s = new double[3];
        return (w, g0, t) -> {
            double g = g0 + l2 * w;
            double shrunk = w - rate * decoupled * w;
            s[0] = b1 * s[0] + (1 - b1) * g;
            s[1] = b2 * s[1] + (1 - b2) * g * g;
            s[2] = Math.max(s[2], s[1]);
            double m = s[0] / (1 - Math.pow(b1, t));
            double v = (ams ? s[2] : s[1]) / (1 - Math.pow(b2, t));
            return shrunk - rate * m / (Math.sqrt(v) + eps);
        };
    }

    private static Weight rmsProp(double alpha, double eps, double mu, boolean centered, double decay) {
        var s = new double[3];
        return (w, g0, t) -> {
            double g = g0 + decay * w;
            s[0] = alpha * s[0] + (1 - alpha) * g * g;
            s[1] = alpha * s[1] + (1 - alpha) * g;
            double v = centered ? s[0] - s[1] * s[1] : s[0];
            s[2] = mu * s[2] + g / (Math.sqrt(v) + eps);
            return w - 0.02 * s[2];
        };
    }

    private static Weight adagrad(double rateDecay, double initial, double eps, double decay) {
        var s = new double[] {initial};
        return (w, g0, t) -> {
            double g = g0 + decay * w;
            s[0] += g * g;
            return w - 0.2 / (1 + (t - 1) * rateDecay) * g / (Math.sqrt(s[0]) + eps);
        };
    }

    private static Weight adadelta(double rho, double eps, double decay) {
        var s = new double[2];
        return (w, g0, t) -> {
            double g = g0 + decay * w;
            s[0] = rho * s[0] + (1 - rho) * g * g;
            double d = Math.sqrt(s[1] + eps) / Math.sqrt(s[0] + eps) * g;
            s[1] = rho * s[1] + (1 - rho) * d * d;
            return w - d;
        };
    }

    private static Weight nadam(double b1, double b2, double eps, double psi, double decay) {
        var s = new double[] {0, 0, 1};
        return (w, g0, t) -> {
            double g = g0 + decay * w;
            double mu = b1 * (1 - 0.5 * Math.pow(0.96, t * psi));
            double next = b1 * (1 - 0.5 * Math.pow(0.96, (t + 1) * psi));
            s[0] = b1 * s[0] + (1 - b1) * g;
            s[1] = b2 * s[1] + (1 - b2) * g * g;
            s[2] *= mu;
            double m = next * s[0] / (1 - s[2] * next) + (1 - mu) * g / (1 - s[2]);
            return w - 0.02 * m / (Math.sqrt(s[1] / (1 - Math.pow(b2, t))) + eps);
        };
    }

    private static Weight radam(double b1, double b2, double eps, double decay) {
        var s = new double[2];
        return (w, g0, t) -> {
            double g = g0 + decay * w;
            s[0] = b1 * s[0] + (1 - b1) * g;
            s[1] = b2 * s[1] + (1 - b2) * g * g;
            double m = s[0] / (1 - Math.pow(b1, t));
            double limit = 2 / (1 - b2) - 1;
            double rho = limit - 2 * t * Math.pow(b2, t) / (1 - Math.pow(b2, t));
            if (rho <= 5) {
                return w - 0.02 * m;
            }
            double r = Math.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho));
            return w - 0.02 * m * r * Math.sqrt(1 - Math.pow(b2, t)) / (Math.sqrt(s[1]) + eps);
        };
    }

    private static Weight lion(double b1, double b2, double decay) {
        var m = new double[1];
        return (w, g, t) -> {
            double sign = Math.signum(b1 * m[0] + (1 - b1) * g);
            m[0] = b2 * m[0] + (1 - b2) * g;
            return w - 0.03 * (sign + decay * w);
        };
    }

    // ---------------------------------------------------------------- refusals

    @Test
    void senselessSettingsAreRefused() {
        for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> Sgd.rate(rate))
                    .isInstanceOf(AdjointException.class)
                    .hasMessage("a learning rate must be a finite number above 0, got " + rate);
        }
        assertThatThrownBy(() -> Adam.rate(1e-3).betas(0.9, 1)).hasMessage("beta2 of Adam must be in [0, 1), got 1.0");
        assertThatThrownBy(() -> AdamW.rate(1e-3).betas(-0.1, 0.9)).hasMessageContaining("beta1 of AdamW");
        assertThatThrownBy(() -> Lion.rate(1e-3).betas(Double.NaN, 0.9)).hasMessageContaining("got NaN");
        assertThatThrownBy(() -> Sgd.rate(0.1).nesterov()).hasMessageContaining("momentum(0.9) before nesterov()");
        assertThatThrownBy(() -> Sgd.rate(0.1).weightDecay(-1)).hasMessageContaining("weight decay");
        assertThatThrownBy(() -> RmsProp.rate(0.1).epsilon(-1)).hasMessageContaining("epsilon");
    }

    @Test
    void nadamIsQuickAfterManySteps() {
        double[] scalars = NAdam.rate(0.1).betas(0.999, 0.999).scalars(0.1, 1_000_000_000L);
        assertThat(scalars[5]).isCloseTo(0.1 * (1 - 0.999), within(1e-9));
    }

    // By hand: the step of the rule without a decay, from weights that shrank by 1 - η λ.
    @Test
    void aDecoupledDecayShrinksTheWeightsApart() {
        Map<Rule, Rule> pairs =
                Map.of(
                        NAdam.rate(0.1).weightDecay(0.5).decoupled(), NAdam.rate(0.1),
                        RAdam.rate(0.1).weightDecay(0.5).decoupled(), RAdam.rate(0.1));
        pairs.forEach((decayed, plain) -> {
            Parameter w = Parameter.of(Tensor.of(new double[] {2, -4}, 2));
            Parameter v = Parameter.of(Tensor.of(new double[] {2, -4}, 2));
            new Optimizer(decayed, Map.of("w", w)).step(w.value().mul(3).sum());
            new Optimizer(plain, Map.of("v", v)).step(v.value().mul(3).sum());
            double step = v.value().toDoubles()[0] - 2;
            assertThat(w.value().toDoubles()[0]).isCloseTo(2 * (1 - 0.1 * 0.5) + step, within(1e-12));
            assertThat(w.value().toDoubles()[1]).isCloseTo(-4 * (1 - 0.1 * 0.5) + step, within(1e-12));
        });
    }

    @ParameterizedTest
    @MethodSource("rules")
    void isOneOperationForEachResult(Rule rule, Supplier<Weight> weights) {
        var w = Parameter.of(Tensor.of(START, START.length));
        var seen = new ArrayList<Op>();
        var optimizer = new Optimizer(rule, Map.of("w", w));
        optimizer.step(
                w.value().square().sum(),
                List.of(),
                List.of(),
                new Optimizer.Probe() {
                    @Override
                    public List<Tensor> points(Tensor loss) {
                        return List.of();
                    }

                    @Override
                    public List<Tensor> wanted(
                            Map<Parameter, Tensor> g, Map<Tensor, Tensor> at, List<Evaluator.Update> updates) {
                        updates.forEach(u -> seen.add(u.value().op()));
                        return List.of();
                    }
                });
        assertThat(seen).hasSize(1 + rule.states().size()).allMatch(op -> op instanceof Formula.Result);
    }

    @FunctionalInterface
    private interface Values {
        Tensor next(Tensor value, Tensor gradient, Tensor rate);
    }

    // A rule of one's own.
    private record Own(Schedule rate, List<State> states, Values formula) implements Rule {
        @Override
        public Rule scheduled(Schedule other) {
            return new Own(other, states, formula);
        }

        @Override
        public double weightDecay() {
            return 0;
        }

        @Override
        public Rule weightDecay(double decay) {
            return this;
        }

        @Override
        public double[] scalars(double rate, long step) {
            return new double[] {rate};
        }

        @Override
        public Next next(Tensor value, Tensor gradient, List<Tensor> states, List<Tensor> scalars) {
            return new Next(formula.next(value, gradient, scalars.getFirst()), List.of());
        }
    }

    // The weights 3 and 4 after two steps of the loss Σ w⁴ by such a rule.
    private static double[] twice(Values formula) {
        var w = Parameter.of(Tensor.of(new double[] {3, 4}, 2));
        var optimizer = new Optimizer(new Own(Schedule.constant(0.01), List.of(), formula), Map.of("w", w));
        optimizer.step(w.value().square().square().sum());
        optimizer.step(w.value().square().square().sum());
        return w.value().toDoubles();
    }

    private static double[] twiceByHand(DoubleUnaryOperator step) {
        return DoubleStream.of(3, 4).map(w -> w - step.applyAsDouble(w)).map(w -> w - step.applyAsDouble(w)).toArray();
    }

    @Test
    void aTensorMadeOfANumberIsReadAtEveryStep() {
        double[] factor = {0.3, 0.3, 0.7};
        int[] calls = {0};
        double[] got = twice((w, g, rate) -> w.sub(g.mul(rate).mul(factor[calls[0]++])));
        double first = 3 - 4 * 27 * 0.01 * 0.3; // called once more before, to see whether it is a formula
        assertThat(got[0]).isCloseTo(first - 4 * Math.pow(first, 3) * 0.01 * 0.7, within(1e-12));
    }

    @Test
    void aRuleMayReadItsArguments() {
        double[] got = twice((w, g, rate) -> g.abs().gt(1).any().toBooleans()[0] ? w.sub(g.mul(rate)) : w);
        assertThat(got).containsExactly(twiceByHand(w -> 4 * w * w * w * 0.01), within(1e-12));
    }

    @Test
    void aRuleMayDifferentiateTheGradient() { // Newton's method: 4 w³ / 12 w² = w / 3
        double[] got = twice((w, g, rate) -> w.sub(g.div(Gradients.of(g.sum(), w))));
        assertThat(got).containsExactly(twiceByHand(w -> w / 3), within(1e-12));
        got = twice((w, g, rate) -> w.sub(Gradients.of(g.mul(w).sum(), w).mul(rate))); // 16 w³, of which 12 through g
        assertThat(got).containsExactly(twiceByHand(w -> 16 * w * w * w * 0.01), within(1e-12));
    }

    @Test
    void aStateThatIsMissingIsToldWithTheRule() {
        var w = Parameter.of(Tensor.of(new double[] {3, 4}, 2));
        var rule = new Own(Schedule.constant(0.1), List.of(Rule.State.zeros("mean")), (value, g, rate) -> value);
        assertThatThrownBy(() -> new Optimizer(rule, Map.of("w", w)).step(w.value().sum()))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("keeps 1 states for a parameter, but its next() gave 0");
    }
}
