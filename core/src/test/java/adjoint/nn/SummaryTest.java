package adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import adjoint.kernel.DType;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.Shape;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

class SummaryTest {
    private final Init init = Init.seeded(1);

    private record Mlp(Linear hidden, Linear head) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return head.apply(hidden.apply(x.flatten(1), pass).relu(), pass);
        }
    }

    @Test
    void table() {
        var summary = Summary.of(new Mlp(new Linear(784, 128, init), new Linear(128, 10, init)), 64, 28, 28);
        assertEquals(
                """
                layer   type                output     parameters  output MiB  operations
                (all)   Mlp                 [64, 10]            -           -       8,192
                hidden  Linear(784 -> 128)  [64, 128]     100,480       0.031  12,853,248
                head    Linear(128 -> 10)   [64, 10]        1,290       0.002     164,480
                total                                     101,770       0.034  13,025,920
                parameters and states: 0.388 MiB
                """,
                summary.toString());
        assertEquals(2L * 64 * 784 * 128 + 64 * 128, summary.rows().get(1).operations());
        assertEquals(4 * 101_770, summary.parameterBytes());
    }

    @Test
    void sharedAndNestedLayers() {
        var shared = new Linear(4, 4, init);
        var summary = Summary.of(Sequential.of(shared, Activation.RELU, new Residual(shared), Activation.RELU), 2, 4);
        assertEquals(
                """
                layer           type            output  parameters  output MiB  operations
                (all)           Sequential(4)   [2, 4]           -           -           -
                layers.0        Linear(4 -> 4)  [2, 4]          20       0.000          72
                layers.1        RELU            [2, 4]           -       0.000           8
                layers.2        Residual        [2, 4]           -       0.000           8
                layers.2.inner  Linear(4 -> 4)  [2, 4]           -       0.000          72
                layers.3        RELU            [2, 4]           -       0.000           8
                total                                           20       0.000         168
                parameters and states: 0.000 MiB
                """,
                summary.toString());
    }

    @Test
    void convolutions() {
        var same = new Conv().padding(Padding.SAME);
        var model =
                Sequential.of(
                        Conv2d.withoutBias(3, 16, 3, same, init),
                        Conv2d.withoutBias(16, 16, 3, same.groups(16).stride(2), init),
                        new MaxPool(2),
                        ConvTranspose2d.withoutBias(16, 8, 2, new Conv().stride(2), init));
        var rows = Summary.of(model, 5, 12, 12, 3).rows();
        assertEquals(2L * 5 * 12 * 12 * 16 * 3 * 3 * 3, rows.get(1).operations());
        assertEquals(2L * 5 * 6 * 6 * 16 * 3 * 3, rows.get(2).operations());
        assertEquals(5 * 6 * 6 * 16, rows.get(3).operations());
        assertEquals(2L * 5 * 3 * 3 * 16 * 2 * 2 * 8, rows.get(4).operations());
    }

    @Test
    void integerInputs() {
        var model = Sequential.of(new Embedding(50, 8, init), new Flatten(), new Linear(24, 2, init));
        var summary = Summary.of(model, new Spec(Shape.of(5, 3), DType.INT32));
        assertEquals(50 * 8 + 24 * 2 + 2, summary.parameters());
        assertEquals("[5, 3, 8]", summary.rows().get(1).output().toString());
        assertEquals(2 * 5 * 24 * 2 + 5 * 2, summary.operations());
    }
}
