package adjoint.cli;

import adjoint.kernel.DType;
import adjoint.kernel.Recurrence.Cell;
import adjoint.tensor.AttentionOptions;
import adjoint.tensor.Conv;
import adjoint.tensor.Padding;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Recurrent;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;
import adjoint.tensor.Window;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/// A row for each differentiable operation of [Tensor].
final class OpChecks {
    private static final int[][] SHAPES = {{3, 4}, {7}, {2, 3, 2}};

    private final List<Checks.Row> rows = new ArrayList<>();

    private OpChecks() {}

    static List<Checks.Row> rows() {
        var checks = new OpChecks();
        checks.elementwise();
        checks.pairs();
        checks.reductions();
        checks.movement();
        checks.indexing();
        checks.products();
        checks.convolutions();
        checks.pooling();
        checks.recurrences();
        return checks.rows;
    }

    /// Numbers of both signs, away from 0, where most kinks are.
    static Tensor offKink(int stream, int... dims) {
        Tensor x = Checks.normal(stream, dims);
        return Checks.settled(Tensor.where(x.gt(0), x.add(0.05), x.sub(0.05)));
    }

    private static Tensor between(double low, double high, int... dims) {
        return Checks.settled(Checks.normal(5, dims).sigmoid().mul(high - low).add(low));
    }

    private static Tensor any(int... dims) {
        return Checks.normal(3, dims);
    }

    private static Tensor positive(int... dims) {
        return between(0.3, 2, dims);
    }

    private static Tensor inside(int... dims) {
        return between(-0.7, 0.7, dims);
    }

    // All elements far from each other, so that the largest stays the largest.
    static Tensor apart(int... dims) {
        Tensor order = any((int) Shape.of(dims).size()).argsort(0, false);
        return Checks.settled(order.to(DType.FLOAT64).mul(0.05).sub(1).reshape(dims));
    }

    private static Tensor kinked(int... dims) {
        return offKink(4, dims);
    }

    @FunctionalInterface
    private interface Domain {
        Tensor of(int... dims);
    }

    private void unary(String name, UnaryOperator<Tensor> f, Domain domain, int[]... shapes) {
        int[][] tried = shapes.length == 0 ? SHAPES : shapes;
        rows.add(
                Checks.of(
                        "op",
                        name,
                        in -> f.apply(in.getFirst()),
                        Arrays.stream(tried).map(s -> List.of(domain.of(s))).toList()));
    }

    private void binary(String name, Function<List<Tensor>, Tensor> f, IntFunction<List<Tensor>> inputs, int trials) {
        List<List<Tensor>> all = new ArrayList<>();
        for (int i = 0; i < trials; i++) {
            all.add(inputs.apply(i));
        }
        rows.add(Checks.of("op", name, f, all));
    }

    // With each of the usual ways of broadcasting.
    private void pair(String name, Function<List<Tensor>, Tensor> f, Domain left, Domain right) {
        int[][][] shapes = {{{3, 4}, {3, 4}}, {{3, 4}, {4}}, {{3, 1}, {3, 4}}, {{2, 1, 4}, {3, 1}}};
        binary(name, f, i -> List.of(left.of(shapes[i][0]), right.of(shapes[i][1])), shapes.length);
    }

    private static Tensor other(int... dims) {
        return Checks.normal(6, dims);
    }

