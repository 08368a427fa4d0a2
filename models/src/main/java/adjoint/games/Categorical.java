package adjoint.games;

import adjoint.kernel.DType;
import adjoint.tensor.Tensor;

import java.util.random.RandomGenerator;

/// One of some actions.
///
/// @param numbers logits, `[N, A]`
record Categorical(Tensor numbers) implements Choice {
    @Override
    public float[] draw(RandomGenerator random) {
        int choices = numbers.dim(1);
        float[] logits = numbers.toFloats();
        float[] actions = new float[numbers.dim(0)];
        for (int i = 0; i < actions.length; i++) {
            // The greatest of logits with Gumbel noise is distributed as the softmax says.
            double most = Double.NEGATIVE_INFINITY;
            for (int a = 0; a < choices; a++) {
                double x = logits[i * choices + a] - Math.log(-Math.log(1 - random.nextDouble()));
                if (x > most) {
                    most = x;
                    actions[i] = a;
                }
            }
        }
        return actions;
    }

    @Override
    public float[] likeliest() {
        return numbers.argmax(1).toFloats();
    }

    @Override
    public Tensor logProbability(Tensor actions) {
        return numbers.logSoftmax(1).takeAlongAxis(1, actions.to(DType.INT32)).squeeze(1);
    }

    @Override
    public Tensor entropy() {
        return numbers.softmax(1).mul(numbers.logSoftmax(1)).sum(1).mean().neg();
    }
}
