package adjoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.GradientCheck;
import adjoint.grad.GradientException;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.plan.Engine;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

class FormulaTest {
    private static final Spec ROW = Tensor.zeros(3).spec();
    private final Tensor x = Tensor.of(new float[] {1, -2, 3}, 3);
    private final Tensor y = Tensor.of(new float[] {0.5f, 4, -1}, 3);

    // The second result uses the first, the third is an input as it is.
    private static List<Tensor> function(List<Tensor> in) {
        Tensor a = in.get(0).mul(in.get(1)).tanh().add(in.get(0));
        return List.of(a, a.square().sub(in.get(1)), in.get(1));
    }

    private static Formula traced() {
        return Formula.trace(List.of(ROW, ROW), FormulaTest::function).orElseThrow();
    }

    @Test
    void itsResultsAreThoseOfTheFunction() {
        List<Tensor> expected = function(List.of(x, y));
        List<Tensor> got = traced().apply(List.of(x, y));
        assertThat(got).hasSize(3);
        for (int i = 0; i < 3; i++) {
            assertThat(got.get(i).op()).isInstanceOf(Formula.Result.class);
            assertThat(got.get(i).toFloats()).containsExactly(expected.get(i).toFloats());
        }
    }

    @Test
    void theFunctionIsCalledOnce() {
        var calls = new AtomicInteger();
        var formula =
                Formula.trace(
                                List.of(ROW, ROW),
                                in -> {
                                    calls.incrementAndGet();
                                    return function(in);
                                })
                        .orElseThrow();
        formula.apply(List.of(x, y)).getFirst().toFloats();
        formula.apply(List.of(y, x)).getLast().toFloats();
        assertThat(calls).hasValue(1);
    }

    @Test
    void itsDerivativesAreThoseOfItsOperations() {
        Spec wide = new Spec(Shape.of(3), DType.FLOAT64);
        var formula = Formula.trace(List.of(wide, wide), FormulaTest::function).orElseThrow();
        Tensor a = Tensor.of(new double[] {0.3, -0.2, 0.7}, 3);
        Tensor b = Tensor.of(new double[] {0.5, 1.4, -1}, 3);
        for (int result = 0; result < 3; result++) {
            int i = result;
            assertThat(GradientCheck.of(in -> formula.apply(in).get(i), a, b).passed()).isTrue();
            // One input computed from the other, one that stands twice, and one formula behind another.
            assertThat(
                            GradientCheck.of(in -> formula.apply(List.of(in.getFirst(), in.getFirst().exp())).get(i), a)
                                    .passed())
                    .isTrue();
            assertThat(GradientCheck.of(in -> formula.apply(List.of(in.getFirst(), in.getFirst())).get(i), a).passed())
                    .isTrue();
            assertThat(GradientCheck.of(in -> formula.apply(formula.apply(in).subList(0, 2)).get(i), a, b).passed())
                    .isTrue();
        }
    }

    @Test
    void twoOfTheSameOperationsAreEqualAndShareAPlan() {
        assertThat(traced()).isEqualTo(traced()).hasSameHashCodeAs(traced());
        var one = Formula.trace(List.of(ROW), in -> List.of(in.getFirst().tanh().square())).orElseThrow();
        var other = Formula.trace(List.of(ROW), in -> List.of(in.getFirst().exp().square())).orElseThrow();
        assertThat(one).isNotEqualTo(other);
        try (var engine = new Engine(1)) {
            engine.evaluate(traced().apply(List.of(x, y)).getFirst());
            engine.evaluate(traced().apply(List.of(y, x)).getFirst());
            assertThat(engine.plans()).isEqualTo(1);
            engine.evaluate(traced().apply(List.of(x, y)).get(1));
            assertThat(engine.plans()).isEqualTo(2);
        }
    }

    @Test
    void whatReadsNumbersOfItsOwnIsNone() {
        assertThat(Formula.trace(List.of(ROW), in -> List.of(in.getFirst().mul(0.37)))).isEmpty();
        assertThat(Formula.trace(List.of(ROW), in -> List.of(in.getFirst().mul(2)))).isPresent();
    }

    @Test
    void otherShapesAreRefused() {
        assertThatThrownBy(() -> traced().apply(List.of(x, Tensor.zeros(4))))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("float32 [3]")
                .hasMessageContaining("float32 [4]");
        assertThatThrownBy(() -> traced().apply(List.of(x))).isInstanceOf(ShapeException.class);
    }

    @Test
    void itMayBeLongAndContainOthers() {
        var formula =
                Formula.trace(
                                List.of(ROW, ROW),
                                in -> {
                                    Tensor sum = in.getFirst();
                                    for (int i = 0; i < 20_000; i++) {
                                        sum = sum.add(in.getLast());
                                    }
                                    return traced().apply(List.of(sum, in.getLast().normalize(1e-5, 0)));
                                })
                        .orElseThrow();
        Tensor zero = Tensor.zeros(3);
        assertThat(formula.apply(List.of(x, zero)).getLast().toFloats()).containsExactly(0, 0, 0);
        assertThat(formula.apply(List.of(x, zero)).getFirst().toFloats()).containsExactly(1, -2, 3);
    }

    @Test
    void whatCutsAGradientInsideIsNamed() {
        var formula = Formula.trace(List.of(ROW), in -> List.of(in.getFirst().sign(), in.getFirst().argmax(0)));
        assertThatThrownBy(() ->
                        Gradients.of(formula.orElseThrow().apply(List.of(x)).getLast().to(DType.FLOAT32).sum(), x))
                .isInstanceOf(GradientException.class)
                .hasMessageContaining("argmax");
        var second = Formula.trace(List.of(ROW, ROW), in -> List.of(in.getLast().square())).orElseThrow();
        assertThatThrownBy(() -> Gradients.of(second.apply(List.of(x, y)).getFirst().sum(), x))
                .hasMessageContaining("does not depend on");
    }
}
