package adjoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.kernel.Recurrence.Cell;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A row for each differentiable operation: its gradient and its gradient's gradient against finite differences in float64.
class OpsTest {
    private static final RandomKey KEY = RandomKey.of(42);

    private record Row(String name, Function<List<Tensor>, Tensor> f, Tensor... inputs) {}

    private final List<Row> rows = new ArrayList<>();

    private static Tensor any(int stream, int... dims) {
        return Tensor.normal(KEY.fold(stream), dims);
    }

    private static Tensor between(double low, double high, int... dims) {
        return Tensor.uniform(KEY.fold(99), dims).mul(high - low).add(low);
    }

    // Away from the kinks at whole numbers, both signs.
    private static Tensor offKink(int stream, int... dims) {
        Tensor x = any(stream, dims);
        return Tensor.where(x.gt(0), x.add(0.05), x.sub(0.05));
    }

    // All elements far from each other: finite differences must not change which one is the largest.
    private static Tensor apart(int stream, int... dims) {
        Tensor order = any(stream, (int) Shape.of(dims).size()).argsort(0, false);
        return order.to(DType.FLOAT32).mul(0.05).sub(1).reshape(dims);
    }

    private void unary(String name, Function<Tensor, Tensor> f, Tensor x) {
        rows.add(new Row(name, in -> f.apply(in.get(0)), x));
    }

    private void binary(String name, Function<List<Tensor>, Tensor> f, Tensor x, Tensor y) {
        rows.add(new Row(name, f, x, y));
    }

