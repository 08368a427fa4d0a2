package adjoint.onednn;

import adjoint.kernel.Kernel;
import adjoint.kernel.Kernels;
import adjoint.kernel.Step;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Kernels on oneDNN: float matrix products and convolutions with one or two spatial axes; all other steps, and those so small
/// that a native call costs more than it gains, are left to another machine.
public final class OneDnnKernels implements Kernels {
    private final Dnnl dnnl;
    private final Kernels others;
    private final Set<String> told = ConcurrentHashMap.newKeySet(); // each cause once

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
            if (told.add(String.valueOf(e.getMessage()))) {
                System.getLogger("adjoint.onednn")
                        .log(
                                Level.WARNING,
                                "oneDNN refused a step, which may take twice as long with the %s kernels: %s"
                                        .formatted(others.description(), e.getMessage()));
            }
        }
        return mine != null ? mine : others.prepare(step);
    }

    @Override
    public String description() {
        return "oneDNN %s, others %s".formatted(dnnl.version(), others.description());
    }
}
