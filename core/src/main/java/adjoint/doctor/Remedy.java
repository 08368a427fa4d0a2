package adjoint.doctor;

import java.util.function.UnaryOperator;

/// Something that could help.
///
/// @param kind what sort
/// @param name in words: `batch norm in front of each activation`
/// @param code the change to make in code
/// @param change makes it, without touching the weights of the training that it is given
public record Remedy(Kind kind, String name, String code, UnaryOperator<Patient> change) {
    /// What sort of remedy.
    public enum Kind {
        /// Nothing: for comparison.
        NONE,
        INITIALISATION,
        ACTIVATION,
        BATCH_NORM,
        RESIDUAL,
        HIGHER_RATE,
        LOWER_RATE,
        CLIPPING,
        WARM_UP
    }
}