    @TestFactory
    List<DynamicTest> gradients() {
        Tensor x = any(1, 3, 4);
        Tensor positive = between(0.3, 2, 3, 4);
        Tensor inside = between(-0.7, 0.7, 3, 4);
        Tensor kinked = offKink(2, 3, 4);
        unary("neg", Tensor::neg, x);
        unary("abs", Tensor::abs, kinked);
        unary("reciprocal", Tensor::reciprocal, positive);
        unary("sqrt", Tensor::sqrt, positive);
        unary("rsqrt", Tensor::rsqrt, positive);
        unary("exp", Tensor::exp, x);
        unary("expm1", Tensor::expm1, x);
        unary("log", Tensor::log, positive);
        unary("log1p", Tensor::log1p, positive);
        unary("sin", Tensor::sin, x);
        unary("cos", Tensor::cos, x);
        unary("tan", Tensor::tan, inside);
        unary("asin", Tensor::asin, inside);
        unary("acos", Tensor::acos, inside);
        unary("atan", Tensor::atan, x);
        unary("sinh", Tensor::sinh, x);
        unary("cosh", Tensor::cosh, x);
        unary("tanh", Tensor::tanh, x);
        unary("sigmoid", Tensor::sigmoid, x);
        unary("softplus", Tensor::softplus, x);
        unary("erf", Tensor::erf, x);
        unary("relu", Tensor::relu, kinked);
        unary("relu6", Tensor::relu6, kinked);
        unary("leaky relu", t -> t.leakyRelu(0.1), kinked);
        unary("elu", t -> t.elu(1.0), kinked);
        unary("selu", Tensor::selu, kinked);
        unary("gelu", Tensor::gelu, x);
        unary("gelu tanh", Tensor::geluTanh, x);
        unary("silu", Tensor::silu, x);
        unary("mish", Tensor::mish, x);
        unary("softsign", Tensor::softsign, kinked);
        unary("clip", t -> t.clip(-5, 5).mul(t), x);
        unary("pow 3", t -> t.pow(3), x);
        unary("pow 1.7", t -> t.pow(1.7), positive);
        unary("pow of a negative", t -> t.pow(Tensor.full(t.type(), 4)), x);
        binary("add", in -> in.get(0).add(in.get(1)), x, any(3, 4));
        binary("sub", in -> in.get(0).sub(in.get(1)), any(3, 3, 1), x);
        binary("mul", in -> in.get(0).mul(in.get(1)), x, any(4));
        binary("mul broadcast", in -> in.get(0).mul(in.get(1)), any(4, 2, 1, 4), any(5, 3, 1));
        binary("div", in -> in.get(0).div(in.get(1)), x, positive);
        binary("pow", in -> in.get(0).pow(in.get(1)), positive, x);
        binary("minimum", in -> in.get(0).minimum(in.get(1)), x, any(6, 3, 4));
        binary("maximum", in -> in.get(0).maximum(in.get(1)), x, any(6, 3, 4));
        binary("where", in -> Tensor.where(in.get(0).gt(0), in.get(0), in.get(1)), kinked, any(6, 4));
        unary("masked fill", t -> t.maskedFill(t.gt(0), 3), kinked);

        unary("sum", t -> t.sum(), x);
        unary("sum axis", t -> t.sum(0).square(), x);
        unary("mean", t -> t.mean(-1).square(), x);
        unary("max", t -> t.max(1), x);
        unary("min", t -> t.min(0), x);
        unary("max of all", t -> t.max(), x);
        unary("variance", t -> t.variance(1), x);
        unary("sample variance", t -> t.sampleVariance(0), x);
        unary("std", t -> t.std(), x);
        unary("prod", t -> t.prod(1), x);
        unary("prod with zero", t -> t.prod(0), Tensor.of(new float[] {0, 2, 3, -1, 4, 0, 5, 0, 0}, 3, 3));
        unary("normalize rows", t -> t.normalize(1e-3, -1), x);
        unary("normalize columns", t -> t.normalize(1e-3, 0), any(8, 6, 3)); // of few numbers, some are nearly equal
        unary("normalize groups", t -> t.normalize(1e-3, 1, 3), any(7, 2, 3, 2, 2));
        unary("moments", t -> t.moments(0).variance().add(t.moments(0).mean()), x);
        unary("logsumexp", t -> t.logSumExp(1), x);
        unary("softmax", t -> t.softmax(-1), x);
        unary("log softmax", t -> t.logSoftmax(0), x);
        unary("norm", t -> t.norm(1), x);
        unary("norm 3", t -> t.pNorm(3, 0), kinked);
        unary("cumsum", t -> t.cumsum(1).square(), x);

        unary("reshape", t -> t.reshape(2, -1).square(), x);
        unary("permute", t -> t.permute(1, 0).square(), x);
        unary("expand", t -> t.unsqueeze(1).expand(3, 5, 4).square(), x);
        unary("slice", t -> t.slice(1, 0, 4, 2).square(), x);
        unary("slice backwards", t -> t.slice(0, -1, 0, -1).square(), x);
        unary("pad", t -> t.pad(1, 2, 1).square(), x);
        unary("pad value", t -> t.pad(new int[] {1, 0}, new int[] {0, 1}, 2).square(), x);
        unary("flip", t -> t.flip(0, 1).mul(t), x);
        unary("roll", t -> t.roll(1, 1).mul(t), x);
        unary("repeat", t -> t.repeat(2, 3).square(), x);
        unary("repeat interleave", t -> t.repeatInterleave(0, 2).square(), x);
        binary("concat", in -> Tensor.concat(1, in.get(0), in.get(1), in.get(0)).square(), x, any(7, 3, 2));
        binary("stack", in -> Tensor.stack(1, in.get(0), in.get(1)).square(), x, any(7, 3, 4));
        unary("split", t -> t.split(1, 1, 3)[1].mul(t.select(1, 0).unsqueeze(1)), x);

        Tensor index = Tensor.of(new int[] {2, 0, 2, 1, 0, 0}, 2, 3);
        unary("gather", t -> t.gather(0, index).square(), x);
        unary("gather axis 1", t -> t.gather(1, index).square(), x);
        binary("scatter add", in -> in.get(0).scatterAdd(0, index, in.get(1)).square(), x, any(8, 2, 3, 4));
        Tensor along = Tensor.of(new long[] {0, 3, 3, 1, 2, 2}, 3, 2);
        unary("take along axis", t -> t.takeAlongAxis(1, along).square(), x);
        unary("sort", t -> t.sort(1).square(), x);
        unary("top k", t -> t.topK(0, 2).values().square(), x);

        binary("matmul", in -> in.get(0).matmul(in.get(1)).square(), x, any(9, 4, 5));
        binary("matmul batched", in -> in.get(0).matmul(in.get(1)).square(), any(9, 2, 3, 4), any(10, 2, 4, 5));
        binary("matmul broadcast", in -> in.get(0).matmul(in.get(1)).square(), any(9, 2, 1, 3, 4), any(10, 3, 4, 2));
        binary("matmul by one", in -> in.get(0).matmul(in.get(1)).square(), any(9, 2, 3, 4), any(10, 4, 2));
        binary("matmul vectors", in -> in.get(0).matmul(in.get(1)).square(), any(9, 4), any(10, 4));
        binary("matmul transposed", in -> in.get(0).t().matmul(in.get(1).t()).square(), x, any(9, 5, 3));
        binary(
                "attention",
                in -> in.get(0).attention(in.get(1), in.get(1), AttentionOptions.standard().causal()),
                any(9, 1, 4, 3, 2),
                any(10, 1, 2, 5, 2));
        binary("dot", in -> in.get(0).dot(in.get(1)).square(), any(9, 4), any(10, 4));
        binary("outer", in -> in.get(0).outer(in.get(1)).square(), any(9, 4), any(10, 3));
        binary(
                "einsum",
                in -> Tensor.einsum("bij,kj->ikb", in.get(0), in.get(1)).square(),
                any(9, 2, 3, 4),
                any(10, 5, 4));
        unary("einsum trace", t -> Tensor.einsum("ii->", t).square(), any(9, 4, 4));
        convolutions();
        unary("chain", t -> t.t().relu().reshape(6, 2).softmax(0).log(), offKink(3, 3, 4));

        recurrences();

        return rows.stream().map(row -> DynamicTest.dynamicTest(row.name, () -> check(row))).toList();
    }

