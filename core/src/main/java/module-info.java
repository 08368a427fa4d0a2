/// Adjoint: tensors, gradients, layers, optimisers and training.
module adjoint.core {
    requires java.desktop;
    requires java.net.http;
    requires static jdk.incubator.vector;
    requires tools.jackson.databind;

    exports adjoint.grad;
    exports adjoint.kernel;
    exports adjoint.plan;
    exports adjoint.tensor;
    exports adjoint.data;
    exports adjoint.doctor;
    exports adjoint.io;
    exports adjoint.nn;
    exports adjoint.optim;
    exports adjoint.text;
    exports adjoint.train;

    uses adjoint.kernel.KernelsProvider;
    uses adjoint.tensor.Evaluator;

    // META-INF/services says the same to programs that have Adjoint on the class path.
    provides adjoint.tensor.Evaluator with
            adjoint.plan.Engine;
}