    private void elementwise() {
        unary("neg", Tensor::neg, OpChecks::any);
        unary("abs", Tensor::abs, OpChecks::kinked);
        unary("square", Tensor::square, OpChecks::any);
        unary("reciprocal", Tensor::reciprocal, OpChecks::positive);
        unary("sqrt", Tensor::sqrt, OpChecks::positive);
        unary("rsqrt", Tensor::rsqrt, OpChecks::positive);
        unary("exp", Tensor::exp, OpChecks::any);
        unary("expm1", Tensor::expm1, OpChecks::any);
        unary("log", Tensor::log, OpChecks::positive);
        unary("log1p", Tensor::log1p, OpChecks::positive);
        unary("sin", Tensor::sin, OpChecks::any);
        unary("cos", Tensor::cos, OpChecks::any);
        unary("tan", Tensor::tan, OpChecks::inside);
        unary("asin", Tensor::asin, OpChecks::inside);
        unary("acos", Tensor::acos, OpChecks::inside);
        unary("atan", Tensor::atan, OpChecks::any);
        unary("sinh", Tensor::sinh, OpChecks::any);
        unary("cosh", Tensor::cosh, OpChecks::any);
        unary("tanh", Tensor::tanh, OpChecks::any);
        unary("sigmoid", Tensor::sigmoid, OpChecks::any);
        unary("softplus", Tensor::softplus, OpChecks::any);
        unary("erf", Tensor::erf, OpChecks::any);
        unary("relu", Tensor::relu, OpChecks::kinked);
        unary("relu6", Tensor::relu6, OpChecks::kinked);
        unary("leaky relu", t -> t.leakyRelu(0.1), OpChecks::kinked);
        unary("elu", t -> t.elu(1), OpChecks::kinked);
        unary("selu", Tensor::selu, OpChecks::kinked);
        unary("gelu", Tensor::gelu, OpChecks::any);
        unary("gelu tanh", Tensor::geluTanh, OpChecks::any);
        unary("silu", Tensor::silu, OpChecks::any);
        unary("mish", Tensor::mish, OpChecks::any);
        unary("softsign", Tensor::softsign, OpChecks::kinked);
        unary("clip", t -> t.clip(-8, 8).mul(t), OpChecks::any);
        unary("pow 3", t -> t.pow(3), OpChecks::any);
        unary("pow 1.7", t -> t.pow(1.7), OpChecks::positive);
        unary("pow 4 of a negative", t -> t.pow(Tensor.full(t.type(), 4)), OpChecks::any);
        unary("masked fill", t -> t.maskedFill(t.gt(0), 3).square(), OpChecks::kinked);
        unary("cast", t -> t.to(DType.FLOAT64).square(), OpChecks::any);
    }

    private void pairs() {
        pair("add", in -> in.get(0).add(in.get(1)).square(), OpChecks::any, OpChecks::other);
        pair("sub", in -> in.get(0).sub(in.get(1)).square(), OpChecks::any, OpChecks::other);
        pair("mul", in -> in.get(0).mul(in.get(1)), OpChecks::any, OpChecks::other);
        pair("div", in -> in.get(0).div(in.get(1)), OpChecks::any, OpChecks::positive);
        pair("pow", in -> in.get(0).pow(in.get(1)), OpChecks::positive, OpChecks::other);
        pair("minimum", in -> in.get(0).minimum(in.get(1)).square(), OpChecks::any, OpChecks::other);
        pair("maximum", in -> in.get(0).maximum(in.get(1)).square(), OpChecks::any, OpChecks::other);
        pair(
                "where",
                in -> Tensor.where(in.get(0).gt(0), in.get(0), in.get(1)).square(),
                OpChecks::kinked,
                OpChecks::other);
    }

    private void reductions() {
        unary("sum", t -> t.sum().square(), OpChecks::any);
        unary("sum of an axis", t -> t.sum(0).square(), OpChecks::any);
        unary("mean", t -> t.mean(-1).square(), OpChecks::any);
        unary("max", t -> t.max(-1).square(), OpChecks::any);
        unary("min", t -> t.min(0).square(), OpChecks::any);
        unary("variance", t -> t.variance(-1), OpChecks::any);
        unary("sample variance", t -> t.sampleVariance(0), OpChecks::any);
        unary("std", t -> t.std(), OpChecks::any);
        unary("prod", t -> t.prod(-1), OpChecks::any);
        unary("normalize", t -> t.normalize(1e-3, -1), OpChecks::any);
        unary("normalize columns", t -> t.normalize(1e-3, 0), OpChecks::any, new int[] {5, 3}, new int[] {3, 2, 2});
        unary("logsumexp", t -> t.logSumExp(-1), OpChecks::any);
        unary("softmax", t -> t.softmax(-1), OpChecks::any);
        unary("log softmax", t -> t.logSoftmax(0), OpChecks::any);
        unary("norm", t -> t.norm(-1), OpChecks::any);
        unary("p-norm", t -> t.pNorm(3, 0), OpChecks::kinked);
        unary("cumsum", t -> t.cumsum(-1).square(), OpChecks::any);
    }

