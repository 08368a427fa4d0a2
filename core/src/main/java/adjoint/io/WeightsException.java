package adjoint.io;

import adjoint.tensor.AdjointException;

/// Weights that do not fit the parameters they were to be loaded into. Nothing was changed.
public final class WeightsException extends AdjointException {
    private static final long serialVersionUID = 1L;

    private final transient WeightsReport report;

    WeightsException(String message, WeightsReport report) {
        super(message);
        this.report = report;
    }

    /// What does not fit.
    public WeightsReport report() {
        return report;
    }
}
