package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.Arrays;

/// Checks of what agents do.
final class Required {
    private Required() {}

    /// The number of a discrete action.
    static int choice(Environment environment, int count, float... action) {
        int choice = action.length == 1 ? (int) action[0] : -1;
        if (choice < 0 || choice >= count || choice != action[0]) {
            throw new AdjointException(
                    environment.name()
                            + " takes one action from 0 to "
                            + (count - 1)
                            + ", got "
                            + Arrays.toString(action));
        }
        return choice;
    }

    /// The numbers of a continuous action, brought within its bounds.
    static float[] numbers(Environment environment, Actions.Continuous actions, float... action) {
        if (action.length != actions.width()) {
            throw new AdjointException(
                    environment.name() + " takes actions of " + actions.width() + " numbers, got " + action.length);
        }
        float[] within = new float[action.length];
        for (int i = 0; i < within.length; i++) {
            if (Float.isNaN(action[i])) {
                throw new AdjointException(environment.name() + " got an action that is no number (NaN)");
            }
            within[i] = Math.clamp(action[i], (float) actions.low(), (float) actions.high());
        }
        return within;
    }
}
