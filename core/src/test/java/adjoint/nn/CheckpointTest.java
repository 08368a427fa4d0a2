package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.grad.GradientCheck;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.plan.Engine;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class CheckpointTest {
    private static final RandomKey KEY = RandomKey.of(5);

    // The same weights with and without checkpoints.
    private static List<Layer> twins(int blocks, int width) {
        List<Layer> plain = new ArrayList<>();
        List<Layer> checkpoints = new ArrayList<>();
        var init = Init.seeded(1);
        for (int i = 0; i < blocks; i++) {
            Layer block =
                    new Residual(
                            Sequential.of(
                                    new LayerNorm(width, init),
                                    new Linear(width, 4 * width, init),
                                    new Dropout(0.1),
                                    Activation.GELU,
                                    new Linear(4 * width, width, init)));
            plain.add(block);
            checkpoints.add(Checkpoint.of(block));
        }
        return List.of(Sequential.of(plain.toArray(Layer[]::new)), Sequential.of(checkpoints.toArray(Layer[]::new)));
    }

    private static List<Tensor> derivatives(Layer model, Tensor x) {
        List<Tensor> asked = new ArrayList<>(model.parameters().values().stream().map(Parameter::value).toList());
        asked.add(x);
        Tensor loss = model.apply(x, Pass.training(KEY)).square().mean();
        List<Tensor> all = new ArrayList<>(List.of(loss));
        all.addAll(Gradients.of(loss, asked));
        return all;
    }

    @Test
    void givesTheSameBitsInLessMemory() {
        List<Layer> twins = twins(12, 16);
        Tensor x = Tensor.normal(KEY, 64, 16);
        x.read();
        List<Tensor> plain = derivatives(twins.get(0), x);
        List<Tensor> recomputed = derivatives(twins.get(1), x);
        var engine = new Engine(2);
        long before = engine.plan(plain, List.of()).arenaBytes();
        long after = engine.plan(recomputed, List.of()).arenaBytes();
        assertThat(after).as("%d bytes instead of %d", after, before).isLessThan(before / 2);
        engine.evaluate(plain.toArray(Tensor[]::new));
        engine.evaluate(recomputed.toArray(Tensor[]::new));
        for (int i = 0; i < plain.size(); i++) {
            assertThat(Arrays.equals(plain.get(i).toFloats(), recomputed.get(i).toFloats()))
                    .as("result %d", i)
                    .isTrue();
        }
    }

    @Test
    void runningStatisticsMoveOnce() {
        var norm = new BatchNorm(3, Init.seeded(1));
        Tensor x = Tensor.normal(KEY, 8, 3);
        var pass = Pass.training(KEY);
        Tensor loss = Checkpoint.of(norm).apply(x, pass).square().sum();
        Gradients.of(loss, norm.weight().value());
        assertThat(pass.updates()).hasSize(2);
    }

    @Test
    void derivativesOfSecondOrder() {
        Init init = Init.seeded(3).type(DType.FLOAT64);
        Layer inner = Sequential.of(new Linear(4, 5, init), Activation.TANH, new Linear(5, 4, init));
        Layer model = Sequential.of(Checkpoint.of(inner), Activation.SIGMOID, Checkpoint.of(inner)); // shared weights
        Tensor x = Tensor.normal(KEY, 3, 4);
        var result =
                GradientCheck.of(in -> model.apply(in.getFirst(), Pass.training(KEY)), model.parameters().values(), x);
        assertThat(result.passed()).as("%s", result).isTrue();
    }
}
