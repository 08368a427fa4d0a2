package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.data.Batch;
import adjoint.data.Digits;
import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.Adam;
import adjoint.optim.Optimizer;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.stream.IntStream;

/// What every model is checked for.
final class Checks {
    static final Init FLOAT64 = Init.seeded(1).type(DType.FLOAT64);

    /// For counting: what the weights are does not matter.
    static final Init ZEROS = Init.seeded(1).with(Init.zeros());

    private Checks() {}

    /// Random images `[n, side, side, channels]`.
    static Tensor images(int n, int side, int channels) {
        return Tensor.normal(RandomKey.of(7), n, side, side, channels);
    }

    /// In training, for parameters in float64.
    static void gradients(Layer model, Tensor x) {
        var result =
                GradientCheck.of(
                        in -> model.apply(in.getFirst(), Pass.training(RandomKey.of(0))),
                        model.parameters().values(),
                        x.to(DType.FLOAT64));
        assertThat(result.passed()).as("%s", result).isTrue();
    }

    /// A batch of 32 digits, `[32, 28, 28, 1]`, with an empty border around.
    static Batch digits(int border) {
        var batch = Digits.train(1).batch(IntStream.range(0, 32).toArray());
        return new Batch(batch.x().to(DType.FLOAT32).pad(1, border, border).pad(2, border, border), batch.y());
    }

    /// Twenty steps of Adam on one small batch halve the loss.
    static void learns(Layer model, Batch batch) {
        var optimizer = new Optimizer(Adam.rate(1e-2), model.parameters());
        double first = 0;
        double last = 0;
        for (int i = 0; i < 20; i++) {
            var pass = Pass.training(RandomKey.of(i));
            Tensor loss = Loss.crossEntropy(model.apply(batch.x(), pass), batch.y());
            optimizer.step(loss, pass.updates());
            last = loss.item();
            first = i == 0 ? last : first;
        }
        assertThat(last).as("from %s", first).isLessThan(first / 2);
    }
}
