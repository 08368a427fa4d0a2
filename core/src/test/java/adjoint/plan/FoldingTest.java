package adjoint.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Convolution.Operand;
import adjoint.kernel.Step.Distribution;
import adjoint.nn.BatchNorm;
import adjoint.nn.Pass;
import adjoint.tensor.Binary;
import adjoint.tensor.Conv;
import adjoint.tensor.Convolution;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.MatMul;
import adjoint.tensor.Padding;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/// Factors of channels go into kernels where they may, nowhere else, and change no more than rounding.
class FoldingTest {
    private final Engine engine = new Engine(2);
    private int stream;

    private Tensor data(DType type, int... dims) {
        Tensor t = Tensor.random(Distribution.NORMAL, RandomKey.of(++stream), DType.FLOAT64, dims).to(type);
        engine.evaluate(t);
        return t;
    }

    private Tensor data(int... dims) {
        return data(DType.FLOAT64, dims);
    }

    // Positive, away from 0.
    private Tensor positive(DType type, int... dims) {
        Tensor t = data(type, dims).square().add(Tensor.full(type, 0.2));
        engine.evaluate(t);
        return t;
    }

    private BatchNorm norm(DType type, int c) {
        return new BatchNorm(
                Parameter.of(data(type, c)),
                Parameter.of(data(type, c)),
                Parameter.state(data(type, c)),
                Parameter.state(positive(type, c)),
                0.1,
                1e-5);
    }

