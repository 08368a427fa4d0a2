package adjoint.optim;

import adjoint.tensor.AdjointException;

/// The learning rate by step: absolute, not a multiplier. Steps count updates, from 0.
///
/// ```java
/// Schedule rate = Schedule.cosine(3e-4, 10_000).warmup(500);
/// ```
///
/// A schedule is a function of the step alone, so a resumed training continues with the same rates. ([PlateauSchedule]
/// also depends on what it was told.) Names in brackets are PyTorch's for the same numbers.
@FunctionalInterface
public interface Schedule {
    /// The rate of a step, 0 or above.
    double rate(long step);

    /// Always the same.
    static Schedule constant(double rate) {
        Require.positive("a learning rate", rate);
        return step -> rate;
    }

    /// `rate · factor^⌊step / every⌋` (`StepLR`)
    static Schedule step(double rate, long every, double factor) {
        checked(rate, every);
        Require.positive("the factor of a schedule", factor);
        return step -> rate * Math.pow(factor, Math.floorDiv(step, every));
    }

    /// The rate multiplied by a factor at each of some steps (`MultiStepLR`).
    ///
    /// @param milestones the steps, rising
    static Schedule milestones(double rate, double factor, long... milestones) {
        Require.positive("a learning rate", rate);
        Require.positive("the factor of a schedule", factor);
        long[] at = milestones.clone();
        for (int i = 0; i < at.length; i++) {
            if (at[i] <= (i == 0 ? 0 : at[i - 1])) {
                throw new AdjointException(
                        "milestones must rise, from 1 at least, got " + java.util.Arrays.toString(at));
            }
        }
        return step -> rate * Math.pow(factor, java.util.Arrays.stream(at).filter(m -> m <= step).count());
    }

    /// `rate · factor^step` (`ExponentialLR`)
    static Schedule exponential(double rate, double factor) {
        Require.positive("a learning rate", rate);
        Require.positive("the factor of a schedule", factor);
        return step -> rate * Math.pow(factor, step);
    }

    /// Down to 0 along half a cosine in so many steps, and 0 from then on.
    static Schedule cosine(double rate, long steps) {
        return cosine(rate, steps, 0);
    }

    /// `floor + (rate - floor) (1 + cos(π step / steps)) / 2`, and the floor from then on (`CosineAnnealingLR`;
    /// Loshchilov & Hutter 2017, eq. 5).
    static Schedule cosine(double rate, long steps, double floor) {
        checked(rate, steps);
        Require.nonNegative("the floor of a schedule", floor);
        return step -> halfCosine(rate, floor, (double) Math.min(step, steps) / steps);
    }

    /// A cosine that starts anew after `steps`, each time lasting `multiplier` times as long
    /// (`CosineAnnealingWarmRestarts`; SGDR).
    static Schedule cosineRestarts(double rate, long steps, int multiplier, double floor) {
        checked(rate, steps);
        Require.atLeastOne("the multiplier of a schedule", multiplier);
        Require.nonNegative("the floor of a schedule", floor);
        return step -> {
            long length = steps;
            long left = multiplier == 1 ? step % steps : step;
            while (left >= length) {
                left -= length;
                length *= multiplier;
            }
            return halfCosine(rate, floor, (double) left / length);
        };
    }

    /// [#oneCycle(double, long, double, double, double)] with a rise of 0.3 and the divisors 25 and 10⁴.
    static Schedule oneCycle(double top, long steps) {
        return oneCycle(top, steps, 0.3, 25, 1e4);
    }

    /// Up along half a cosine and further down along another (`OneCycleLR`; Smith & Topin 2018).
    ///
    /// @param top the highest rate
    /// @param steps how many steps in all; the lowest rate at the last, also where that is the only one, and from then on
    /// @param rise the share of the steps that rise, in [0, 1)
    /// @param first the first rate is `top / first`
    /// @param last the last rate is `top / first / last`
    static Schedule oneCycle(double top, long steps, double rise, double first, double last) {
        checked(top, steps);
        Require.belowOne("the rising share of a cycle", rise);
        double start = top / Require.positive("the first divisor of a cycle", first);
        double end = start / Require.positive("the last divisor of a cycle", last);
        double summit = Math.max(0, rise * steps - 1);
        return step -> {
            if (step < summit) {
                return halfCosine(start, top, step / summit);
            }
            return step >= steps - 1 ? end : halfCosine(top, end, (step - summit) / (steps - 1 - summit));
        };
    }

    /// `rate · (1 - step / steps)^power`, and 0 from then on (`PolynomialLR`). A power of 1 is a straight line.
    static Schedule polynomial(double rate, long steps, double power) {
        checked(rate, steps);
        Require.positive("the power of a schedule", power);
        return step -> rate * Math.pow(1 - (double) Math.min(step, steps) / steps, power);
    }

    /// The same, with the first rates multiplied by `1/steps, 2/steps … 1` (Goyal et al. 2017, section 2.2). Nothing is
    /// shifted: a cosine of 1000 steps still ends at step 1000.
    default Schedule warmup(long steps) {
        Require.atLeastOne("the steps of a warm-up", steps);
        return step -> rate(step) * Math.min(1, (step + 1.0) / steps);
    }

    /// This for so many steps, and then another from its beginning (`SequentialLR`).
    default Schedule then(long steps, Schedule other) {
        Require.atLeastOne("the steps of a schedule", steps);
        return step -> step < steps ? rate(step) : other.rate(step - steps);
    }

    /// The same, multiplied.
    default Schedule times(double factor) {
        Require.positive("the factor of a schedule", factor);
        return step -> rate(step) * factor;
    }

    private static void checked(double rate, long steps) {
        Require.positive("a learning rate", rate);
        Require.atLeastOne("the steps of a schedule", steps);
    }

    private static double halfCosine(double from, double to, double share) {
        return to + (from - to) * (1 + Math.cos(Math.PI * share)) / 2;
    }
}
