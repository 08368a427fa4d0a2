package adjoint.onednn;

import adjoint.kernel.Kernel;
import adjoint.kernel.Step;

/// [Step.Convolution] on oneDNN.
final class NativeConvolution {
    private NativeConvolution() {}

    static Kernel prepare(Dnnl dnnl, Step.Convolution step) {
        return null;
    }
}
