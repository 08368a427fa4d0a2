package adjoint.plan;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.grad.GradientException;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.kernel.ReferenceKernels;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random graphs, planned as a whole and computed one operation at a time: the numbers must be the same. In float64 on the reference
/// machine, where fusing changes no rounding but that of sums.
class PlannerFuzzTest {
    private static final int GRAPHS = 60;
    private static final int OPERATIONS = 40;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void plannedAndStepwiseAgree(long seed) {
        var random = new Random(seed);
        for (int g = 0; g < GRAPHS; g++) {
            var engine = new Engine(new ReferenceKernels(), 1 + random.nextInt(3));
            long graphSeed = random.nextLong();
            List<Parameter> parameters = parameters(new Random(graphSeed));
            List<Tensor> whole = graph(new Random(graphSeed), parameters, false);
            List<Tensor> stepwise = graph(new Random(graphSeed), parameters, true);

            List<Tensor> wanted = new ArrayList<>();
            List<double[]> expected = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int k = random.nextInt(whole.size());
                wanted.add(whole.get(k));
                expected.add(stepwise.get(k).toDoubles());
            }
            Tensor loss = scalar(whole);
            List<Update> updates = new ArrayList<>();
            List<double[]> values = new ArrayList<>();
            Tensor stepwiseLoss = scalar(stepwise);
            for (Parameter p : parameters) {
                try {
                    Tensor next = p.value().sub(Gradients.of(loss, p.value()).mul(0.125));
                    values.add(p.value().sub(Gradients.of(stepwiseLoss, p.value()).mul(0.125)).toDoubles());
                    updates.add(new Update(p, next));
                } catch (GradientException e) { // this graph does not use the parameter
                    assertThat(e.getMessage()).containsAnyOf("does not depend", "cut");
                }
            }
            engine.update(wanted, updates);
            for (int i = 0; i < wanted.size(); i++) {
                assertClose(wanted.get(i).toDoubles(), expected.get(i), seed, g);
            }
            for (int i = 0; i < updates.size(); i++) {
                assertClose(updates.get(i).target().value().toDoubles(), values.get(i), seed, g);
            }
        }
    }

    private static void assertClose(double[] actual, double[] expected, long seed, int graph) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            double scale = Math.max(1, Math.abs(expected[i]));
            assertThat(actual[i] - expected[i])
                    .as("seed %d, graph %d, element %d: %s and %s", seed, graph, i, actual[i], expected[i])
                    .isBetween(-1e-9 * scale, 1e-9 * scale);
        }
    }

    private static List<Parameter> parameters(Random random) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            parameters.add(Parameter.of(data(random, shape(random))));
        }
        return parameters;
    }

    private static int[] shape(Random random) {
        int[] extents = {1, 2, 3, 4};
        int[] dims = new int[1 + random.nextInt(3)];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = extents[random.nextInt(extents.length)];
        }
        return dims;
    }

    private static Tensor data(Random random, int... dims) {
        int n = 1;
        for (int d : dims) {
            n *= d;
        }
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = random.nextGaussian();
        }
        return Tensor.of(values, dims);
    }

    private static Tensor scalar(List<Tensor> tensors) {
        Tensor sum = Tensor.full(DType.FLOAT64, 0);
        for (Tensor t : tensors.subList(Math.max(0, tensors.size() - 6), tensors.size())) {
            sum = sum.add(t.tanh().sum());
        }
        return sum;
    }

    // Later tensors are made of earlier ones; with `stepwise` each is read, and so is a leaf of the next.
    private static List<Tensor> graph(Random random, List<Parameter> parameters, boolean stepwise) {
        List<Tensor> made = new ArrayList<>();
        parameters.forEach(p -> made.add(p.value()));
        made.add(data(random, 3, 4));
        while (made.size() < OPERATIONS) {
            Tensor x = made.get(random.nextInt(made.size()));
            Tensor y = made.get(random.nextInt(made.size()));
            Tensor next = operation(random, x, y);
            if (next.shape().size() <= 500) {
                if (stepwise) {
                    next.toDoubles();
                }
                made.add(next);
            }
        }
        return made;
    }

    private static Tensor operation(Random random, Tensor x, Tensor y) {
        int axis = x.shape().rank() == 0 ? 0 : random.nextInt(x.shape().rank());
        boolean scalar = x.shape().rank() == 0;
        return switch (random.nextInt(scalar ? 8 : 24)) {
            case 0 -> x.tanh();
            case 1 -> x.sin().mul(x);
            case 2 -> x.neg().sub(1);
            case 3 -> x.relu();
            case 4 -> broadcastable(x, y) ? x.add(y) : x.square().tanh();
            case 5 -> broadcastable(x, y) ? x.mul(y).tanh() : x.sigmoid();
            case 6 -> broadcastable(x, y) ? Tensor.where(x.lt(y), x, y) : x.mul(0.3);
            case 7 -> x.add(1).sub(x.mul(2));
            case 8 -> x.sum(axis);
            case 9 -> x.max(axis);
            case 10 -> x.logSumExp(axis);
            case 11 -> x.softmax(axis);
            case 12 -> x.flip(axis);
            case 13 -> x.transpose(0, axis);
            case 14 -> x.reshape(-1);
            case 15 -> x.unsqueeze(axis);
            case 16 -> x.slice(axis, 0, (x.dim(axis) + 1) / 2);
            case 17 -> x.pad(axis, 1, 0);
            case 18 -> Tensor.concat(axis, x, x.cos());
            case 19 -> x.cumsum(axis);
            case 20 -> x.unsqueeze(0).expand(x.shape().insert(0, 2).dims());
            case 21 -> x.shape().rank() < 2 ? x.dot(x).tanh() : x.matmul(x.t()).tanh();
            case 22 -> x.gather(axis, Tensor.of(new int[] {0, x.dim(axis) - 1, 0}, 3));
            default -> x.sub(x.mean(axis).unsqueeze(axis)).mul(x);
        };
    }

    private static boolean broadcastable(Tensor x, Tensor y) {
        int rank = Math.min(x.shape().rank(), y.shape().rank());
        for (int i = 1; i <= rank; i++) {
            if (x.dim(-i) != y.dim(-i) && x.dim(-i) != 1 && y.dim(-i) != 1) {
                return false;
            }
        }
        return true;
    }
}
