package adjoint.grad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.kernel.DType;
import adjoint.kernel.Values;
import adjoint.tensor.CustomOp;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;

class GradientsTest {
    private final Tensor x = Tensor.of(new double[] {1, -2, 3}, 3);

    @Test
    void derivativeOfASquare() {
        assertThat(Gradients.of(x.square().sum(), x).toDoubles()).containsExactly(2, -4, 6);
    }

    @Test
    void thirdDerivative() {
        Tensor y = x.pow(3).sum();
        for (int i = 0; i < 3; i++) {
            y = Gradients.of(y, x).sum();
        }
        assertThat(y.item()).isEqualTo(18);
    }

    @Test
    void pathsAddUp() {
        Tensor y = x.mul(x).add(x).add(x).sum();
        assertThat(Gradients.of(y, x).toDoubles()).containsExactly(4, -2, 8);
    }

    @Test
    void partsOfASplitArePutSideBySide() {
        Tensor w = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
        Tensor left = w.slice(1, 0, 1);
        Tensor middle = w.slice(1, 1, 2);
        Tensor right = w.slice(1, 2, 3);
        Tensor y = right.sum().add(middle.mul(10).sum()).add(left.square().sum());
        Tensor g = Gradients.of(y, w);
        assertThat(g.toDoubles()).containsExactly(2, 10, 1, 8, 10, 1);
        assertThat(g.op().label()).isEqualTo("concat");
        assertThat(g.inputs()).hasSize(3).noneMatch(t -> t.op().label().equals("pad"));
        assertThat(Gradients.of(g.square().sum(), w).toDoubles()).containsExactly(8, 0, 0, 32, 0, 0);
    }

    @Test
    void partsThatOverlapOrLeaveGapsAddUp() {
        Tensor y = x.slice(0, 0, 2).square().sum().add(x.slice(0, 1, 3).mul(5).sum());
        assertThat(Gradients.of(y, x).toDoubles()).containsExactly(2, 1, 5);
        y = x.slice(0, 0, 1).sum().add(x.slice(0, 2, 3).sum());
        assertThat(Gradients.of(y, x).toDoubles()).containsExactly(1, 0, 1);
        Tensor w = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
        y = w.slice(0, 0, 1).slice(1, 0, 1).mul(7).sum().add(w.slice(0, 1, 2).slice(1, 1, 2).sum());
        assertThat(Gradients.of(y, w).toDoubles()).containsExactly(7, 0, 0, 1);
    }

    @Test
    void manyPartsInAnyOrder() {
        int n = 301;
        Tensor w = Tensor.arange(n).to(DType.FLOAT64);
        Tensor y = Tensor.scalar(DType.FLOAT64, 0);
        for (int i = 0; i < n; i++) {
            int at = i % 2 == 0 ? i / 2 : n - 1 - i / 2; // from both ends
            y = y.add(w.slice(0, at, at + 1).square().sum());
        }
        assertThat(Gradients.of(y, w).toDoubles()).isEqualTo(w.mul(2).toDoubles());
    }

    @Test
    void aChainOf200000Operations() {
        Tensor c = Tensor.scalar(DType.FLOAT64, 1);
        Tensor y = c;
        for (int i = 0; i < 200_000; i++) {
            y = y.mul(c);
        }
        assertThat(Gradients.of(y, c).item()).isEqualTo(200_001);
    }

    @Test
    void stopGradientStops() {
        assertThat(Gradients.of(x.mul(x.stopGradient()).sum(), x).toDoubles()).containsExactly(1, -2, 3);
        assertThatThrownBy(() -> Gradients.of(x.stopGradient().sum(), x))
                .isInstanceOf(GradientException.class)
                .hasMessageContaining("cut, at stop-gradient");
    }

