package adjoint.lab;

import adjoint.plan.Engine;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/// How an experiment is to be done.
///
/// @param size how much of it
/// @param seed of first weights and of the order of examples
/// @param epochs how long to train at most, for those that ask
/// @param depths layers of the networks to compare, ascending, for those that ask; empty: its own
/// @param engine computes
/// @param peakMemory the most memory that the program has used so far, in MiB
/// @param progress told what is being done
public record Setting(
        Size size,
        long seed,
        OptionalInt epochs,
        List<Integer> depths,
        Engine engine,
        DoubleSupplier peakMemory,
        Consumer<String> progress) {

    /// How much of an experiment is done.
    public enum Size {
        /// A few steps, only to see that it runs: the results say nothing.
        QUICK,
        /// Some minutes.
        SHORT,
        /// As large as the paper's, or as large as makes sense: up to hours.
        FULL
    }

    /// One of three by the size.
    <T> T choose(T quick, T usual, T full) {
        return switch (size) {
            case QUICK -> quick;
            case SHORT -> usual;
            case FULL -> full;
        };
    }

    void say(String format, Object... args) {
        progress.accept(Text.of(format, args));
    }
}