    private void movement() {
        unary("reshape", t -> t.reshape(2, -1).square(), OpChecks::any, new int[] {3, 4}, new int[] {2, 3, 2});
        unary("flatten", t -> t.flatten(0).square(), OpChecks::any);
        unary("permute", t -> t.permute(1, 0, 2).square(), OpChecks::any, new int[] {2, 3, 4}, new int[] {4, 1, 3});
        unary("transpose", t -> t.transpose(0, -1).square(), OpChecks::any);
        unary("expand", t -> t.unsqueeze(0).expand(5, 3, 4).square(), OpChecks::any, new int[] {3, 4}, new int[] {4});
        unary("squeeze", t -> t.squeeze(1).square(), OpChecks::any, new int[] {3, 1}, new int[] {2, 1, 2});
        unary("slice", t -> t.slice(-1, 0, 2).square(), OpChecks::any);
        unary("slice with steps", t -> t.slice(0, 0, 3, 2).square(), OpChecks::any, new int[] {3, 4}, new int[] {7});
        unary("slice backwards", t -> t.slice(0, -1, 0, -1).square(), OpChecks::any);
        unary("select", t -> t.select(0, 1).square(), OpChecks::any);
        unary("pad", t -> t.pad(0, 2, 1).square(), OpChecks::any);
        unary("flip", t -> t.flip(0).mul(t), OpChecks::any);
        unary("roll", t -> t.roll(0, 1).mul(t), OpChecks::any);
        unary("repeat", t -> t.repeat(2, 3).square(), OpChecks::any, new int[] {3, 4}, new int[] {1, 2});
        unary("repeat interleave", t -> t.repeatInterleave(0, 2).square(), OpChecks::any);
        unary("split", t -> t.split(0, 1, 2)[1].square(), OpChecks::any, new int[] {3, 4}, new int[] {3});
        binary(
                "concat",
                in -> Tensor.concat(0, in.get(0), in.get(1), in.get(0)).square(),
                i -> List.of(any(3, 4), other(2 + i, 4)),
                2);
        binary("stack", in -> Tensor.stack(1, in.get(0), in.get(1)).square(), i -> List.of(any(3, 4), other(3, 4)), 1);
    }

    private void indexing() {
        Tensor index = Tensor.of(new int[] {2, 0, 2, 1, 0, 0}, 2, 3);
        unary("gather", t -> t.gather(0, index).square(), OpChecks::any, new int[] {3, 4}, new int[] {3});
        binary(
                "scatter add",
                in -> in.get(0).scatterAdd(0, index, in.get(1)).square(),
                i -> List.of(any(3, 4), other(2, 3, 4)),
                1);
        Tensor along = Tensor.of(new long[] {0, 3, 3, 1, 2, 2}, 3, 2);
        unary("take along axis", t -> t.takeAlongAxis(1, along).square(), OpChecks::any, new int[] {3, 4});
        unary("sort", t -> t.sort(-1).square(), OpChecks::any);
        unary("top k", t -> t.topK(0, 2).values().square(), OpChecks::any);
    }

    // Values are a tensor of the keys' shape.
    private void attention(String name, AttentionOptions options, int[][][] heads) {
        binary(
                name,
                in -> in.get(0).attention(in.get(1), in.get(2), options),
                i -> List.of(any(heads[i][0]), other(heads[i][1]), Checks.normal(8, heads[i][1])),
                heads.length);
    }

    private void products() {
        int[][][] shapes = {
            {{3, 4}, {4, 5}}, {{2, 3, 4}, {2, 4, 5}}, {{2, 1, 3, 4}, {3, 4, 2}}, {{2, 3, 4}, {4, 2}}, {{4}, {4}}
        };
        binary(
                "matmul",
                in -> in.get(0).matmul(in.get(1)).square(),
                i -> List.of(any(shapes[i][0]), other(shapes[i][1])),
                shapes.length);
        binary(
                "matmul transposed",
                in -> in.get(0).t().matmul(in.get(1).t()).square(),
                i -> List.of(any(3, 4), other(5, 3)),
                1);
        int[][][] heads = {{{2, 2, 3, 4}, {2, 2, 3, 4}}, {{1, 4, 2, 3}, {1, 2, 5, 3}}};
        RandomKey key = RandomKey.of(3);
        attention("attention", AttentionOptions.standard(), heads);
        attention("attention causal", AttentionOptions.standard().causal(), heads);
        attention("attention dropout", AttentionOptions.standard().dropout(0.3, key), heads);
        binary("dot", in -> in.get(0).dot(in.get(1)).square(), i -> List.of(any(4), other(4)), 1);
        binary("outer", in -> in.get(0).outer(in.get(1)).square(), i -> List.of(any(4), other(3)), 1);
        binary(
                "einsum",
                in -> Tensor.einsum("bij,kj->ikb", in.get(0), in.get(1)).square(),
                i -> List.of(any(2, 3, 4), other(5, 4)),
                1);
        unary("einsum trace", t -> Tensor.einsum("ii->", t).square(), OpChecks::any, new int[] {4, 4});
    }

