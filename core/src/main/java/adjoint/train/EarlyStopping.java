package adjoint.train;

import adjoint.tensor.AdjointException;

/// Ends a training that no longer gets better.
///
/// @param metric whose improvement counts: `test.loss`
/// @param patience how many epochs in a row may bring none
public record EarlyStopping(String metric, int patience) {
    /// @throws AdjointException if the patience is less than 1
    public EarlyStopping {
        if (patience < 1) {
            throw new AdjointException("early stopping needs a patience of 1 or more epochs, got " + patience);
        }
    }
}