    private void conv(String name, Conv conv, Tensor x, Tensor kernel) {
        binary(name, in -> in.get(0).conv(in.get(1), conv).square(), x, kernel);
    }

    private void convolutions() {
        Tensor image = any(20, 2, 5, 6, 4);
        Tensor kernel = any(21, 3, 2, 4, 3);
        conv("conv", new Conv(), image, kernel);
        conv("conv same", new Conv().padding(Padding.SAME), image, kernel);
        conv("conv stride", new Conv().stride(2, 3).padding(1), image, kernel);
        conv("conv same stride", new Conv().stride(2).padding(Padding.SAME), image, kernel);
        conv("conv dilation", new Conv().dilation(2, 3).padding(2), image, kernel);
        Padding uneven = Padding.of(new int[] {2, 0}, new int[] {0, 3});
        conv("conv uneven", new Conv().padding(uneven).stride(1, 2), image, kernel);
        conv("conv groups", new Conv().groups(2), image, any(22, 2, 3, 2, 6));
        conv("conv depthwise", new Conv().groups(4).padding(1).stride(2), image, any(23, 3, 3, 1, 8));
        conv("conv 1x1 stride", new Conv().stride(2), image, any(24, 1, 1, 4, 3));
        conv("conv 1-D", new Conv().stride(2).padding(1), any(25, 3, 7, 2), any(26, 3, 2, 4));
        conv("conv 3-D", new Conv().stride(2, 1, 1).padding(1, 0, 0), any(27, 1, 3, 4, 3, 2), any(28, 2, 2, 3, 2, 2));
        Tensor small = any(29, 2, 3, 4, 3);
        binary(
                "conv transpose",
                in -> in.get(0).convTranspose(in.get(1), new Conv().stride(2).padding(1), 1, 0).square(),
                small,
                any(30, 3, 3, 2, 3));
        binary(
                "conv transpose same",
                in -> in.get(0).convTranspose(in.get(1), new Conv().stride(2).padding(Padding.SAME)).square(),
                small,
                kernel);
        binary(
                "conv transpose groups",
                in -> in.get(0).convTranspose(in.get(1), new Conv().groups(3).dilation(2)).square(),
                small,
                any(31, 2, 2, 2, 3));
        Tensor ranks = apart(20, 2, 5, 6, 4);
        unary("max pool", t -> t.maxPool(Window.of(2)).square(), ranks);
        Window wide = Window.of(3, 2).stride(1, 2).padding(1);
        unary("max pool overlapping", t -> t.maxPool(wide).square(), ranks);
        unary("max pool same", t -> t.maxPool(Window.of(3).stride(2).padding(Padding.SAME)).square(), ranks);
        unary("max pool dilated", t -> t.maxPool(Window.of(2).stride(1).dilation(2, 3)).square(), ranks);
        unary("max pool 1-D", t -> t.maxPool(Window.of(3).stride(2)).square(), apart(25, 3, 7, 2));
        unary("average pool", t -> t.averagePool(Window.of(2)).square(), image);
        unary("average pool overlapping", t -> t.averagePool(wide).square(), image);
        unary("average pool with padding", t -> t.averagePool(wide, true).square(), image);
        unary("average pool 3-D", t -> t.averagePool(Window.of(2).stride(1)).square(), any(27, 1, 3, 4, 3, 2));
        unary("adaptive max pool", t -> t.adaptiveMaxPool(2, 4).square(), ranks);
        unary("adaptive average pool", t -> t.adaptiveAveragePool(3, 4).square(), image);
        unary("adaptive average pool, whole", t -> t.adaptiveAveragePool(1, 3).square(), image);
    }

