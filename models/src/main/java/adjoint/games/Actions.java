package adjoint.games;

import adjoint.tensor.AdjointException;

import java.util.random.RandomGenerator;

/// What an agent can do in an [Environment].
public sealed interface Actions {
    /// Of how many numbers an action consists: of a discrete one, 1, its number.
    int width();

    /// An action by pure chance.
    default float[] drawn(RandomGenerator random) {
        float[] action = new float[width()];
        for (int i = 0; i < action.length; i++) {
            action[i] =
                    switch (this) {
                        case Discrete d -> random.nextInt(d.count);
                        case Continuous c -> (float) random.nextDouble(c.low, c.high);
                    };
        }
        return action;
    }

    /// One of some, by number.
    ///
    /// @param count how many there are
    record Discrete(int count) implements Actions {
        /// @throws AdjointException if there is none
        public Discrete {
            if (count < 1) {
                throw new AdjointException("there must be 1 action or more, got " + count);
            }
        }

        @Override
        public int width() {
            return 1;
        }
    }

    /// Numbers within bounds; what lies outside is taken as the bound.
    ///
    /// @param width how many numbers
    /// @param low the least of each
    /// @param high the greatest of each
    record Continuous(int width, double low, double high) implements Actions {
        /// @throws AdjointException if there is no number, or nothing between the bounds
        public Continuous {
            if (width < 1 || !(low < high)) {
                throw new AdjointException(
                        "an action needs 1 number or more, with bounds that differ, got "
                                + width
                                + " from "
                                + low
                                + " to "
                                + high);
            }
        }
    }
}
