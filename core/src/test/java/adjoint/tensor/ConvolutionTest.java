package adjoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Convolution and pooling against sums worked out by hand, and their errors.
class ConvolutionTest {
    private static final Tensor LINE = Tensor.of(new float[] {1, 2, 3, 4, 5}, 1, 5, 1);

    private static Tensor kernel(float... values) {
        return Tensor.of(values, values.length, 1, 1);
    }

    private static Tensor random(int stream, int... dims) {
        return Tensor.normal(RandomKey.of(3).fold(stream), dims).to(DType.FLOAT64);
    }

    @Test
    void oneAxisByHand() {
        Tensor k = kernel(1, 10, 100); // not symmetric: a flipped kernel would show
        assertThat(LINE.conv(k, new Conv()).toFloats()).containsExactly(321, 432, 543);
        assertThat(LINE.conv(k, new Conv().padding(1)).toFloats()).containsExactly(210, 321, 432, 543, 54);
        assertThat(LINE.conv(k, new Conv().stride(2)).toFloats()).containsExactly(321, 543);
        assertThat(LINE.conv(k, new Conv().dilation(2)).toFloats()).containsExactly(531);
        assertThat(LINE.conv(k, new Conv().stride(2).padding(Padding.SAME)).toFloats()).containsExactly(210, 432, 54);
        Padding after = Padding.of(new int[] {0}, new int[] {2});
        assertThat(LINE.conv(k, new Conv().padding(after)).toFloats()).containsExactly(321, 432, 543, 54, 5);
        assertThat(LINE.conv(kernel(1, 10), new Conv().padding(Padding.SAME)).toFloats())
                .as("the larger half stands behind")
                .containsExactly(21, 32, 43, 54, 5);
    }

