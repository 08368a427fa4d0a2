package adjoint.onednn;

import adjoint.kernel.Kernel;
import adjoint.kernel.Kernels;
import adjoint.kernel.Step;
import adjoint.kernel.VectorKernels;

import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Kernels on oneDNN: float matrix products and convolutions with one or two spatial axes; all other steps, and those so small
/// that a native call costs more than it gains, are left to another machine.
public final class OneDnnKernels implements Kernels {
    private static final String LOGGER = "adjoint.onednn";

    private final Dnnl dnnl;
    private final Kernels others;
    private final Set<Class<?>> told = ConcurrentHashMap.newKeySet(); // a kind of step, once

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
                        case Step.Product product -> NativeProduct.prepare(dnnl, product, haveVectors());
                        case Step.Convolution convolution -> NativeConvolution.prepare(dnnl, convolution);
                        default -> null;
                    };
        } catch (UnsupportedOperationException e) {
            System.getLogger(LOGGER).log(Level.DEBUG, "left to " + others.description(), e);
        } catch (OneDnnException e) {
            if (told.add(step.getClass())) {
                System.getLogger(LOGGER)
                        .log(
                                Level.WARNING,
                                "oneDNN refused a %s of %s, which may take twice as long with the %s kernels, and perhaps others: %s"
                                        .formatted(
                                                step.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                                                shapes(step),
                                                others.description(),
                                                e.getMessage()));
            }
        }
        return mine != null ? mine : others.prepare(step);
    }

    @Override
    public boolean wantsRows(Step.Product product) {
        return haveVectors() && NativeProduct.wantsRows(dnnl, product);
    }

    @Override
    public boolean isSettled() {
        return others.isSettled();
    }

    private boolean haveVectors() {
        return others instanceof VectorKernels;
    }

    private static String shapes(Step step) {
        return Stream.concat(step.sources().stream(), step.targets().stream())
                .map(v -> Arrays.toString(v.dims()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public String description() {
        return "oneDNN %s, others %s".formatted(dnnl.version(), others.description());
    }
}
