package adjoint.plan;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.kernel.DType;
import adjoint.kernel.MachineKernels;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// What a plan computes is what the operations say one by one: in their own types, to the sign of a zero, and to the
/// last bit at every run.
class ExactnessTest {
    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor ints(int... values) {
        return Tensor.of(values, values.length);
    }

    @Test
    void int32Wraps() {
        Tensor t = ints(2_000_000_000);
        assertThat(t.add(t).to(DType.INT64).toLongs()).containsExactly(-294967296L);
        assertThat(t.add(t).lt(0).toBooleans()).containsExactly(true);
        assertThat(t.neg().sub(t).to(DType.INT64).toLongs()).containsExactly(294967296L);
        assertThat(ints(Integer.MIN_VALUE).abs().to(DType.INT64).toLongs()).containsExactly(Integer.MIN_VALUE);
        assertThat(Tensor.of(new long[] {(1L << 32) + 5}, 1).to(DType.INT32).to(DType.INT64).toLongs())
                .containsExactly(5);
        assertThat(ints(2_000_000_000, 1).mul(ints(2, 2)).max().toInts()).containsExactly(2);
    }

    @Test
    void floatsBecomeIntegersAsInJava() {
        Tensor x = floats(1e20f, Float.NaN, -.3f, 3e9f, -1e20f);
        assertThat(x.to(DType.INT32).to(DType.FLOAT32).toFloats()).containsExactly(0x1p31f, 0f, 0f, 0x1p31f, -0x1p31f);
        assertThat(x.to(DType.INT32).toInts())
                .containsExactly(Integer.MAX_VALUE, 0, 0, Integer.MAX_VALUE, Integer.MIN_VALUE);
        assertThat(x.to(DType.INT64).to(DType.FLOAT32).toFloats()).containsExactly(0x1p63f, 0f, 0f, 3e9f, -0x1p63f);
        assertThat(x.to(DType.FLOAT64).to(DType.INT32).to(DType.FLOAT64).toDoubles())
                .containsExactly(Integer.MAX_VALUE, 0.0, 0.0, Integer.MAX_VALUE, Integer.MIN_VALUE);
    }

    @Test
    void constantsFoldInTheirOwnType() {
        assertThat(Tensor.full(DType.FLOAT64, .1, 1).to(DType.FLOAT32).to(DType.FLOAT64).item()).isEqualTo(.1f);
        assertThat(Tensor.full(DType.FLOAT32, 16777216, 1).add(1).to(DType.INT64).item()).isEqualTo(16777216);
        Tensor large = Tensor.full(DType.FLOAT32, 1e30, 1);
        assertThat(large.mul(large).mul(Tensor.full(DType.FLOAT32, 1e-30, 1)).item())
                .isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Tensor.full(DType.INT32, 2e9, 2).sum().item()).isEqualTo(-294967296);
        assertThat(Tensor.full(DType.INT64, (1L << 32) + 5, 1).to(DType.INT32).item()).isEqualTo(5);
    }

    @Test
    void zerosKeepTheirSign() {
        assertThat(Tensor.zeros(1).sub(floats(0f)).reciprocal().item()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(floats(-0f).add(0).reciprocal().item()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(Tensor.zeros(1).add(floats(-0f)).reciprocal().item()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(floats(-0f).sub(0).reciprocal().item()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(floats(-0f).add(-0.0).reciprocal().item()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Tensor.full(DType.FLOAT32, -0.0, 1).sub(floats(0f)).reciprocal().item())
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void sumsHaveTheSameBitsColdAndHotAndOnEveryTeam() {
        Tensor x = Tensor.of(Tensor.normal(RandomKey.of(3), 300_007).toFloats());
        Tensor rows = x.slice(0, 0, 300 * 1000).reshape(300, 1000);
        List<Function<Tensor, Tensor>> sums =
                List.of(
                        _ -> x.sum(),
                        _ -> rows.sum(1),
                        _ -> rows.sum(0),
                        _ -> rows.softmax(1),
                        _ -> rows.norm(1),
                        _ -> rows.matmul(rows.slice(0, 0, 1).t()));
        List<int[]> expected = new ArrayList<>();
        for (int threads : new int[] {1, 2, 3, 7}) {
            try (var engine = new Engine(MachineKernels.standard(), threads)) {
                for (int run = 0; run < 60; run++) { // the first interpreted, the last compiled
                    for (int i = 0; i < sums.size(); i++) {
                        Tensor y = sums.get(i).apply(x);
                        engine.evaluate(y);
                        int[] bits = bits(y.toFloats());
                        if (expected.size() == i) {
                            expected.add(bits);
                        }
                        assertThat(Arrays.equals(bits, expected.get(i)))
                                .as("sum %d, run %d, %d threads", i, run, threads)
                                .isTrue();
                    }
                }
            }
        }
    }

    @Test
    void extremesOfNaNAndZerosAreTheSameColdAndHot() {
        float[] a = new float[67];
        Arrays.fill(a, -0f);
        a[40] = 0f;
        Tensor zeros = floats(a);
        float[] b = a.clone();
        b[33] = Float.NaN;
        Tensor nan = floats(b);
        for (int run = 0; run < 3000; run++) {
            assertThat(Float.floatToRawIntBits((float) zeros.add(-0.0).max().item())).isZero();
            assertThat(Float.floatToRawIntBits((float) zeros.add(-0.0).min().item())).isEqualTo(1 << 31);
            assertThat(nan.add(-0.0).max().item()).isNaN();
            assertThat(nan.add(-0.0).min().item()).isNaN();
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
