package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;

/// What all norms ask of their parameters.
final class NormParameters {
    private NormParameters() {}

    /// @param all one number for each channel each
    static void require(String norm, double epsilon, Parameter... all) {
        if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new AdjointException(norm + " needs a positive epsilon, got " + epsilon + ": the usual one is 1e-5");
        }
        for (Parameter p : all) {
            if (p.shape().rank() != 1 || !p.shape().equals(all[0].shape())) {
                throw new ShapeException(
                        norm
                                + " needs parameters of one number for each channel, got "
                                + p.shape()
                                + " beside "
                                + all[0].shape());
            }
        }
    }
}