    // With and without lengths (one of 0, one of all), and of h alone, whose cotangent comes without those of c.
    private void recurrences() {
        Tensor lengths = Tensor.of(new int[] {3, 0, 2}, 3);
        for (Cell cell : Cell.values()) {
            int g = cell.gates();
            int s = cell.states();
            boolean bias = cell == Cell.GRU;
            Tensor[] all = {offKink(20, 3, 3, 2 * g), any(21, 3, 2 * s), any(22, 2, 2 * g).mul(0.5), any(23, 2)};
            Tensor[] inputs = bias ? all : Arrays.copyOf(all, 3);
            for (int k = 0; k < 4; k++) {
                var given = k % 2 == 0 ? Optional.<Tensor>empty() : Optional.of(lengths);
                int columns = k < 2 ? 2 * s : 2;
                Function<List<Tensor>, Tensor> f =
                        in ->
                                Recurrent.states(
                                                cell,
                                                in.get(0),
                                                in.get(1),
                                                in.get(2),
                                                bias ? Optional.of(in.get(3)) : Optional.empty(),
                                                given)
                                        .slice(2, 0, columns);
                rows.add(new Row(cell + (k % 2 == 0 ? "" : " lengths") + (k < 2 ? "" : " h"), f, inputs));
            }
            Tensor same = any(24, 2, 2, 2);
            if (g == 1) { // cotangent and input are one tensor
                unary(
                        cell + " by itself",
                        t -> Recurrent.states(cell, t, t.get(0), t.get(1), Optional.empty(), Optional.empty()).mul(t),
                        same);
            }
        }
    }

    private static void check(Row row) {
        GradientCheck.Result result = GradientCheck.of(row.f, row.inputs);
        assertThat(result.firstOrder()).as("first order").isLessThan(1e-7);
        assertThat(result.secondOrder()).as("second order").isLessThan(1e-6);
    }
}