    @Test
    void refusesWhatHasNoGradient() {
        assertThatThrownBy(() -> Gradients.of(x.argmax(0).to(DType.FLOAT64).sum(), x)).hasMessageContaining("argmax");
        assertThatThrownBy(() -> Gradients.of(x.gt(0).to(DType.FLOAT64).sum(), x)).hasMessageContaining("lt");
        assertThatThrownBy(() -> Gradients.of(x, x)).hasMessageContaining("scalar");
        assertThatThrownBy(() -> Gradients.of(x.sum(), Tensor.zeros(2))).hasMessageContaining("does not depend");
        Tensor index = Tensor.of(new int[] {0}, 1);
        assertThatThrownBy(() -> Gradients.of(x.gather(0, index).sum(), index)).hasMessageContaining("floating");
    }

    @Test
    void kinksArePinned() {
        Tensor zero = Tensor.of(new double[] {0}, 1);
        assertThat(Gradients.of(zero.relu().sum(), zero).toDoubles()).containsExactly(0);
        assertThat(Gradients.of(zero.abs().sum(), zero).toDoubles()).containsExactly(0);
        Tensor tied = Tensor.of(new double[] {2, 2, 1}, 3);
        assertThat(Gradients.of(tied.max(), tied).toDoubles()).containsExactly(0.5, 0.5, 0);
        assertThat(Gradients.of(tied.maximum(2).sum(), tied).toDoubles()).containsExactly(0.5, 0.5, 0);
        assertThat(Gradients.of(tied.clip(1, 2).sum(), tied).toDoubles()).containsExactly(1, 1, 1);
    }

    @Test
    void againstACotangent() {
        Tensor g = Tensor.of(new double[] {1, 10, 100}, 3);
        assertThat(Gradients.of(x.square(), g, List.of(x)).getFirst().toDoubles()).containsExactly(2, -40, 600);
    }

    @Test
    void forwardMode() {
        Tensor a = Tensor.random(adjoint.kernel.Step.Distribution.NORMAL, RandomKey.of(1), DType.FLOAT64, 4, 3);
        Tensor direction = Tensor.of(new double[] {1, 0, 2}, 3);
        Tensor expected = a.matmul(direction.mul(x.cos()));
        Tensor jvp = Gradients.jvp(a.matmul(x.sin()), x, direction);
        assertThat(jvp.sub(expected).abs().max().item()).isLessThan(1e-14);
    }

    @Test
    void onlyParametersThatMatter() {
        Parameter used = Parameter.of(Tensor.of(new float[] {2}, 1));
        Parameter unused = Parameter.of(Tensor.of(new float[] {3}, 1));
        var gradients = Gradients.ofParameters(used.value().square().sum(), List.of(used, unused));
        assertThat(gradients).containsOnlyKeys(used);
        assertThat(gradients.get(used).item()).isEqualTo(4);
    }

    /// `x³`, computed by hand.
    record Cube() implements CustomOp {
        @Override
        public String label() {
            return "cube";
        }

        @Override
        public Spec infer(List<Tensor> inputs) {
            return inputs.getFirst().spec();
        }

        @Override
        public Tensor vjp(Tensor output, int input, Tensor g) {
            return g.mul(output.input(0).square()).mul(3);
        }

        @Override
        public void compute(List<Values> sources, Values target) {
            for (long i = 0; i < target.size(); i++) {
                target.set(i, Math.pow(sources.getFirst().get(i), 3));
            }
        }
    }

    @Test
    void usersOwnOp() {
        var result =
                GradientCheck.of(
                        in -> Tensor.apply(new Cube(), in.getFirst().t()), Tensor.normal(RandomKey.of(1), 3, 2));
        assertThat(result.firstOrder()).isLessThan(1e-7);
        assertThat(result.secondOrder()).isLessThan(1e-6);
    }

    @Test
    void theCheckSeesAWrongGradient() {
        record Wrong(Cube right) implements CustomOp {
            @Override
            public String label() {
                return "wrong";
            }

            @Override
            public Spec infer(List<Tensor> inputs) {
                return right.infer(inputs);
            }

            @Override
            public Tensor vjp(Tensor output, int input, Tensor g) {
                return right.vjp(output, input, g).mul(1.001);
            }

            @Override
            public void compute(List<Values> sources, Values target) {
                right.compute(sources, target);
            }
        }
        double error =
                GradientCheck.firstOrder(
                        in -> Tensor.apply(new Wrong(new Cube()), in.getFirst()), Tensor.normal(RandomKey.of(1), 3, 2));
        assertThat(error).isGreaterThan(1e-5);
    }

