package adjoint.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.Optional;

/// What all groups of options share: how they refuse what was given.
abstract class OptionGroup {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    final ParameterException refusal(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    final void require(boolean holds, String message) {
        if (!holds) {
            throw refusal(message);
        }
    }

    final boolean given(String option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    final void atLeastOne(String option, Optional<Integer> value) {
        value.ifPresent(n -> atLeastOne(option, n));
    }

    final void atLeastOne(String option, int n) {
        require(n >= 1, option + " needs 1 or more, got " + n);
    }

    final void within(String option, Optional<Integer> value, int most) {
        value.ifPresent(n -> within(option, n, most));
    }

    final void within(String option, long n, long most) {
        require(n >= 1 && n <= most, option + " needs 1 to " + most + ", got " + n);
    }

    final void positive(String option, Optional<Double> value) {
        value.ifPresent(x -> positive(option, x));
    }

    final void positive(String option, double x) {
        require(x > 0 && x < Double.POSITIVE_INFINITY, option + " needs a number above 0, got " + Words.number(x));
    }

    final void notNegative(String option, double x) {
        require(
                x >= 0 && x < Double.POSITIVE_INFINITY,
                option + " needs a number of 0 or more, got " + Words.number(x));
    }
}
