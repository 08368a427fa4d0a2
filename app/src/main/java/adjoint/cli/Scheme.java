package adjoint.cli;

import adjoint.nn.Activation;
import adjoint.nn.Init;

/// Schemes for first weights on the command line.
enum Scheme {
    /// He normal with the activation's gain.
    HE,
    /// Xavier normal.
    XAVIER,
    /// Orthogonal with the activation's gain.
    ORTHOGONAL,
    /// LeCun normal.
    LECUN,
    /// Normal numbers of 0.01, as they were once usual.
    NAIVE,
    /// Zeros: nothing is learned.
    ZERO;

    Init.Scheme of(Activation activation) {
        return switch (this) {
            case HE -> Init.heNormal(activation.gain());
            case XAVIER -> Init.xavierNormal();
            case ORTHOGONAL -> Init.orthogonal(activation.gain());
            case LECUN -> Init.lecunNormal();
            case NAIVE -> Init.normal(0.01);
            case ZERO -> Init.zeros();
        };
    }
}
