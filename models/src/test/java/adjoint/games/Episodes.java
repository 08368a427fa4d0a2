package adjoint.games;

import java.util.function.DoubleSupplier;

/// Episodes for tests.
final class Episodes {
    private Episodes() {}

    /// The mean return of so many episodes, cut off at the environment's limit.
    static double meanReturn(Environment environment, DoubleSupplier policy, int episodes) {
        double sum = 0;
        for (int i = 0; i < episodes; i++) {
            environment.reset(Chance.of(1, i));
            for (int t = 0; t < environment.limit(); t++) {
                var outcome = environment.step((float) policy.getAsDouble());
                sum += outcome.reward();
                if (outcome.terminal()) {
                    break;
                }
            }
        }
        return sum / episodes;
    }

    /// What is observed now.
    static float[] observed(Environment environment) {
        float[] observed = new float[(int) environment.observation().size()];
        environment.observe(observed, 0);
        return observed;
    }
}