    /// Something that ends in a convolution or product, and what it reads.
    private enum Kind {
        PLAIN {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 4, 9, 8, 3).conv(t.data(type, 3, 3, 3, 6), new Conv());
            }
        },
        STRIDED {
            @Override
            Tensor of(FoldingTest t, DType type) {
                Conv conv = new Conv().stride(2, 1).dilation(1, 2).padding(Padding.SAME);
                return t.data(type, 4, 9, 8, 3).conv(t.data(type, 3, 2, 3, 5), conv);
            }
        },
        LINE {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 4, 19, 3).conv(t.data(type, 3, 3, 6), new Conv());
            }
        },
        GROUPS {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 4, 9, 8, 4).conv(t.data(type, 3, 3, 2, 6), new Conv().groups(2));
            }
        },
        DEPTHWISE {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 4, 9, 8, 5).conv(t.data(type, 3, 3, 1, 10), new Conv().groups(5));
            }
        },
        ONE_CHANNEL {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 4, 9, 8, 5).conv(t.data(type, 3, 3, 5, 1), new Conv());
            }
        },
        TRANSPOSED {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 4, 5, 6, 4).convTranspose(t.data(type, 3, 3, 7, 4), new Conv().stride(2));
            }
        },
        TRANSPOSED_GROUPS {
            @Override
            Tensor of(FoldingTest t, DType type) {
                Conv conv = new Conv().stride(2).groups(2);
                return t.data(type, 4, 5, 6, 6).convTranspose(t.data(type, 3, 3, 4, 6), conv);
            }
        },
        PRODUCT {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 18, 4).matmul(t.data(type, 7, 4).t());
            }
        },
        PRODUCT_OF_THREE_AXES {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 2, 9, 4).matmul(t.data(type, 4, 7));
            }
        },
        PRODUCTS {
            @Override
            Tensor of(FoldingTest t, DType type) {
                return t.data(type, 2, 9, 4).matmul(t.data(type, 2, 4, 7));
            }
        };

        abstract Tensor of(FoldingTest test, DType type);
    }

    // Convolutions and products of what would be computed, and how many of them have their factor inside.
    private static String kernels(List<Tensor> wanted, List<Update> updates) {
        int all = 0;
        int folded = 0;
        for (Node node : Graph.of(Recording.of(wanted, updates)).ordered()) {
            int at = node.op instanceof Convolution c && c.target() == Operand.X ? 0 : 1;
            if (node.op instanceof MatMul || node.op instanceof Convolution c && c.target() != Operand.W) {
                Node w = node.input(at);
                w = Layout.isView(w) ? w.input(0) : w;
                all++;
                folded += w.op == Binary.MUL ? 1 : 0;
            }
        }
        return folded + " of " + all;
    }

    private static String kernels(Tensor... wanted) {
        return kernels(List.of(wanted), List.of());
    }

    // The value of a function of y, planned with y, and with y computed before, so that nothing can be folded into it.
    private void assertSame(Tensor y, UnaryOperator<Tensor> rest, String kernels, double tolerance) {
        Tensor whole = rest.apply(y);
        assertThat(kernels(whole)).isEqualTo(kernels);
        engine.evaluate(whole);
        engine.evaluate(y);
        double[] actual = whole.toDoubles();
        double[] expected = rest.apply(y).toDoubles();
        double largest = 1;
        for (double v : expected) {
            largest = Math.max(largest, Math.abs(v));
        }
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], within(tolerance * largest));
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void normsOfAllKindsFold(Kind kind) {
        for (DType type : List.of(DType.FLOAT64, DType.FLOAT32)) {
            double tolerance = type == DType.FLOAT64 ? 1e-14 : 1e-6;
            Tensor y = kind.of(this, type);
            int c = y.dim(-1);
            BatchNorm norm = norm(type, c);
            Tensor bias = data(type, c);
            assertSame(y, t -> norm.apply(t, Pass.inference()).relu(), "1 of 1", tolerance);
            Tensor z = kind.of(this, type);
            assertSame(z, t -> norm.apply(t.add(bias), Pass.inference()), "1 of 1", tolerance);
        }
    }

    @Test
    void whatIsLeftIsAnAddition() {
        BatchNorm norm = norm(DType.FLOAT64, 6);
        Tensor bias = data(6);
        Tensor y = norm.apply(Kind.PLAIN.of(this, DType.FLOAT64).add(bias), Pass.inference()).relu();
        String plan = engine.plan(List.of(y), List.of()).describe();
        assertThat(plan.lines().filter(l -> l.contains("relu")).toList())
                .as(plan)
                .singleElement()
                .asString()
                .containsPattern("\\d +add relu  ");
    }

    @Test
    void factorsFoldThroughViewsAndFromBothSides() {
        Tensor s = positive(DType.FLOAT64, 6);
        Tensor b = data(6);
        Tensor column = data(6, 1);
        for (UnaryOperator<Tensor> rest :
                List.<UnaryOperator<Tensor>>of(
                        t -> t.mul(s.reshape(1, 1, 1, 6).expand(4, 7, 6, 6)),
                        t -> s.expand(7, 1, 6).mul(t),
                        t -> t.mul(column.transpose(0, 1)),
                        t -> t.mul(s.flip(0)),
                        t -> b.unsqueeze(0).expand(6, 6).add(t).mul(s).sub(b.expand(4, 7, 6, 6)),
                        t -> t.sub(b).sub(b.square()).mul(s).add(b).mul(b).sub(s))) {
            assertSame(Kind.PLAIN.of(this, DType.FLOAT64), rest, "1 of 1", 1e-14);
        }
    }

    @Test
    void otherFactorsStayWhereTheyAre() {
        Tensor s = positive(DType.FLOAT64, 6);
        Tensor rows = positive(DType.FLOAT64, 6, 1);
        Tensor images = positive(DType.FLOAT64, 4, 1, 1, 1);
        Tensor points = positive(DType.FLOAT64, 7, 6, 6);
        for (UnaryOperator<Tensor> rest :
                List.<UnaryOperator<Tensor>>of(
                        t -> t.mul(rows),
                        t -> t.mul(rows.expand(6, 6)),
                        t -> t.mul(images),
                        t -> t.mul(points),
                        t -> t.mul(0.3),
                        t -> t.mul(Tensor.scalar(DType.FLOAT64, 0.3).expand(6)),
                        t -> t.mul(s.unsqueeze(0).unsqueeze(0).unsqueeze(0).unsqueeze(0)),
                        t -> s.sub(t).mul(s),
                        t -> t.relu().mul(s),
                        t -> t.mul(s).add(t),
                        t -> t.add(s).square().add(t.add(s).mul(s)),
                        t -> t.mul(t.mean(0, 1, 2)),
                        t -> t.sub(t.mean(0, 1, 2)).mul(s))) {
            assertSame(Kind.PLAIN.of(this, DType.FLOAT64), rest, "0 of 1", 1e-14);
        }
        assertSame(Kind.ONE_CHANNEL.of(this, DType.FLOAT64), t -> t.mul(s), "0 of 1", 1e-14); // is made wider
        assertSame(Kind.ONE_CHANNEL.of(this, DType.FLOAT64), t -> t.mul(images), "0 of 1", 1e-14);
        assertSame(Kind.ONE_CHANNEL.of(this, DType.FLOAT64), t -> t.add(s).mul(s), "0 of 1", 1e-14);
    }

    @Test
    void aKernelLargerThanTheOutputIsLeftAlone() {
        BatchNorm norm = norm(DType.FLOAT64, 6);
        Tensor x = data(1, 30);
        Tensor w = data(30, 6);
        assertSame(x.matmul(w), t -> norm.apply(t, Pass.inference()), "0 of 1", 1e-14);
        assertSame(data(30, 30).matmul(w), t -> norm.apply(t, Pass.inference()), "1 of 1", 1e-14);
    }

    @Test
    void whatIsAskedForIsNotFolded() {
        BatchNorm norm = norm(DType.FLOAT64, 6);
        Tensor bias = data(6);
        Tensor y = Kind.PLAIN.of(this, DType.FLOAT64);
        assertThat(kernels(norm.apply(y, Pass.inference()), y)).isEqualTo("0 of 1");
        assertThat(kernels(norm.apply(y.add(bias), Pass.inference()), y.add(bias))).isEqualTo("0 of 1");
        Parameter kept = Parameter.state(Tensor.full(DType.FLOAT64, 0, 4, 7, 6, 6));
        Tensor z = norm.apply(y, Pass.inference());
        assertThat(kernels(List.of(z), List.of(new Update(kept, y)))).isEqualTo("0 of 1");
        assertThat(kernels(List.of(), List.of(new Update(kept, z)))).isEqualTo("1 of 1");
        assertThat(kernels(List.of(), List.of(new Update(kept, y.mul(bias))))).isEqualTo("1 of 1");
        engine.update(List.of(), List.of(new Update(kept, z)));
        engine.evaluate(y);
        double[] expected = norm.apply(y, Pass.inference()).toDoubles();
        assertThat(kept.value().toDoubles()).containsExactly(expected, within(1e-12));
    }

    @Test
    void trainingIsAsItWas() {
        BatchNorm norm = norm(DType.FLOAT64, 6);
        Parameter w = Parameter.of(data(3, 3, 3, 6));
        Tensor y = data(4, 9, 8, 3).conv(w.value(), new Conv());
        var pass = Pass.training(RandomKey.of(1));
        Tensor loss = norm.apply(y, pass).relu().square().mean();
        List<Update> updates = new ArrayList<>(pass.updates());
        for (Parameter p : List.of(w, norm.weight(), norm.bias())) {
            updates.add(new Update(p, p.value().sub(Gradients.of(loss, p.value()).mul(0.1))));
        }
        assertThat(kernels(List.of(loss), updates)).isEqualTo("0 of 1");

        // Frozen statistics: the gain's derivative reads the convolution's output.
        Tensor frozen = norm.apply(y, Pass.inference()).relu().square().mean();
        assertThat(kernels(frozen, Gradients.of(frozen, norm.weight().value()))).isEqualTo("0 of 1");
        Tensor g = Gradients.of(frozen, w.value());
        assertThat(kernels(frozen, g)).isEqualTo("1 of 1");
        engine.evaluate(frozen, g);
        Tensor apart = Gradients.of(norm.apply(y, Pass.inference()).relu().square().mean(), y);
        engine.evaluate(y, apart);
        Tensor expected = Gradients.of(y.mul(apart.stopGradient()).sum(), w.value());
        assertThat(g.toDoubles()).containsExactly(expected.toDoubles(), within(1e-12));
    }

    @Test
    void aWholeNetFolds() {
        Tensor x = data(DType.FLOAT32, 8, 12, 12, 3);
        Tensor exact = x.to(DType.FLOAT64);
        for (int in = 3, i = 0; i < 3; i++, in = 6) {
            Tensor w = data(DType.FLOAT32, 3, 3, in, 6);
            BatchNorm norm = norm(DType.FLOAT32, 6);
            Conv same = new Conv().padding(Padding.SAME);
            x = norm.apply(x.conv(w, same), Pass.inference()).relu();
            exact = wide(norm).apply(exact.conv(w.to(DType.FLOAT64), same), Pass.inference());
            engine.evaluate(exact);
            exact = exact.relu();
        }
        assertThat(kernels(x)).isEqualTo("3 of 3");
        engine.evaluate(x);
        double largest = exact.abs().max().item();
        assertThat(x.to(DType.FLOAT64).sub(exact).abs().max().item()).isLessThan(1e-6 * largest);
    }

    private static BatchNorm wide(BatchNorm norm) {
        return new BatchNorm(
                Parameter.of(norm.weight().value().to(DType.FLOAT64)),
                Parameter.of(norm.bias().value().to(DType.FLOAT64)),
                Parameter.state(norm.mean().value().to(DType.FLOAT64)),
                Parameter.state(norm.variance().value().to(DType.FLOAT64)),
                0.1,
                1e-5);
    }

    // Chains of what folds and what does not, some of it read twice or asked for, against one operation at a time.
    @Test
    void randomChainsAgree() {
        for (int seed = 0; seed < 150; seed++) {
            var random = new Random(seed);
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            Tensor y = kind.of(this, DType.FLOAT64);
            Tensor v = data(y.dim(-1));
            List<Tensor> whole = chain(new Random(seed), y, v);
            engine.evaluate(whole.toArray(Tensor[]::new));
            engine.evaluate(y);
            List<Tensor> apart = chain(new Random(seed), y, v);
            for (int i = 0; i < whole.size(); i++) {
                engine.evaluate(apart.get(i));
                double largest = Math.max(1, apart.get(i).abs().max().item());
                assertThat(whole.get(i).toDoubles())
                        .as("seed %d, result %d of %s", seed, i, kind)
                        .containsExactly(apart.get(i).toDoubles(), within(1e-12 * largest));
            }
        }
    }

    private static List<Tensor> chain(Random random, Tensor y, Tensor v) {
        List<Tensor> wanted = new ArrayList<>();
        Tensor t = y;
        for (int i = 0; i < 7; i++) {
            t =
                    switch (random.nextInt(10)) {
                        case 0, 1 -> t.mul(v);
                        case 2 -> t.add(v.expand(t.shape().dims()));
                        case 3 -> t.sub(v);
                        case 4 -> v.sub(t);
                        case 5 -> v.neg().mul(t);
                        case 6 -> t.mul(0.5);
                        case 7 -> random.nextInt(3) == 0 ? t.add(t.mul(v)) : t.sub(v.neg());
                        case 8 -> random.nextInt(3) == 0 ? t.relu() : t.add(1.5);
                        default -> t.mul(v.mul(v).add(v));
                    };
            if (random.nextInt(12) == 0) {
                wanted.add(t);
            }
        }
        wanted.add(t);
        return wanted;
    }
}
