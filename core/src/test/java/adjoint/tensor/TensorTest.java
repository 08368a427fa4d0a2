package adjoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.Gradients;
import adjoint.kernel.Buffer;
import adjoint.kernel.DType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.stream.IntStream;

/// What the operations on tensors give at the edges: kinks, zeros, other types, positions outside.
class TensorTest {
    private static Tensor floats(double... values) {
        float[] f = new float[values.length];
        IntStream.range(0, f.length).forEach(i -> f[i] = (float) values[i]);
        return Tensor.of(f, f.length);
    }

    private static Tensor ints(int... values) {
        return Tensor.of(values, values.length);
    }

    private static void refuses(ThrowingCallable action, String... words) {
        assertThatThrownBy(action).isInstanceOf(ShapeException.class).hasMessageContainingAll(words);
    }

    private static float[] gradient(Tensor y, Tensor x) {
        return Gradients.of(y.sum(), x).toFloats();
    }

    @Test
    void derivativesAtKinks() {
        Tensor x = floats(0, -1e-8);
        assertThat(gradient(x.elu(1), x)).containsExactly(1, 1);
        assertThat(gradient(x.selu(), x)).containsExactly(1.7580993f, 1.7580993f);
        Tensor ends = floats(0, 6, 3, 7);
        assertThat(gradient(ends.relu6(), ends)).containsExactly(0, 0, 1, 0);
        assertThat(floats(Double.NaN).relu6().item()).isNaN();
        assertThat(floats(100).elu(1).item()).isEqualTo(100);
    }

    @Test
    void finiteDerivativesAtZero() {
        Tensor x = floats(0, 2);
        assertThat(gradient(x.pow(0.0), x)).containsExactly(0, 0);
        Tensor power = floats(1, 1);
        Tensor first = Gradients.of(x.pow(power).sum(), x);
        assertThat(first.toFloats()).containsExactly(1, 1);
        assertThat(gradient(first, x)).containsExactly(0, 0);
        Tensor zero = floats(0, 0);
        assertThat(gradient(zero.norm(), zero)).containsExactly(0, 0);
        assertThat(gradient(zero.pNorm(3), zero)).containsExactly(0, 0);
        assertThat(gradient(zero.pNorm(0.5), zero)).containsExactly(0, 0);
        Tensor constant = floats(3, 3);
        assertThat(gradient(constant.std(), constant)).containsExactly(0, 0);
        assertThat(floats(3, 4).norm().item()).isEqualTo(5);
    }

    @Test
    void mixedDerivativeOfThePowerOfExponentZero() {
        Tensor a = Tensor.of(new double[] {2}, 1);
        Tensor b = Tensor.of(new double[] {0}, 1);
        Tensor da = Gradients.of(a.pow(b).sum(), a);
        assertThat(Gradients.of(da.sum(), b).item()).isEqualTo(0.5); // ∂²/∂a∂b a^b = a^(b-1) (1 + b log a)
    }

    @Test
    void infiniteNorms() {
        Tensor x = floats(-3, 1, 2);
        assertThat(x.pNorm(Double.POSITIVE_INFINITY).item()).isEqualTo(3);
        assertThat(x.pNorm(Double.NEGATIVE_INFINITY).item()).isEqualTo(1);
        refuses(() -> x.pNorm(0), "other than 0");
    }

    @Test
    void integersMeetIntegersOnly() {
        Tensor x = ints(1, 2, 3);
        Tensor mask = Tensor.of(new boolean[] {true, false, false}, 3);
        refuses(x::mean, "mean needs floating", "to(DType.FLOAT32)");
        refuses(x::variance, "variance needs floating");
        refuses(x::std, "std needs floating");
        refuses(() -> x.maskedFill(mask, 0.5), "0.5", "no integer");
        refuses(() -> x.add(3e9), "out of its range", "INT64");
        refuses(() -> x.eq(Double.NaN), "no integer");
        refuses(() -> Tensor.full(DType.INT32, 0.5, 1), "0.5");
        refuses(() -> Tensor.scalar(DType.INT64, 1e30), "out of its range");
        assertThat(Tensor.full(DType.BOOL, 2, 1).to(DType.FLOAT32).item()).isEqualTo(1);
        assertThat(x.isFinite().toBooleans()).containsExactly(true, true, true);
        refuses(() -> Tensor.einsum("i,i->", x, x), "einsum 'i,i->'", "needs floating");
    }

