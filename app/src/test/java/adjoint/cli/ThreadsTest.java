package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.kernel.MachineKernels;
import adjoint.models.Gpt;
import adjoint.models.LeNet;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.plan.Engine;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Whole networks, large enough for steps to be shared, with native kernels: the bits are the same on any number of threads.
class ThreadsTest {
    private static final int STEPS = 3;

    private static List<float[]> trained(Supplier<Layer> network, Tensor x, Tensor y, int threads) {
        Layer model = network.get();
        try (var engine = new Engine(threads)) {
            var optimizer = new Optimizer(Adam.rate(1e-3), model.parameters()).on(engine);
            for (int i = 0; i < STEPS; i++) {
                Pass pass = Pass.training(RandomKey.of(i));
                optimizer.step(Loss.crossEntropy(model.apply(x, pass), y), pass.updates());
            }
        }
        List<float[]> weights = new ArrayList<>();
        model.parameters().values().forEach(p -> weights.add(p.value().toFloats()));
        return weights;
    }

    private static void sameBits(Supplier<Layer> network, Tensor x, Tensor y) {
        assumeTrue(
                MachineKernels.standard().description().contains("oneDNN"), "there are no native kernels to compare");
        List<float[]> alone = trained(network, x, y, 1);
        for (int threads : new int[] {2, 3, 7}) {
            List<float[]> together = trained(network, x, y, threads);
            for (int i = 0; i < alone.size(); i++) {
                assertThat(together.get(i)).as("parameter %d with %d threads", i, threads).isEqualTo(alone.get(i));
            }
        }
    }

    @Test
    void ofAConvolutionalNetworkWithNormsAndDropout() {
        var random = new SplittableRandom(1);
        int[] labels = random.ints(64, 0, 10).toArray();
        sameBits(
                () ->
                        new LeNet(
                                28,
                                1,
                                10,
                                new LeNet.Form().channels(32, 64).hidden(256).norm(true).dropout(0.2),
                                Init.seeded(1)),
                Tensor.normal(RandomKey.of(1), 64, 28, 28, 1),
                Tensor.of(labels));
    }

    @Test
    void ofALanguageModel() {
        var random = new SplittableRandom(2);
        int[] ids = random.ints(8 * 64, 0, 65).toArray();
        int[] next = random.ints(8 * 64, 0, 65).toArray();
        sameBits(
                () -> new Gpt(new Gpt.Form(65, 64).dropout(0.1), Init.seeded(1)),
                Tensor.of(ids, 8, 64),
                Tensor.of(next, 8, 64));
    }
}
