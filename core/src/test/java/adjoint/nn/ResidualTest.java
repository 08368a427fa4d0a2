package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;

class ResidualTest {
    private final Init init = Init.seeded(3);
    private final Conv same = new Conv().padding(Padding.SAME);

    private static Tensor run(Layer layer, Tensor x) {
        return layer.apply(x, Pass.inference());
    }

    @Test
    void theShortcutIsAdded() {
        Tensor x = Tensor.of(new float[] {-2, 1, 3, -4}, 2, 2);
        var twice = new Lambda("twice", t -> t.mul(2));
        assertArrayEquals(new float[] {-4, 3, 9, -8}, run(new Residual(Activation.RELU, twice), x).toFloats());
        var layer = new Residual(new Linear(2, 3, init), Linear.withoutBias(2, 3, init));
        assertEquals(
                List.of("inner.weight", "inner.bias", "shortcut.weight"), List.copyOf(layer.parameters().keySet()));
        assertEquals("Residual(with shortcut)", layer.toString());
        assertSame(Activation.IDENTITY, new Residual(layer).shortcut());
    }

    @Test
    void theUsualProjectionFitsAConvolutionWithAStride() {
        for (int stride : new int[] {1, 2, 3}) {
            for (int size : new int[] {7, 8, 9}) {
                var layer =
                        Residual.projected(Conv2d.withoutBias(3, 5, 3, same.stride(stride), init), 3, 5, stride, init);
                int left = Math.ceilDiv(size, stride);
                assertEquals(
                        "[2, " + left + ", " + left + ", 5]",
                        run(layer, Tensor.zeros(2, size, size, 3)).shape().toString());
                assertEquals(
                        List.of(
                                "inner.weight",
                                "shortcut.layers.0.weight",
                                "shortcut.layers.1.weight",
                                "shortcut.layers.1.bias",
                                "shortcut.layers.1.mean",
                                "shortcut.layers.1.variance"),
                        List.copyOf(layer.parameters().keySet()));
            }
        }
    }

    // He et al. 2016b, figure 4 (e): behind the last addition there is nothing, so that the shortcut of a block stays
    // clean.
    @Test
    void aPreActivatedBlockIsItsShortcutWhereTheLastConvolutionIsZero() {
        Tensor x = Tensor.normal(RandomKey.of(1), 2, 6, 6, 4);
        Layer same = Residual.preActivated(4, 4, 1, init);
        zero(same.parameters().get("inner.layers.5.weight"));
        assertArrayEquals(x.toFloats(), run(same, x).toFloats());
        Layer other = Residual.preActivated(4, 6, 2, init);
        zero(other.parameters().get("layers.2.inner.layers.3.weight"));
        var scale = (float) Math.sqrt(1 + 1e-5);
        Parameter around = other.parameters().get("layers.2.shortcut.weight");
        Tensor expected = x.div(scale).relu().conv(around.value(), new Conv().stride(2));
        assertEquals("[2, 3, 3, 6]", run(other, x).shape().toString());
        assertArrayEquals(expected.toFloats(), run(other, x).toFloats(), 1e-5f);
    }

    private static void zero(Parameter p) {
        p.set(Tensor.zeros(p.shape().dims()));
    }

    @Test
    void aShortcutOfAnotherShapeIsRefused() {
        var layer = Residual.projected(Conv2d.withoutBias(3, 5, 3, same, init), 3, 5, 2, init);
        LayerTest.refused(
                "Residual needs an inner layer and a shortcut that give the same shape, got from Conv2d(3 -> 5, 3x3,"
                        + " padding SAME, no bias) float32 [2, 8, 8, 5] and from Sequential(2) float32 [2, 4, 4, 5]:"
                        + " give the projection the inner layer's output channels and stride",
                () -> run(layer, Tensor.zeros(2, 8, 8, 3)));
    }
}
