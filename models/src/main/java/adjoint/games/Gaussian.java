package adjoint.games;

import adjoint.tensor.Tensor;

import java.util.random.RandomGenerator;

/// Numbers, each normally distributed by itself.
///
/// @param numbers means, `[N, A]`
/// @param logDeviation of each number, `[A]`
record Gaussian(Tensor numbers, Tensor logDeviation) implements Choice {
    private static final double LOG_ROOT_2PI = 0.5 * Math.log(2 * Math.PI);

    @Override
    public float[] draw(RandomGenerator random) {
        float[] logs = logDeviation.toFloats();
        float[] actions = numbers.toFloats();
        for (int i = 0; i < actions.length; i++) {
            actions[i] += (float) (Math.exp(logs[i % logs.length]) * random.nextGaussian());
        }
        return actions;
    }

    @Override
    public float[] likeliest() {
        return numbers.toFloats();
    }

    @Override
    public Tensor logProbability(Tensor actions) {
        Tensor z = actions.sub(numbers).mul(logDeviation.neg().exp()); // [N, A]
        return z.square().mul(-0.5).sub(logDeviation).sub(LOG_ROOT_2PI).sum(1);
    }

    @Override
    public Tensor entropy() {
return logDeviation.add(LOG_ROOT_2PI + 0.5).sum(); // ½ log(2πe σ²) for each number
    }
}
