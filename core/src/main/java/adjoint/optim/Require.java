package adjoint.optim;

import adjoint.tensor.AdjointException;

/// Checks of settings: each returns the value or refuses it with a sentence.
final class Require {
    private Require() {}

    static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new AdjointException(what + " must be a finite number above 0, got " + value);
        }
        return value;
    }

    static double nonNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new AdjointException(what + " must be a finite number, 0 or above, got " + value);
        }
        return value;
    }

    static double belowOne(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new AdjointException(what + " must be in [0, 1), got " + value);
        }
        return value;
    }

    static long atLeastOne(String what, long value) {
        if (value < 1) {
            throw new AdjointException(what + " must be 1 or more, got " + value);
        }
        return value;
    }
}