    @Test
    void transposedByHand() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3, 1);
        Tensor k = kernel(1, 10, 100);
        assertThat(x.convTranspose(k, new Conv()).toFloats()).containsExactly(1, 12, 123, 230, 300);
        assertThat(x.convTranspose(k, new Conv().stride(2)).toFloats()).containsExactly(1, 10, 102, 20, 203, 30, 300);
        assertThat(x.convTranspose(k, new Conv().stride(2).padding(1), 1).toFloats())
                .containsExactly(10, 102, 20, 203, 30, 300);
        assertThat(x.convTranspose(k, new Conv().stride(2).padding(Padding.SAME)).toFloats())
                .containsExactly(1, 10, 102, 20, 203, 30);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void againstProductsOfShiftedSlices(int stride) {
        Tensor x = random(1, 2, 7, 8, 3);
        Tensor w = random(2, 3, 2, 3, 5);
        int h = (7 - 3) / stride + 1;
        int v = (8 - 2) / stride + 1;
        Tensor sum = Tensor.full(DType.FLOAT64, 0, 2, h, v, 5);
        for (int r = 0; r < 3; r++) {
            for (int s = 0; s < 2; s++) {
                Tensor part =
                        x.slice(1, r, r + (h - 1) * stride + 1, stride).slice(2, s, s + (v - 1) * stride + 1, stride);
                sum = sum.add(part.matmul(w.get(r).get(s)));
            }
        }
        assertThat(x.conv(w, new Conv().stride(stride)).sub(sum).abs().max().item()).isLessThan(1e-13);
    }

    @Test
    void groupsAreConvolutionsSideBySide() {
        Tensor x = random(1, 2, 5, 5, 6);
        Tensor w = random(2, 3, 3, 2, 9); // 3 groups of 2 -> 3 channels
        Tensor[] parts = new Tensor[3];
        for (int g = 0; g < 3; g++) {
            parts[g] = x.slice(3, 2 * g, 2 * g + 2).conv(w.slice(3, 3 * g, 3 * g + 3), new Conv());
        }
        Tensor whole = x.conv(w, new Conv().groups(3));
        assertThat(whole.sub(Tensor.concat(3, parts)).abs().max().item()).isLessThan(1e-13);
    }

    @Test
    void maxPoolByHand() {
        Tensor x = Tensor.of(new float[] {3, 1, 4, 1, 5, 9, 2}, 1, 7, 1);
        assertThat(x.maxPool(Window.of(2)).toFloats()).containsExactly(3, 4, 9);
        assertThat(x.maxPool(Window.of(3).stride(2).padding(1)).toFloats()).containsExactly(3, 4, 9, 9);
        assertThat(x.neg().maxPool(Window.of(3).stride(2).padding(1)).toFloats())
                .as("padding is nothing, not 0")
                .containsExactly(-1, -1, -1, -2);
        assertThat(x.maxPool(Window.of(2).stride(1).dilation(3)).toFloats()).containsExactly(3, 5, 9, 2);
    }

    @Test
    void maxPoolKeepsNaN() {
        Tensor x = Tensor.of(new float[] {1, Float.NaN, 2, 3, 4, Float.NaN, 0, 1}, 1, 8, 1);
        assertThat(x.maxPool(Window.of(2)).toFloats()).containsExactly(Float.NaN, 3, Float.NaN, 1);
    }

    @Test
    void firstOfEqualsGetsTheGradient() {
        Tensor x = Tensor.of(new float[] {2, 2, 0, 2, 2, 2}, 1, 6, 1);
        assertThat(Gradients.of(x.maxPool(Window.of(3)).sum(), x).toFloats()).containsExactly(1, 0, 0, 1, 0, 0);
        assertThat(Gradients.of(x.maxPool(Window.of(3).stride(1)).sum(), x).toFloats())
                .as("overlapping windows add up")
                .containsExactly(1, 1, 0, 2, 0, 0);
    }

    @Test
    void averagePoolByHand() {
        Window three = Window.of(3).stride(2).padding(1);
        assertThat(LINE.averagePool(three).toFloats()).containsExactly(1.5f, 3, 4.5f);
        assertThat(LINE.averagePool(three, true).toFloats()).containsExactly(1, 3, 3);
        assertThat(LINE.averagePool(Window.of(2)).toFloats()).containsExactly(1.5f, 3.5f);
    }

    @Test
    void adaptivePoolByHand() {
        assertThat(LINE.adaptiveAveragePool(2).toFloats()).containsExactly(2, 4); // windows 0 … 2 and 2 … 4
        assertThat(LINE.adaptiveMaxPool(3).toFloats()).containsExactly(2, 4, 5);
        assertThat(LINE.adaptiveAveragePool(1).toFloats()).containsExactly(3);
        assertThat(LINE.adaptiveAveragePool(7).toFloats()).containsExactly(1, 1.5f, 2.5f, 3, 3.5f, 4.5f, 5);
    }

    @Test
    void emptyBatches() {
        assertThat(Tensor.zeros(0, 4, 4, 2).conv(Tensor.ones(3, 3, 2, 5), new Conv()).toFloats()).isEmpty();
        assertThat(Tensor.zeros(0, 4, 4, 2).maxPool(Window.of(2)).toFloats()).isEmpty();
    }

    private static void refused(String message, Runnable what) {
        assertThatThrownBy(what::run).isInstanceOf(ShapeException.class).hasMessageContaining(message);
    }

    @Test
    void errorsNameWhatIsWrong() {
        Tensor x = Tensor.zeros(8, 32, 32, 3);
        Tensor w = Tensor.zeros(3, 3, 16, 32);
        refused("conv with a kernel [3, 3, 16, 32] needs an input of 16 channels", () -> x.conv(w, new Conv()));
        refused(
                "conv with a kernel [3, 3, 16, 32] in 2 groups needs an input of 32 channels (the last axis), got [8, 32, 32, 3]",
                () -> x.conv(w, new Conv().groups(2)));
        refused(
                "in 3 groups needs output channels (the kernel's last axis) in a multiple of 3, got 32",
                () -> x.conv(Tensor.zeros(3, 3, 1, 32), new Conv().groups(3)));
        refused(
                "spans 33 elements of spatial axis 1, more than the 32 of the input [32, 32] with padding VALID",
                () -> x.conv(Tensor.zeros(3, 33, 3, 4), new Conv()));
        refused("2 spatial axes, needs a kernel of 4 axes", () -> x.conv(Tensor.zeros(3, 3, 3), new Conv()));
        refused(
                "needs a stride of one number or of 2, got [1, 2, 3]",
                () -> x.conv(Tensor.zeros(3, 3, 3, 4), new Conv().stride(1, 2, 3)));
        refused("a stride needs numbers of 1 or more, got [0]", () -> new Conv().stride(0));
        refused("padding needs numbers of 0 or more, got [-1]", () -> new Conv().padding(-1));
        refused("1 group or more, got 0", () -> new Conv().groups(0));
        refused("one floating type", () -> x.conv(Tensor.full(DType.FLOAT64, 0, 3, 3, 3, 4), new Conv()));
        refused(
                "needs an input of 32 channels (the last axis), got [8, 32, 32, 3]",
                () -> x.convTranspose(w, new Conv()));
        refused(
                "needs an output padding of 0 or more, less than the stride or dilation 2",
                () -> x.convTranspose(Tensor.zeros(3, 3, 5, 3), new Conv().stride(2), 2));
        refused("cuts off all of them", () -> x.convTranspose(Tensor.zeros(3, 3, 5, 3), new Conv().padding(40)));
        refused(
                "would need 4000000032 elements on spatial axis 0, padding included",
                () -> x.conv(Tensor.zeros(3, 3, 3, 4), new Conv().padding(2_000_000_000)));
        refused("max-pool with a window [40]", () -> x.maxPool(Window.of(40)));
        refused("lie outside of the input", () -> x.maxPool(Window.of(2).padding(3)));
        refused("[batch, spatial.., channels], got [3, 4]", () -> Tensor.zeros(3, 4).averagePool(Window.of(2)));
        refused("needs numbers of 1 or more, got [0]", () -> x.adaptiveMaxPool(0));
    }
}