    /// `factor · x` at one element and `x` elsewhere, whose derivative forgets that element.
    record Scaled(double factor, boolean all) implements CustomOp {
        @Override
        public String label() {
            return "scaled";
        }

        @Override
        public Spec infer(List<Tensor> inputs) {
            return inputs.getFirst().spec();
        }

        @Override
        public Tensor vjp(Tensor output, int input, Tensor g) {
            if (all) {
                return g.zerosLike();
            }
            return Tensor.concat(0, g.slice(0, 0, 1).zerosLike(), g.slice(0, 1, g.dim(0)));
        }

        @Override
        public void compute(List<Values> sources, Values target) {
            for (long i = 0; i < target.size(); i++) {
                target.set(i, sources.getFirst().get(i) * (all || i == 0 ? factor : 1));
            }
        }
    }

    @Test
    void theCheckMeasuresByTheDerivativeItself() {
        Tensor near = Tensor.normal(RandomKey.of(1), 5);
        Tensor far = near.add(1000);
        assertThat(GradientCheck.firstOrder(in -> Tensor.apply(new Scaled(1e-8, true), in.getFirst()), near))
                .isGreaterThan(0.5);
        assertThat(GradientCheck.firstOrder(in -> Tensor.apply(new Scaled(1e-4, true), in.getFirst()), far))
                .isGreaterThan(0.5);
        Tensor many = Tensor.normal(RandomKey.of(2), 20_000);
        assertThat(GradientCheck.firstOrder(in -> Tensor.apply(new Scaled(0.01, false), in.getFirst()), many))
                .isGreaterThan(1e-6);
        assertThat(GradientCheck.firstOrder(in -> Tensor.apply(new Scaled(1, true), in.getFirst()).mean(), many))
                .isGreaterThan(0.5);
        assertThat(GradientCheck.of(in -> in.getFirst().mul(1e-8).square(), near).passed()).isTrue();
        assertThat(GradientCheck.of(in -> in.getFirst().square().log(), far).passed()).isTrue();
        assertThat(GradientCheck.of(in -> in.getFirst().sin().mean(), many).passed()).isTrue();
    }

    @Test
    void theCheckMovesParametersToo() {
        Parameter w = Parameter.of(Tensor.of(new double[] {1, -2, 3}, 3));
        var right = GradientCheck.of(in -> in.getFirst().mul(w.value()).tanh(), List.of(w), x);
        assertThat(right.passed()).as(right.toString()).isTrue();
        assertThat(w.value().toDoubles()).containsExactly(1, -2, 3);
        var wrong =
                GradientCheck.of(in -> in.getFirst().mul(Tensor.apply(new Scaled(2, true), w.value())), List.of(w), x);
        assertThat(wrong.passed()).isFalse();
        Parameter single = Parameter.of(Tensor.ones(3));
        assertThatThrownBy(() -> GradientCheck.of(in -> in.getFirst(), List.of(single), x))
                .isInstanceOf(GradientException.class)
                .hasMessageContaining("Init.type(DType.FLOAT64)");
    }

    @Test
    void staleResultsHaveNoGradients() {
        Parameter p = Parameter.of(Tensor.of(new float[] {2}, 1));
        Tensor loss = p.value().square().sum();
        p.set(Tensor.ones(1));
        assertThatThrownBy(() -> Gradients.ofParameters(loss, List.of(p)))
                .isInstanceOf(GradientException.class)
                .hasMessageContaining("before an update");
        assertThatThrownBy(() -> Gradients.of(Tensor.scalar(1), List.of(Tensor.scalar(2))))
                .isInstanceOf(GradientException.class)
                .hasMessageContaining("does not depend");
    }
}