    private void conv(String name, Conv conv, int[] x, int... kernel) {
        binary(name, in -> in.get(0).conv(in.get(1), conv).square(), i -> List.of(any(x), other(kernel)), 1);
    }

    private void convolutions() {
        int[] image = {2, 5, 6, 4};
        conv("conv", new Conv(), image, 3, 2, 4, 3);
        conv("conv, same", new Conv().padding(Padding.SAME).stride(2), image, 3, 2, 4, 3);
        conv("conv, strides", new Conv().padding(1).stride(2, 3), image, 3, 2, 4, 3);
        conv("conv, dilated", new Conv().padding(2).dilation(2, 3), image, 3, 2, 4, 3);
        conv("conv, groups", new Conv().groups(2), image, 2, 3, 2, 6);
        conv("conv, depthwise", new Conv().groups(4).padding(1), image, 3, 3, 1, 8);
        conv("conv, one axis", new Conv().stride(2).padding(1), new int[] {3, 7, 2}, 3, 2, 4);
        conv("conv, three axes", new Conv(), new int[] {1, 3, 4, 3, 2}, 2, 2, 3, 2, 2);
        binary(
                "conv transpose",
                in -> in.get(0).convTranspose(in.get(1), new Conv().stride(2).padding(1), 1, 0).square(),
                i -> List.of(any(2, 3, 4, 3), other(3, 3, 2, 3)),
                1);
    }

    private void pooling() {
        int[] image = {2, 5, 6, 4};
        Window wide = Window.of(3, 2).stride(1, 2).padding(1);
        unary("max pool", t -> t.maxPool(Window.of(2)).square(), OpChecks::apart, image);
        unary("max pool, overlapping", t -> t.maxPool(wide).square(), OpChecks::apart, image);
        unary("average pool", t -> t.averagePool(Window.of(2)).square(), OpChecks::any, image);
        unary("average pool, overlapping", t -> t.averagePool(wide).square(), OpChecks::any, image);
        unary("average pool, padding", t -> t.averagePool(wide, true).square(), OpChecks::any, image);
        unary("adaptive max pool", t -> t.adaptiveMaxPool(2, 4).square(), OpChecks::apart, image);
        unary("adaptive avg. pool", t -> t.adaptiveAveragePool(3, 4).square(), OpChecks::any, image);
    }

    private void recurrences() {
        for (Cell cell : Cell.values()) {
            List<List<Tensor>> trials = new ArrayList<>();
            for (int steps : new int[] {1, 4}) {
                var inputs =
                        new ArrayList<>(
                                List.of(
                                        any(3, steps, 2 * cell.gates()),
                                        other(3, 2 * cell.states()),
                                        inside(2, 2 * cell.gates())));
                if (cell == Cell.GRU) {
                    inputs.add(any(2));
                }
                trials.add(inputs);
            }
            Tensor lengths = Tensor.of(new int[] {1, 0, 1}, 3);
            for (Optional<Tensor> given : List.of(Optional.<Tensor>empty(), Optional.of(lengths))) {
                rows.add(
                        Checks.of(
                                "op",
                                cell.name().toLowerCase(Locale.ROOT) + (given.isPresent() ? ", lengths" : ""),
                                in ->
                                        Recurrent.states(
                                                cell,
                                                in.get(0),
                                                in.get(1),
                                                in.get(2),
                                                in.size() > 3 ? Optional.of(in.get(3)) : Optional.empty(),
                                                given),
                                trials));
            }
        }
    }
}
