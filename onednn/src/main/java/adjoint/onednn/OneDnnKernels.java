package adjoint.onednn;

import adjoint.kernel.Kernel;
import adjoint.kernel.Kernels;
import adjoint.kernel.Step;

import java.lang.System.Logger.Level;

/// Kernels on oneDNN: float matrix products and convolutions with one or two spatial axes; all other steps, and those so small
/// that a native call costs more than it gains, are left to another machine.
public final class OneDnnKernels implements Kernels {
    private final Dnnl dnnl;
    private final Kernels others;

    OneDnnKernels(Dnnl dnnl, Kernels others) {
        this.dnnl = dnnl;
        this.others = others;
    }

    @Override
    public Kernel prepare(Step step) {
        if (others.hasShortcut(step)) {
            return others.prepare(step);
        }
        Kernel mine = null;
        try {
            mine =
                    switch (step) {
                        case Step.Product product -> NativeProduct.prepare(dnnl, product);
                        case Step.Convolution convolution -> NativeConvolution.prepare(dnnl, convolution);
                        default -> null;
                    };
        } catch (OneDnnException e) {
            System.getLogger("adjoint.onednn").log(Level.DEBUG, "left to " + others.description(), e);
        }
        return mine != null ? mine : others.prepare(step);
    }

    @Override
    public String description() {
        return "oneDNN %s, others %s".formatted(dnnl.version(), others.description());
    }
}