    @Test
    void positionsOutsideAreRefused() {
        Tensor x = floats(0, 1, 2, 3, 4);
        refuses(() -> x.select(0, -6), "position -6", "use -5 to 4");
        refuses(() -> x.select(0, 5), "position 5");
        refuses(() -> x.slice(0, -6, 2), "from -6 to 2");
        refuses(() -> x.slice(0, 2, 5, -1), "from 2 to 5 in steps of -1");
        refuses(() -> x.slice(0, 5, 0, -1), "from 5 to 0");
        assertThat(x.select(0, -5).item()).isZero();
        assertThat(x.slice(0, 4, 0, -1).toFloats()).containsExactly(4, 3, 2, 1);
        assertThat(x.slice(0, -1, -6, -2).toFloats()).containsExactly(4, 2, 0);
        assertThat(x.slice(0, 3, -4, -1).toFloats()).containsExactly(3, 2);
        assertThat(x.slice(0, 2, 2, -1).toFloats()).isEmpty();
    }

    @Test
    void anArrayIsAnAxis() {
        assertThat(Tensor.of(new float[1]).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.of(new boolean[] {true}).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.concat(0, Tensor.of(new float[1]), Tensor.of(new float[2])).dim(0)).isEqualTo(3);
        assertThat(Tensor.of(new double[] {3}, Shape.SCALAR).shape()).isEqualTo(Shape.SCALAR);
    }

    @Test
    void clipWantsItsBoundsInOrder() {
        refuses(() -> floats(3).clip(5, 2), "5.0, 2.0");
        assertThat(floats(1, 3, 7).clip(2, 5).toFloats()).containsExactly(2, 3, 5);
    }

    @Test
    void scatterAddDoesNotBroadcast() {
        Tensor index = ints(0);
        refuses(() -> Tensor.zeros(3, 1).scatterAdd(0, index, Tensor.ones(1, 4)), "scatterAdd", "[3, 1]", "[1, 4]");
        assertThat(Tensor.zeros(2, 1).scatterAdd(0, index, Tensor.ones(1, 1)).toFloats()).containsExactly(1, 0);
    }

    @Test
    void nothingHasItsOwnAnswers() {
        assertThat(Tensor.zeros(3, 0).softmax(1).shape()).isEqualTo(Shape.of(3, 0));
        assertThat(Tensor.zeros(3, 0).logSoftmax(1).shape()).isEqualTo(Shape.of(3, 0));
        assertThat(Tensor.zeros(2, 0).logSumExp(1).toFloats())
                .containsExactly(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
        Tensor none = Tensor.full(DType.BOOL, 1, 0);
        assertThat(none.any().toBooleans()).containsExactly(false);
        assertThat(none.all().toBooleans()).containsExactly(true);
    }

    @Test
    void paddingDoesNotOverflow() {
        refuses(() -> floats(1, 2, 3).pad(0, Integer.MAX_VALUE, Integer.MAX_VALUE), "at most");
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // it was an endless loop
    void manyTensorsShareABuffer() {
        Buffer one = Buffer.wrap(new float[] {1});
        Tensor[] many = new Tensor[300];
        for (int i = 0; i < many.length; i++) {
            many[i] = Tensor.of(one, Shape.of(1));
        }
        assertThat(Tensor.concat(0, many).sum().item()).isEqualTo(300);
    }

    @Test
    void stopGradientLetsTheGraphGo() {
        Tensor s = Tensor.scalar(1).mul(0.9).add(1).stopGradient();
        s.item();
        assertThat(s.op()).isNull();
        assertThat(s.inputs()).isEmpty();
        Tensor known = Tensor.scalar(1).add(1);
        known.item();
        assertThat(known.op()).isNotNull();
        assertThat(known.stopGradient().op()).isNull();
        Tensor count = ints(1).add(1);
        count.toInts();
        assertThat(count.op()).isNull();
    }

    @Test
    void whatWasReadStaysAsItWas() {
        Parameter q = Parameter.of(Tensor.ones(3));
        Buffer before = q.value().read();
        Tensor snapshot = Tensor.of(before, Shape.of(3));
        Parameter s = Parameter.of(Tensor.zeros(3));
        Evaluator.standard()
                .update(
                        java.util.List.of(),
                        java.util.List.of(
                                new Evaluator.Update(q, q.value().add(1)), new Evaluator.Update(s, snapshot.mul(10))));
        assertThat(s.value().toFloats()).containsExactly(10, 10, 10);
        assertThat(before.get(0)).isEqualTo(1);
    }
}
