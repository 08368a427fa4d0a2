package adjoint.cli;

import adjoint.optim.Schedule;

/// The course of the learning rate, by name.
enum Rates {
    CONSTANT,
    COSINE,
    ONE_CYCLE;

    private static final double PEAK = 2; // a cycle's top above the rate given: its mean is about the rate itself

    Schedule over(double rate, long steps) {
        return steps == 1
                ? Schedule.constant(rate)
                : switch (this) { // a single step has no course
                    case CONSTANT -> Schedule.constant(rate);
                    case COSINE -> Schedule.cosine(rate, steps);
                    case ONE_CYCLE -> Schedule.oneCycle(PEAK * rate, steps);
                };
    }
}
